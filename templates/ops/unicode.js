import { textAttribute } from './node.js';
import { fromNumbers, readTexts } from './texts.js';

/** U+FFFD: what a decoder writes for bytes that are no text. */
const REPLACEMENT = 0xfffd;

/**
 * The characters of each text, one text after the other, and where each begins.
 *
 * @param {import('./node.js').Node} node
 */
export function decodeUnicode(node) {
  const encoding = textAttribute(node, 'input_encoding');
  if (!/^utf-?8$/i.test(encoding)) throw new Error(`texts in ${encoding} cannot be decoded here`);
  const errors = textAttribute(node, 'errors') || 'replace';
  const replacement = node.attrs.replacement_char ?? REPLACEMENT;
  const characters = readTexts(node.inputs[0]).map((text) => {
    const codes = [...text].map((character) => /** @type {number} */ (character.codePointAt(0)));
    if (errors === 'ignore') return codes.filter((code) => code !== REPLACEMENT);
    return codes.map((code) => (code === REPLACEMENT ? replacement : code));
  });
  const splits = [0];
  for (const { length } of characters) splits.push(splits[splits.length - 1] + length);
  const codes = characters.flat();
  return { characters, outputs: [fromNumbers(splits, [splits.length]), fromNumbers(codes, [codes.length])] };
}
