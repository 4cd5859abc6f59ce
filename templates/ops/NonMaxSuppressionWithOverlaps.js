import { readNumber, readNumbers } from './numbers.js';
import { suppress } from './suppression.js';
import { fromNumbers } from './texts.js';

/** The places of boxes whose overlaps are a matrix. @param {import('./node.js').Node} node */
export default function ({ inputs: [overlaps, scores, most, most_overlap, least_score] }) {
  const [values, count] = [readNumbers(overlaps), scores.size];
  const chosen = suppress(readNumbers(scores), {
    most: readNumber(most),
    overlap: (first, second) => values[first * count + second],
    most_overlap: readNumber(most_overlap),
    least_score: readNumber(least_score),
  });
  return fromNumbers(
    chosen.map(({ box }) => box),
    [chosen.length],
  );
}
