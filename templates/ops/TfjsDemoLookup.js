import { fromBytes, fromNumbers, readBinary, readBytes } from './texts.js';

/**
 * @typedef {import('./node.js').Tensor} Tensor
 */

/** The place of each key, by the table's keys. @type {WeakMap<object, Map<string | number, number>>} */
const tables = new WeakMap();

/**
 * Looks keys up in a constant table; the result has the keys' shape.
 *
 * @param {import('./node.js').Node} node
 */
export default function ({ inputs: [keys, tableKeys, tableValues, missing] }) {
  let places = tables.get(tableKeys.dataId);
  if (!places) {
    places = new Map(Array.from(read(tableKeys), (key, place) => [key, place]));
    tables.set(tableKeys.dataId, places);
  }
  const found = Array.from(read(keys), (key) => places.get(key) ?? -1);
  if (tableValues.dtype === 'string') {
    const [values, [other]] = [readBytes(tableValues), readBytes(missing)];
    return fromBytes(found.map((place) => values[place] ?? other), keys.shape);
  }
  const [values, [other]] = [tableValues.dataSync(), missing.dataSync()];
  return fromNumbers(found.map((place) => values[place] ?? other), keys.shape, /** @type {'int32'} */ (tableValues.dtype));
}

/**
 * @param {Tensor} input
 * @returns {ArrayLike<string | number>}
 */
const read = (input) => (input.dtype === 'string' ? readBinary(input) : input.dataSync());
