import { readNumber, readNumbers } from './numbers.js';
import { shareOf, suppress } from './suppression.js';
import { fromNumbers } from './texts.js';

/** The places of boxes, scores do not matter. @param {import('./node.js').Node} node */
export default function ({ inputs: [boxes, scores, most], attrs }) {
  const chosen = suppress(readNumbers(scores), {
    most: readNumber(most),
    overlap: shareOf(readNumbers(boxes)),
    most_overlap: attrs.iou_threshold ?? 0.5,
    least_score: -Infinity,
  });
  return fromNumbers(
    chosen.map(({ box }) => box),
    [chosen.length],
  );
}
