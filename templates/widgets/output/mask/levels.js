/** Masks as bytes: what the model gave, or what the build kept of it. */
/** @import {Tensor} from '../../../runtime/page/types.js' */
import { loadPicture, whiteCanvas } from '../../../runtime/page/widget.js';

/** @typedef {{width: number, height: number, data: Uint8Array | Uint8ClampedArray}} Levels The class of each pixel, or how likely it is, 0 to 255. */

/** @param {Tensor} tensor @returns {Levels} */
export function levelsOf({ data, shape: [, height, width] }) {
  // An array of clamped bytes rounds as Python does.
  return { width, height, data: Uint8ClampedArray.from(data, Number) };
}

/** Those of a picture that the build wrote: each pixel is the place of its colour. @param {string} url @param {string[]} colours @param {boolean} isOne @returns {Promise<Levels>} */
export async function readLevels(url, colours, isOne) {
  if (!('DecompressionStream' in globalThis)) return readColours(url, colours, isOne);
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const parts = [];
  for (let at = 8; at < bytes.length; at += 12 + view.getUint32(at)) {
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === 'IDAT') parts.push(bytes.slice(at + 8, at + 8 + view.getUint32(at)));
  }
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate'));
  const stored = new Uint8Array(await new Response(stream).arrayBuffer());
  const data = new Uint8Array(width * height);
  // Before each row stands its filter, which is none.
  for (let row = 0; row < height; row++) data.set(stored.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)), row * width);
  return { width, height, data };
}

/** What is painted and what is not: all that a browser without streams tells of it. @param {string} url @param {string[]} colours @param {boolean} isOne @returns {Promise<Levels>} */
async function readColours(url, colours, isOne) {
  const picture = await loadPicture(url);
  const { naturalWidth: width, naturalHeight: height } = picture;
  const context = whiteCanvas(document.createElement('canvas'), width, height);
  context.clearRect(0, 0, width, height);
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const places = new Map(colours.map((colour, index) => [parseInt(colour.slice(1), 16), index]));
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, pixel) => {
      const [red, green, blue, alpha] = data.subarray(4 * pixel);
      return isOne ? alpha : (places.get((red << 16) | (green << 8) | blue) ?? 0);
    }),
  };
}
