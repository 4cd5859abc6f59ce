import { fromNumbers, readBytes } from './texts.js';

const LAST_64 = (1n << 64n) - 1n;

/** SipHash-2-4 with the attribute's key, modulo the number of buckets. @param {import('./node.js').Node} node */
export default function ({ inputs: [input], attrs, node }) {
  const buckets = BigInt(attrs.num_buckets);
  // Read as they stand: as numbers they would lose digits.
  const key = node.rawAttrs.key.list.i.map((/** @type {string} */ part) => BigInt.asUintN(64, BigInt(part)));
  return fromNumbers(readBytes(input).map((bytes) => Number(sipHash(bytes, key) % buckets)), input.shape);
}

/**
 * @param {bigint} value
 * @param {bigint} bits
 */
const rotate = (value, bits) => ((value << bits) | (value >> (64n - bits))) & LAST_64;

/**
 * @param {Uint8Array} bytes
 * @param {bigint[]} key two numbers of 64 bits
 */
function sipHash(bytes, [first, second]) {
  let v0 = first ^ 0x736f6d6570736575n;
  let v1 = second ^ 0x646f72616e646f6dn;
  let v2 = first ^ 0x6c7967656e657261n;
  let v3 = second ^ 0x7465646279746573n;
  const round = () => {
    v0 = (v0 + v1) & LAST_64;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & LAST_64;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & LAST_64;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & LAST_64;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  // Whole words of eight bytes; the last holds what is left, and the length in its highest byte.
  const padded = new Uint8Array((Math.floor(bytes.length / 8) + 1) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 8) {
    const word = words.getBigUint64(at, true);
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < 4; count++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}
