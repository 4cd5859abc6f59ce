import { textAttribute } from './node.js';
import { mapBinary, mapTexts } from './texts.js';

/** Without an encoding only ASCII letters change. @param {import('./node.js').Node} node */
export default function (node) {
  const [input] = node.inputs;
  if (textAttribute(node, 'encoding')) return mapTexts(input, (text) => text.toUpperCase());
  return mapBinary(input, (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()));
}
