import { textAttribute } from './node.js';
import { fromNumbers, readBytes, readTexts } from './texts.js';

/** Counts bytes, or characters. @param {import('./node.js').Node} node */
export default function (node) {
  const [input] = node.inputs;
  const characters = textAttribute(node, 'unit') === 'UTF8_CHAR';
  const lengths = characters ? readTexts(input).map((text) => [...text].length) : readBytes(input).map((bytes) => bytes.length);
  return fromNumbers(lengths, input.shape);
}
