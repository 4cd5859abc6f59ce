/** Answers that are shown over the picture that they are about. */
/** @import {TensorValue} from './types.js' */
/** @typedef {import('./pixels.js').Pixels} Pixels */
/** @typedef {{x: number, y: number, width: number, height: number}} Part Of a picture, in its pixels. */

import { readPicture } from './pixels.js';

/** The pixels that went in. @param {TensorValue} value of batch, height, width, channels @returns {Pixels} */
export const pixelsOf = ({ data, shape: [, height, width] }) => ({ width, height, data: /** @type {Int32Array} */ (data) });

/** The picture that the server has rendered, if there is one. @param {ParentNode} root @returns {Promise<Pixels | null>} */
export async function firstPixels(root) {
  const first = root.querySelector('.over-first');
  const picture = first?.querySelector('image');
  if (!first || !picture) return null;
  const [width, height] = ['width', 'height'].map((side) => Number(picture.getAttribute(side)));
  return { width, height, data: await readPicture(picture.getAttribute('href') ?? '', [1, height, width, 3]) };
}

/**
 * What the model sees of a picture: all, or the largest middle of an aspect, as the graph takes it (bundler/feeds/whole.py).
 *
 * @param {{width: number, height: number}} size
 * @param {[number, number] | null} kept height and width
 * @returns {Part}
 */
export function partOf({ width, height }, kept) {
  const [down, across] = kept ?? [height, width];
  const rows = Math.max(1, Math.trunc(Math.min(height, (width * down) / across)));
  const columns = Math.max(1, Math.trunc(Math.min(width, (height * across) / down)));
  return { x: (width - columns) >> 1, y: (height - rows) >> 1, width: columns, height: rows };
}

/** Red, green and blue as a canvas takes them. @param {Pixels} pixels */
export function imageOf({ width, height, data }) {
  const image = new ImageData(width, height);
  const channels = data.length / (width * height);
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let from = 0, to = 0; to < image.data.length; from += channels, to += 4) {
    image.data[to] = data[from];
    image.data[to + 1] = data[from + green];
    image.data[to + 2] = data[from + blue];
    image.data[to + 3] = 255;
  }
  return image;
}
