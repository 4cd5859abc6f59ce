/** The samples with Python's answers that ship with the site (bundler/proof/golden.py). */
/** @import {Readers} from './types.js' */
import { text } from './texts.js';

/**
 * By output, `allowed` is the error that is allowed where it is more than the tolerance.
 *
 * @typedef {{inputs: Record<string, any>, outputs: Record<string, any>, allowed: Record<string, number>}} Sample
 */

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * @param {string} url
 * @param {Readers} readers of the site's pictures and sounds
 * @returns {Promise<{tolerance: number, samples: (() => Promise<Sample>)[]}>} samples are decoded when they are asked for
 */
export async function readGolden(url, readers) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(text('the server answered {status}', { status: response.status }));
  const { tolerance, cases } = await response.json();
  return { tolerance, samples: cases.map((/** @type {any} */ one) => () => decodeSample(one, readers)) };
}

/** @param {any} sample @param {Readers} readers @returns {Promise<Sample>} */
async function decodeSample({ inputs, outputs, allowed }, readers) {
  const decoded = Object.entries(inputs).map(async ([name, item]) => [name, await decodeInput(item, readers)]);
  return {
    inputs: Object.fromEntries(await Promise.all(decoded)),
    allowed,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, item]) => [name, { ...item, data: decode(item) }])),
  };
}

/**
 * Whether no output's error is larger than what is allowed for this sample.
 *
 * @param {Record<string, number>} errors
 * @param {Sample} sample
 * @param {number} tolerance
 */
export function isRight(errors, { allowed }, tolerance) {
  return Object.entries(errors).every(([name, error]) => error <= (allowed[name] ?? tolerance));
}

/** @param {any} item a tensor, a picture or a sound of the site, or the pattern that a tensor repeats @param {Readers} readers */
async function decodeInput(item, { readPicture, readSound }) {
  const { shape, picture, sound, repeat } = item;
  if (picture && readPicture) return { shape, data: await readPicture(picture, shape) };
  if (sound && readSound) return { shape, data: await readSound(sound) };
  if (repeat === undefined) return { shape, data: decode(item) };
  const pattern = decode({ ...item, data: repeat });
  const data = new /** @type {any} */ (pattern.constructor)(shape.reduce((/** @type {number} */ size, /** @type {number} */ length) => size * length, 1));
  for (let index = 0; index < data.length; index++) data[index] = pattern[index % pattern.length];
  return { shape, data };
}

/** @param {{dtype: string, data: string | string[]}} tensor @returns {any} */
function decode({ dtype, data }) {
  if (typeof data !== 'string') return data;
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return new ARRAYS[/** @type {keyof typeof ARRAYS} */ (dtype)](bytes.buffer);
}
