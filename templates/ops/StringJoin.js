import { textAttribute } from './node.js';
import { fromBytes, encode, fromBinary, readBinary, toBinary } from './texts.js';

/** Joins tensors element by element; single texts go with every element. @param {import('./node.js').Node} node */
export default function (node) {
  const { inputs } = node;
  const separator = toBinary(encode(textAttribute(node, 'separator')));
  const parts = inputs.map(readBinary);
  const { shape, size } = inputs.find(({ rank }) => rank > 0) ?? inputs[0];
  const join = (/** @type {number} */ index) => parts.map((texts, part) => texts[inputs[part].rank ? index : 0]).join(separator);
  return fromBytes(Array.from({ length: size }, (_, index) => fromBinary(join(index))), shape);
}
