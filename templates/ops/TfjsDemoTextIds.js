import { fromNumbers, readBinary } from './texts.js';

/**
 * Numbers for texts, the same for the same text: what moves or compares texts then works on
 * every backend. 0 is the empty text; TfjsDemoTexts is the way back.
 *
 * @param {import('./node.js').Node} node
 */
export default function ({ inputs }) {
  const ids = new Map([['', 0]]);
  return inputs.map((input) => {
    const own = readBinary(input).map((text) => {
      const id = ids.get(text) ?? ids.size;
      ids.set(text, id);
      return id;
    });
    return fromNumbers(own, input.shape);
  });
}
