import { decodeUnicode } from './unicode.js';

/** @param {import('./node.js').Node} node */
export default (node) => decodeUnicode(node).outputs;
