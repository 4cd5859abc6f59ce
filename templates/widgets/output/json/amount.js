import { count, numeral, text } from '../../../runtime/page/texts.js';

/**
 * How many values a tensor holds, in rows: as the build says it (bundler/site/words.py).
 *
 * @param {number[]} shape
 * @param {string} dtype
 */
export function amount(shape, dtype) {
  // A batch of one goes without saying.
  const sizes = shape.length > 1 && shape[0] === 1 ? shape.slice(1) : shape;
  const { length } = sizes;
  if (length > 2) {
    const sides = sizes.map((size) => numeral(size)).join(' × ');
    return dtype === 'string' ? text('{sizes} texts', { sizes: sides }) : text('{sizes} numbers', { sizes: sides });
  }
  const values = elements(sizes[length - 1] ?? 1, dtype);
  return length === 2 ? count('{count} row: {values}', '{count} rows: {values} each', sizes[0], { values }) : values;
}

/** @param {number} number @param {string} dtype */
function elements(number, dtype) {
  if (dtype === 'string') return count('{count} text', '{count} texts', number);
  return dtype === 'bool' ? count('{count} value', '{count} values', number) : count('{count} number', '{count} numbers', number);
}
