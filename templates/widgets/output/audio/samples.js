/** @import {Flaw, Tensor} from '../../../runtime/page/types.js' */
/** @import {Sound} from '../../../runtime/page/sound/wav.js' */
import { load } from '../../../runtime/page/sound/wav.js';

/** As a sample is heard and kept: cut off above 1, silent where it is no number. @param {unknown} value */
const heard = (value) => Math.max(-1, Math.min(1, Number(value))) || 0;

/** @param {Tensor} tensor of batch, samples and perhaps channels */
export const samplesOf = ({ data }) => Float32Array.from(data, heard);

/**
 * An answer as a sound; of one that the build made a file of, the file's.
 *
 * @param {Tensor} tensor
 * @param {number} rate
 * @returns {Promise<Sound>}
 */
export async function soundOf(tensor, rate) {
  const { sound, shape } = tensor;
  const samples = sound ? (await load(sound, true)).samples.map(heard) : samplesOf(tensor);
  return { samples, rate, channels: shape[2] ?? 1 };
}

/** Why it is not heard as it is (bundler/heads/audio.py says the same). @param {Tensor} tensor @returns {Flaw} */
export function flawOf({ data, flaw }) {
  if (flaw !== undefined) return flaw;
  const samples = Array.from(data, Number);
  if (!samples.length) return 'empty';
  if (samples.some(Number.isNaN)) return 'numberless';
  return samples.some((value) => Math.abs(value) > 1) ? 'loud' : '';
}
