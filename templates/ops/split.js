import { fromBinary, fromBytes, fromNumbers } from './texts.js';

/**
 * Lists of texts as the outputs of a sparse tensor: indices, values and dense shape.
 *
 * @param {string[][]} rows of binary texts
 */
export function toSparse(rows) {
  const indices = rows.flatMap((row, number) => row.flatMap((_, place) => [number, place]));
  const values = rows.flat().map(fromBinary);
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return [fromNumbers(indices, [values.length, 2]), fromBytes(values, [values.length]), fromNumbers([rows.length, longest], [2])];
}
