import { readNumber, readNumbers } from './numbers.js';
import { fill, shareOf, suppress } from './suppression.js';
import { fromNumbers } from './texts.js';

/**
 * The boxes of each picture of a batch, chosen class by class, the best of all classes first: boxes,
 * scores, classes, and how many there are.
 *
 * @param {import('./node.js').Node} node
 */
export default function ({ inputs: [boxes, scores, most_of_class, most, most_overlap, least_score], attrs }) {
  const [batch, , own] = boxes.shape;
  const [, count, classes] = scores.shape;
  const [corners, points] = [readNumbers(boxes), readNumbers(scores)];
  const most_each = readNumber(most_of_class);
  const length = attrs.pad_per_class ? Math.min(readNumber(most), most_each * classes) : readNumber(most);
  /** @type {{corners: number[], scores: number[], classes: number[], valid: number[]}} */
  const answers = { corners: [], scores: [], classes: [], valid: [] };
  for (let picture = 0; picture < batch; picture++) {
    const found = [];
    for (let kind = 0; kind < classes; kind++) {
      const place = (/** @type {number} */ box) => 4 * ((picture * count + box) * own + (own > 1 ? kind : 0));
      const mine = Float32Array.from({ length: count }, (_, box) => points[(picture * count + box) * classes + kind]);
      const chosen = suppress(mine, {
        most: Math.min(most_each, count),
        overlap: shareOf(corners, place),
        most_overlap: readNumber(most_overlap),
        least_score: readNumber(least_score),
      });
      for (const { box, score } of chosen) found.push({ score, kind, at: place(box) });
    }
    const best = found.sort((one, other) => other.score - one.score).slice(0, length);
    const cut = (/** @type {number} */ value) => (attrs.clip_boxes ?? true ? Math.min(Math.max(value, 0), 1) : value);
    answers.corners.push(...fill(best.flatMap(({ at }) => Array.from(corners.slice(at, at + 4), cut)), 4 * length));
    answers.scores.push(...fill(best.map(({ score }) => score), length));
    answers.classes.push(...fill(best.map(({ kind }) => kind), length));
    answers.valid.push(best.length);
  }
  return [
    fromNumbers(answers.corners, [batch, length, 4], 'float32'),
    fromNumbers(answers.scores, [batch, length], 'float32'),
    fromNumbers(answers.classes, [batch, length], 'float32'),
    fromNumbers(answers.valid, [batch]),
  ];
}
