/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @import {Curve, Stroke} from './strokes.js' */
import { curvesOf } from './strokes.js';

/** Steps of a curve. */
const STEPS = 24;

/**
 * Strokes as numbers, for browsers that give noise instead of a canvas's pixels.
 *
 * @param {Stroke[]} strokes
 * @param {Pixels} pixels what is below them
 * @returns {Pixels}
 */
export function paintStrokes(strokes, { width, height, data: below }) {
  const data = below.slice();
  for (const stroke of strokes) {
    const levels = [1, 3, 5].map((at) => parseInt(stroke.color.slice(at, at + 2), 16));
    // A stroke that crosses itself is no darker there.
    coverage(curvesOf(stroke, width, height), width, height).forEach((share, pixel) => {
      if (!share) return;
      for (let channel = 0; channel < 3; channel++) {
        const at = 3 * pixel + channel;
        data[at] = Math.round(data[at] + (levels[channel] - data[at]) * share);
      }
    });
  }
  return { width, height, data };
}

/** How much of each pixel is under a stroke. @param {Curve[]} curves @param {number} width @param {number} height */
function coverage(curves, width, height) {
  const shares = new Float32Array(width * height);
  for (const curve of curves) {
    const reach = curve.lineWidth / 2 + 0.5;
    let { from } = curve;
    for (let step = 1; step <= STEPS; step++) {
      const to = along(curve, step / STEPS);
      const [left, top] = [0, 1].map((axis) => Math.max(0, Math.floor(Math.min(from[axis], to[axis]) - reach)));
      const [right, bottom] = [width, height].map((end, axis) => Math.min(end, Math.max(from[axis], to[axis]) + reach));
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = y * width + x;
          shares[at] = Math.max(shares[at], Math.min(1, reach - distance(x + 0.5, y + 0.5, from, to)));
        }
      }
      from = to;
    }
  }
  return shares;
}

/** @param {Curve} curve @param {number} t from 0 to 1 */
const along = ({ from, by, to }, t) => from.map((start, axis) => (1 - t) ** 2 * start + 2 * t * (1 - t) * by[axis] + t ** 2 * to[axis]);

/** From a point to a piece of a line. @param {number} x @param {number} y @param {number[]} from @param {number[]} to */
function distance(x, y, [fromX, fromY], [toX, toY]) {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const share = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - fromX - share * dx, y - fromY - share * dy);
}
