import { combine, fingerprint } from './fingerprint.js';
import { fromNumbers, readBytes } from './texts.js';

/**
 * Every combination of the columns' features, hashed: `keras.layers.HashedCrossing`. Only
 * for dense columns, which are the node's last inputs.
 *
 * @param {import('./node.js').Node} node
 */
export default function ({ inputs, attrs, node }) {
  const buckets = BigInt(attrs.num_buckets) || (1n << 63n) - 1n;
  const key = BigInt.asUintN(64, BigInt(node.rawAttrs.hash_key.i));
  const columns = inputs.map(readColumn);
  const rows = columns[0].length;
  const crossed = Array.from({ length: rows }, (_, row) =>
    columns.reduce((/** @type {bigint[]} */ hashes, column) => hashes.flatMap((hash) => column[row].map((feature) => combine(hash, feature))), [key]),
  );
  const indices = crossed.flatMap((hashes, row) => hashes.flatMap((_, place) => [row, place]));
  const values = crossed.flat().map((hash) => Number(hash % buckets));
  const longest = crossed.reduce((most, hashes) => Math.max(most, hashes.length), 0);
  return [fromNumbers(indices, [values.length, 2]), fromNumbers(values, [values.length]), fromNumbers([rows, longest], [2])];
}

/**
 * @param {import('./node.js').Tensor} input `[rows, features]`
 * @returns {bigint[][]} each feature as 64 bits
 */
function readColumn(input) {
  const features = input.dtype === 'string' ? readBytes(input).map(fingerprint) : Array.from(input.dataSync(), (value) => BigInt.asUintN(64, BigInt(value)));
  const [rows, width] = input.shape;
  return Array.from({ length: rows }, (_, row) => features.slice(row * width, (row + 1) * width));
}
