import { fromNumbers, encode } from './texts.js';
import { decodeUnicode } from './unicode.js';

/** Also gives the byte at which each character begins. @param {import('./node.js').Node} node */
export default function (node) {
  const { characters, outputs } = decodeUnicode(node);
  const offsets = characters.flatMap((codes) => {
    let next = 0;
    return codes.map((code) => {
      const start = next;
      next += encode(String.fromCodePoint(code)).length;
      return start;
    });
  });
  return [...outputs, fromNumbers(offsets, [offsets.length])];
}
