/** Answers that are shown over the picture that they are about. */
/** @import {TensorValue} from './types.js' */
/** @typedef {import('./pixels.js').Pixels} Pixels */
/** @typedef {{x: number, y: number, width: number, height: number}} Part Of a picture, in its pixels. */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{fit?: string | null, size?: [number, number] | null}} Seen How the model sees a picture, and in which height and width. */

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
 * What the model sees, in pixels of the picture; with bars it is larger and begins outside (bundler/site/over.py does the same).
 *
 * @param {Size} size
 * @param {Seen} seen
 * @returns {Part}
 */
export function partOf({ width, height }, { fit, size }) {
  let [rows, columns] = [height, width];
  if (size && (fit === 'crop' || fit === 'pad')) {
    const [down, across] = size;
    [rows, columns] = [Math.floor((width * down) / across), Math.floor((height * across) / down)];
    if (fit === 'crop') [rows, columns] = [Math.max(1, Math.min(height, rows)), Math.max(1, Math.min(width, columns))];
    else [rows, columns] = [height + 2 * (Math.max(0, rows - height) >> 1), width + 2 * (Math.max(0, columns - width) >> 1)];
  }
  return { x: (width - columns) >> 1, y: (height - rows) >> 1, width: columns, height: rows };
}

/** Of what the model sees that which is picture, without bars. @param {Size} size @param {Part} part @returns {Part} */
export const shownOf = ({ width, height }, part) => ({
  x: Math.max(0, part.x),
  y: Math.max(0, part.y),
  width: Math.min(width, part.width),
  height: Math.min(height, part.height),
});

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
