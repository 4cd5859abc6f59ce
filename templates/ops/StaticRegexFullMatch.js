import { textAttribute } from './node.js';
import { fromNumbers, readTexts } from './texts.js';

/** The pattern is JavaScript's: bundler/graph/regex.py translates it. @param {import('./node.js').Node} node */
export default function (node) {
  const pattern = new RegExp(`^(?:${textAttribute(node, 'pattern')})$`, 'u');
  const [input] = node.inputs;
  return fromNumbers(readTexts(input).map((text) => pattern.test(text)), input.shape, 'bool');
}
