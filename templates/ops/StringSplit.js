import { toSparse } from './split.js';
import { readBinary } from './texts.js';

/** Splits at each of the delimiter's bytes; without a delimiter, between all bytes. @param {import('./node.js').Node} node */
export default function ({ inputs: [input, delimiter], attrs }) {
  const [delimiters] = readBinary(delimiter);
  const split = (/** @type {string} */ text) => {
    if (!delimiters) return text.split('');
    const parts = [''];
    for (const character of text) {
      if (delimiters.includes(character)) parts.push('');
      else parts[parts.length - 1] += character;
    }
    return parts;
  };
  const keep = (/** @type {string} */ part) => part !== '' || attrs.skip_empty === false;
  return toSparse(readBinary(input).map((text) => split(text).filter(keep)));
}
