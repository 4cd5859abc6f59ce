import { textAttribute } from './node.js';
import { encode, fromBinary, fromBytes, fromNumbers, readBinary, toBinary } from './texts.js';

/** Runs of neighbours in each row, joined; TF.js's own gives others. @param {import('./node.js').Node} node */
export default function (node) {
  const [data, splits] = node.inputs;
  const text = (/** @type {string} */ name) => toBinary(encode(textAttribute(node, name)));
  const options = { separator: text('separator'), left: text('left_pad'), right: text('right_pad'), padding: node.attrs.pad_width };
  const tokens = readBinary(data);
  const ends = splits.dataSync();
  /** @type {string[]} */
  const runs = [];
  const newEnds = [0];
  for (let row = 0; row + 1 < ends.length; row++) {
    runs.push(...runsOfRow(tokens.slice(ends[row], ends[row + 1]), node.attrs, options));
    newEnds.push(runs.length);
  }
  return [fromBytes(runs.map(fromBinary), [runs.length]), fromNumbers(newEnds.slice(0, ends.length), [ends.length])];
}

/**
 * @typedef {{separator: string, left: string, right: string, padding: number}} Options
 *
 * @param {string[]} tokens
 * @param {Record<string, any>} attrs
 * @param {Options} options
 */
function runsOfRow(tokens, attrs, options) {
  /** @type {number[]} */
  const widths = attrs.ngram_widths ?? [];
  const runs = widths.flatMap((width) => runsOfWidth(tokens, width, options));
  if (runs.length || !tokens.length || !attrs.preserve_short_sequences) return runs;
  // A row that is too short for any run is one run by itself.
  return runsOfWidth(tokens, tokens.length + 2 * Math.max(0, options.padding), options).slice(0, 1);
}

/**
 * @param {string[]} tokens
 * @param {number} width
 * @param {Options} options
 */
function runsOfWidth(tokens, width, { separator, left, right, padding }) {
  const pads = Math.min(padding < 0 ? width - 1 : padding, width - 1);
  const padded = [...Array(pads).fill(left), ...tokens, ...Array(pads).fill(right)];
  const count = Math.max(0, padded.length - width + 1);
  return Array.from({ length: count }, (_, start) => padded.slice(start, start + width).join(separator));
}
