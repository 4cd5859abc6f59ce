import { textAttribute } from './node.js';
import { mapTexts } from './texts.js';

/** From UTF-8 to UTF-8: only replaces what is no text. @param {import('./node.js').Node} node */
export default function (node) {
  const encodings = ['input_encoding', 'output_encoding'].map((name) => textAttribute(node, name));
  if (!encodings.every((name) => /^utf-?8$/i.test(name))) throw new Error(`texts cannot go from ${encodings.join(' to ')} here`);
  const replacement = textAttribute(node, 'errors') === 'ignore' ? '' : String.fromCodePoint(node.attrs.replacement_char ?? 0xfffd);
  return mapTexts(node.inputs[0], (text) => text.replaceAll('\ufffd', replacement));
}
