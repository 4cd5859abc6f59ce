import { fingerprint } from './fingerprint.js';
import { fromNumbers, readBytes } from './texts.js';

/** FarmHash, modulo the number of buckets. @param {import('./node.js').Node} node */
export default function ({ inputs: [input], attrs }) {
  const buckets = BigInt(attrs.num_buckets);
  return fromNumbers(readBytes(input).map((bytes) => Number(fingerprint(bytes) % buckets)), input.shape);
}
