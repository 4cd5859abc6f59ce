import { toSparse } from './split.js';
import { readBinary } from './texts.js';

/** As Python's str.split: at a separator, or at runs of white space. @param {import('./node.js').Node} node */
export default function ({ inputs: [input, separator], attrs }) {
  const [sep] = readBinary(separator);
  const most = attrs.maxsplit ?? -1;
  const split = sep ? splitAt : splitAtSpace;
  return toSparse(readBinary(input).map((text) => (most === 0 ? [text] : split(text, most, sep))));
}

/**
 * @param {string} text
 * @param {number} most
 * @param {string} separator
 */
function splitAt(text, most, separator) {
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/**
 * @param {string} text
 * @param {number} most
 */
function splitAtSpace(text, most) {
  const parts = [];
  let rest = text.replace(/^[ \t-\r]+/, '');
  while (rest) {
    const [part] = /** @type {RegExpMatchArray} */ (rest.match(/^[^ \t-\r]+/));
    parts.push(part);
    rest = rest.slice(part.length).replace(/^[ \t-\r]+/, '');
    if (parts.length === most) return [...parts, rest];
  }
  return parts;
}
