/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @import {Part, Size} from '../../../runtime/page/over.js' */
/** @import {Levels} from './levels.js' */
import { shownOf } from '../../../runtime/page/over.js';

/** Classes that are not painted, as the build knows them (bundler/heads/mask.py). */
const BACKGROUNDS = ['background', '_background_', 'bg', 'void', 'unlabeled', 'unlabelled', 'none'];

/** @typedef {[number, number, number] | null} Colour Null where nothing is painted. */

/** @typedef {{name: string, share: number, index: number}} Share */

/** @typedef {{base: Pixels, levels: Levels, part: Part, colours: Colour[], opacity: number, shares: Share[]}} Shown What is taken away. */

/** @param {string} colour @returns {[number, number, number]} */
function parsed(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return [red, green, blue];
}

/** @param {string} name */
export const isPainted = (name) => !BACKGROUNDS.includes(name.trim().toLowerCase());

/** What each level is painted with. @param {{labels: string[], colors: string[]}} options @param {number | null} threshold of one thing @returns {Colour[]} */
export function coloursOf({ labels, colors }, threshold) {
  if (threshold === null) return labels.map((name, index) => (isPainted(name) ? parsed(colors[index]) : null));
  const colour = parsed(colors[0]);
  return Array.from({ length: 256 }, (_, level) => (level >= threshold * 255 ? colour : null));
}

/**
 * How much each class is of what the model saw of a picture.
 *
 * @param {Size} base @param {Levels} levels @param {Part} part @param {string[]} labels @param {Colour[]} colours @param {boolean} isOne
 * @returns {Share[]}
 */
export function sharesOf(base, { width, height, data }, part, labels, colours, isOne) {
  const counts = new Array(256).fill(0);
  // Bars beside the picture are no part of it.
  const isThere = (/** @type {number} */ place) => place >= 0 && place < 1;
  const columns = Array.from({ length: width }, (_, x) => x).filter((x) => isThere((part.x + ((x + 0.5) * part.width) / width) / base.width));
  const rows = Array.from({ length: height }, (_, y) => y).filter((y) => isThere((part.y + ((y + 0.5) * part.height) / height) / base.height));
  for (const y of rows) for (const x of columns) counts[data[y * width + x]] += 1;
  if (isOne) counts[0] = counts.reduce((sum, count, level) => sum + (colours[level] ? count : 0), 0);
  const all = rows.length * columns.length;
  return labels.map((name, index) => ({ name, index, share: all && counts[index] / all }));
}

/**
 * A picture with a mask over what the model saw of it: red, green and blue, at the picture's own size.
 *
 * @param {Pixels} base @param {Levels} levels @param {Part} part @param {Colour[]} colours @param {number} opacity
 */
export function painted(base, levels, part, colours, opacity) {
  const { width, height, data } = base;
  const out = Uint8ClampedArray.from(data);
  const shown = shownOf(base, part);
  // The place in the mask of each column and row.
  const column = Int32Array.from({ length: shown.width }, (_, x) => ((x + shown.x - part.x + 0.5) * levels.width) / part.width);
  for (let y = shown.y; y < shown.y + shown.height; y++) {
    const row = Math.floor(((y - part.y + 0.5) * levels.height) / part.height) * levels.width;
    for (let x = 0; x < shown.width; x++) {
      const colour = colours[levels.data[row + column[x]]];
      if (!colour) continue;
      const at = 3 * (y * width + x + shown.x);
      for (let channel = 0; channel < 3; channel++) out[at + channel] = data[at + channel] * (1 - opacity) + colour[channel] * opacity;
    }
  }
  return { width, height, data: out };
}
