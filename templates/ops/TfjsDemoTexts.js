import { fromBytes, readBinary, readBytes } from './texts.js';

/**
 * The texts of numbers that TfjsDemoTextIds gave to the same tensors of texts.
 *
 * @param {import('./node.js').Node} node
 */
export default function ({ inputs: [ids, ...sources] }) {
  /** @type {Map<string, Uint8Array>} */
  const texts = new Map([['', new Uint8Array()]]);
  for (const source of sources) {
    const bytes = readBytes(source);
    readBinary(source).forEach((text, index) => texts.set(text, bytes[index]));
  }
  // A Map keeps the order in which keys came, which is that of the numbers.
  const byId = [...texts.values()];
  return fromBytes(Array.from(ids.dataSync(), (id) => byId[id]), ids.shape);
}
