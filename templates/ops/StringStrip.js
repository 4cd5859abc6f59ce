import { mapBinary } from './texts.js';

/** Cuts ASCII white space from both ends. @param {import('./node.js').Node} node */
export default function ({ inputs: [input] }) {
  return mapBinary(input, (text) => text.replace(/^[ \t-\r]+/, '').replace(/[ \t-\r]+$/, ''));
}
