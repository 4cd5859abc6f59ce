import { textAttribute } from './node.js';
import { mapBinary, mapTexts } from './texts.js';

/** Without an encoding only ASCII letters change. @param {import('./node.js').Node} node */
export default function (node) {
  const [input] = node.inputs;
  if (textAttribute(node, 'encoding')) return mapTexts(input, (text) => text.toLowerCase());
  return mapBinary(input, (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
}
