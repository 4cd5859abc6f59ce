import { readNumber, readNumbers } from './numbers.js';
import { fill, shareOf, suppress } from './suppression.js';
import { fromNumbers } from './texts.js';

/** As V4 with scores that fall with overlaps, which are an output as well. @param {import('./node.js').Node} node */
export default function ({ inputs: [boxes, scores, most, most_overlap, least_score, sigma], attrs }) {
  const count = readNumber(most);
  const chosen = suppress(readNumbers(scores), {
    most: count,
    overlap: shareOf(readNumbers(boxes)),
    most_overlap: readNumber(most_overlap),
    least_score: readNumber(least_score),
    sigma: readNumber(sigma),
  });
  const length = attrs.pad_to_max_output_size ? count : chosen.length;
  const [places, left] = [chosen.map(({ box }) => box), chosen.map(({ score }) => score)];
  return [fromNumbers(fill(places, length), [length]), fromNumbers(fill(left, length), [length], 'float32'), fromNumbers([chosen.length], [])];
}
