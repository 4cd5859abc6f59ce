/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @import {Part} from '../../../runtime/page/over.js' */
/** @import {Levels} from './levels.js' */

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
 * How much of what the model saw each class is.
 *
 * @param {Levels} levels @param {string[]} labels @param {Colour[]} colours @param {boolean} isOne
 * @returns {Share[]}
 */
export function sharesOf({ data }, labels, colours, isOne) {
  const counts = new Array(256).fill(0);
  for (const level of data) counts[level] += 1;
  if (isOne) counts[0] = counts.reduce((sum, count, level) => sum + (colours[level] ? count : 0), 0);
  return labels.map((name, index) => ({ name, index, share: counts[index] / data.length }));
}

/**
 * A picture with a mask over what the model saw of it: red, green and blue, at the picture's own size.
 *
 * @param {Pixels} base @param {Levels} levels @param {Part} part @param {Colour[]} colours @param {number} opacity
 */
export function painted({ width, height, data }, levels, part, colours, opacity) {
  const out = Uint8ClampedArray.from(data);
  // The place in the mask of each column and row.
  const column = Int32Array.from({ length: part.width }, (_, x) => ((x + 0.5) * levels.width) / part.width);
  for (let y = 0; y < part.height; y++) {
    const row = Math.floor(((y + 0.5) * levels.height) / part.height) * levels.width;
    for (let x = 0; x < part.width; x++) {
      const colour = colours[levels.data[row + column[x]]];
      if (!colour) continue;
      const at = 3 * ((y + part.y) * width + x + part.x);
      for (let channel = 0; channel < 3; channel++) out[at + channel] = data[at + channel] * (1 - opacity) + colour[channel] * opacity;
    }
  }
  return { width, height, data: out };
}
