/**
 * Choosing boxes that do not overlap, as TensorFlow's kernels do: the best first, of equals the
 * one that comes first. In float32, because a step from one box to another is not a small error.
 */
const { fround } = Math;

/**
 * @typedef {{
 *   most: number,
 *   overlap: (first: number, second: number) => number,
 *   most_overlap: number,
 *   least_score: number,
 *   sigma?: number,
 * }} Rule how many boxes are chosen, how far two overlap and may overlap; with `sigma`, scores fall with overlaps
 * @typedef {{box: number, score: number, compared: number}} Candidate and with how many chosen boxes it was compared
 */

/**
 * @param {ArrayLike<number>} scores by box
 * @param {Rule} rule
 * @returns {{box: number, score: number}[]} the chosen boxes, with what is left of their scores
 */
export function suppress(scores, { most, overlap, most_overlap, least_score, sigma = 0 }) {
  const [limit, least] = [fround(most_overlap), fround(least_score)];
  const fall = sigma > 0 ? fround(-0.5 / fround(sigma)) : 0;
  /** @type {Candidate[]} the best last */
  const waiting = [];
  for (let box = 0; box < scores.length; box++) if (scores[box] > least) waiting.push({ box, score: scores[box], compared: 0 });
  waiting.sort((one, other) => (isBetter(one, other) ? 1 : -1));
  /** @type {{box: number, score: number}[]} */
  const chosen = [];
  while (chosen.length < most) {
    const next = waiting.pop();
    if (!next) break;
    const { score } = next;
    let kept = true;
    for (let at = chosen.length - 1; kept && at >= next.compared; at--) {
      const shared = overlap(next.box, chosen[at].box);
      next.score = shared <= limit ? fround(next.score * fround(Math.exp(fround(fround(fall * shared) * shared)))) : 0;
      kept = next.score > least && (sigma > 0 || shared <= limit);
    }
    next.compared = chosen.length;
    if (!kept) continue;
    if (next.score === score) chosen.push({ box: next.box, score });
    else insert(waiting, next);
  }
  return chosen;
}

/** @param {Candidate} one @param {Candidate} other */
function isBetter(one, other) {
  return one.score === other.score ? one.box < other.box : one.score > other.score;
}

/** @param {Candidate[]} waiting @param {Candidate} candidate */
function insert(waiting, candidate) {
  let [low, high] = [0, waiting.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBetter(candidate, waiting[middle])) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, candidate);
}

/**
 * The area that two boxes share over the area of both; corners may be in any order.
 *
 * @param {ArrayLike<number>} boxes four numbers each
 * @param {(box: number) => number} [place] where a box's numbers begin
 * @returns {Rule['overlap']}
 */
export function shareOf(boxes, place = (box) => 4 * box) {
  const ends = (/** @type {number} */ at) => {
    const [y1, x1, y2, x2] = [boxes[at], boxes[at + 1], boxes[at + 2], boxes[at + 3]];
    return [Math.min(y1, y2), Math.min(x1, x2), Math.max(y1, y2), Math.max(x1, x2)];
  };
  const area = (/** @type {number} */ height, /** @type {number} */ width) => fround(fround(height) * fround(width));
  return (first, second) => {
    const [a, b] = [ends(place(first)), ends(place(second))];
    const [one, other] = [area(a[2] - a[0], a[3] - a[1]), area(b[2] - b[0], b[3] - b[1])];
    if (one <= 0 || other <= 0) return 0;
    const height = Math.max(fround(Math.min(a[2], b[2]) - Math.max(a[0], b[0])), 0);
    const width = Math.max(fround(Math.min(a[3], b[3]) - Math.max(a[1], b[1])), 0);
    const shared = area(height, width);
    return fround(shared / fround(fround(one + other) - shared));
  };
}

/**
 * Filled with zeros to a length.
 *
 * @param {number[]} values
 * @param {number} length
 */
export const fill = (values, length) => [...values, ...new Array(Math.max(0, length - values.length)).fill(0)];
