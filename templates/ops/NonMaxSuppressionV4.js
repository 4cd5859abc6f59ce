import { readNumber, readNumbers } from './numbers.js';
import { fill, shareOf, suppress } from './suppression.js';
import { fromNumbers } from './texts.js';

/** The places of boxes, filled up if asked for, and how many there are. @param {import('./node.js').Node} node */
export default function ({ inputs: [boxes, scores, most, most_overlap, least_score], attrs }) {
  const count = readNumber(most);
  const places = suppress(readNumbers(scores), {
    most: count,
    overlap: shareOf(readNumbers(boxes)),
    most_overlap: readNumber(most_overlap),
    least_score: readNumber(least_score),
  }).map(({ box }) => box);
  const length = attrs.pad_to_max_output_size ? count : places.length;
  return [fromNumbers(fill(places, length), [length]), fromNumbers([places.length], [])];
}
