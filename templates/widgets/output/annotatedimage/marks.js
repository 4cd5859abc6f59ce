/** @import {Seen} from '../../../runtime/page/over.js' */
/** @import {Tensor} from '../../../runtime/page/types.js' */
import { partOf } from '../../../runtime/page/over.js';
import { numeral, text } from '../../../runtime/page/texts.js';

/**
 * What is found, in shares of the picture that went in.
 *
 * @typedef {{name: string, x: number, y: number, score: number}} Point
 * @typedef {{kind: number, name: string, score: number, left: number, top: number, right: number, bottom: number, points: Point[]}} Mark
 * @typedef {{labels: string[], keypoints: string[], skeleton: [number, number][], threshold: number, sum: boolean | null, seen: Seen}} Options
 */

/** Top, left, bottom, right, score and class of a row; then three numbers for each point. */
const OWN = 6;

/**
 * All that an answer holds, the surest first (bundler/site/marks.py does the same).
 *
 * @param {Tensor} tensor
 * @param {Options} options
 * @param {number} width of the picture
 * @param {number} height
 */
export function marksOf({ data, shape }, { labels, keypoints, seen }, width, height) {
  const part = partOf({ width, height }, seen);
  const x = (/** @type {number} */ share) => (part.x + share * part.width) / width;
  const y = (/** @type {number} */ share) => (part.y + share * part.height) / height;
  const values = Array.from(data, Number);
  const length = shape[shape.length - 1];
  /** @type {Mark[]} */
  const marks = [];
  for (let from = 0; from + length <= values.length; from += length) {
    const row = values.slice(from, from + length);
    if (!row[4]) continue;
    const kind = Math.floor(row[5] * labels.length);
    const points = keypoints.map((name, index) => {
      const at = OWN + 3 * index;
      return { name, x: x(row[at + 1]), y: y(row[at]), score: row[at + 2] };
    });
    marks.push({ kind, name: labels[kind], score: row[4], left: x(row[1]), top: y(row[0]), right: x(row[3]), bottom: y(row[2]), points });
  }
  return marks.sort((one, other) => other.score - one.score);
}

/** How many there are of each, in words. @param {Mark[]} marks @param {Options} options */
export function summary(marks, { sum }) {
  if (!marks.length) return text('Nothing reaches this score');
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name } of [...marks].sort((one, other) => one.kind - other.kind)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const said = [...counts].map(([name, number]) => text('{number} × {name}', { number: numeral(number), name })).join(', ');
  const numbers = marks.map(({ name }) => Number(name)).filter(Number.isFinite);
  if (!sum || !numbers.length) return said;
  return text('{found}; together {sum}', { found: said, sum: numeral(numbers.reduce((total, one) => total + one, 0)) });
}

/** @param {number} score */
export const percent = (score) => text('{number} %', { number: numeral((100 * score).toFixed(0)) });

const PLACES = [
  [text('top left'), text('top'), text('top right')],
  [text('on the left'), text('middle'), text('on the right')],
  [text('bottom left'), text('bottom'), text('bottom right')],
];

/** Where its middle is. @param {Mark} mark */
export function place({ left, top, right, bottom }) {
  const third = (/** @type {number} */ middle) => Math.min(2, Math.max(0, Math.floor(middle * 3)));
  return PLACES[third((top + bottom) / 2)][third((left + right) / 2)];
}

/** Those that reach a score, and of each the points that do. @param {Mark[]} marks @param {number} threshold */
export const reaching = (marks, threshold) => marks.filter(({ score }) => score >= threshold);
