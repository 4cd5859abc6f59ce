import { fingerPrint64 } from '@tensorflow/tfjs-core/dist/hash_util.js';

const LAST_64 = (1n << 64n) - 1n;
const FACTOR = 0xc6a4a7935bd1e995n;

/**
 * FarmHash's 64 bits of a text.
 *
 * @param {Uint8Array} bytes
 */
export const fingerprint = (bytes) => BigInt(fingerPrint64(bytes).toString());

/** @param {bigint} value */
const mixShifted = (value) => value ^ (value >> 47n);

/**
 * One fingerprint of two: TensorFlow's FingerprintCat64.
 *
 * @param {bigint} first
 * @param {bigint} second
 */
export function combine(first, second) {
  let result = first ^ FACTOR;
  result ^= (mixShifted((second * FACTOR) & LAST_64) * FACTOR) & LAST_64;
  result = (result * FACTOR) & LAST_64;
  result = (mixShifted(result) * FACTOR) & LAST_64;
  return mixShifted(result);
}
