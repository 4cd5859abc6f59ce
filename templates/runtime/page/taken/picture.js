/** @import {Tensor} from '../types.js' */
import { encodePng } from './png.js';

/** A picture in its own size: the file that the build wrote, or one of the very values. @param {Tensor} tensor */
export async function png({ data, shape, picture }) {
  if (picture) return (await fetch(picture)).blob();
  const [, height, width, channels] = shape;
  // An array of clamped bytes rounds as Python does.
  return encodePng(Uint8ClampedArray.from(data, Number), width, height, channels);
}
