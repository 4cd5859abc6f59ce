import { encode, fromBytes } from './texts.js';

/** Rows of characters to texts. @param {import('./node.js').Node} node */
export default function ({ inputs: [values, splits] }) {
  const [codes, ends] = [values.dataSync(), splits.dataSync()];
  const texts = Array.from(ends.slice(1), (end, row) => encode(String.fromCodePoint(...codes.slice(ends[row], end))));
  return fromBytes(texts, [texts.length]);
}
