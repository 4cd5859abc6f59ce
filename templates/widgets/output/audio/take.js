/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import { write } from '../../../runtime/page/sound/wav.js';
import { soundOf } from './samples.js';

/** A WAV file of 16 bits, which every program reads. @param {Tensor} tensor @param {Output} output */
export async function wav(tensor, { options }) {
  const file = write(await soundOf(tensor, options.sample_rate), false);
  return new Blob([/** @type {BlobPart} */ (file)], { type: 'audio/wav' });
}
