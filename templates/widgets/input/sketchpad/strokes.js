/** @typedef {[x: number, y: number]} Point In shares of the paper, from 0 to 1. */
/** @typedef {Point[]} Stroke */

/**
 * Draws strokes as curves through the middles between their points.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 * @param {number} lineWidth
 */
export function drawStrokes(context, strokes, lineWidth) {
  const { width, height } = context.canvas;
  Object.assign(context, { lineWidth, lineCap: 'round', lineJoin: 'round', strokeStyle: '#000' });
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * width, y * height]);
    const [[startX, startY]] = points;
    context.beginPath();
    context.moveTo(startX, startY);
    for (let index = 1; index < points.length - 1; index += 1) {
      const [x, y] = points[index];
      const [nextX, nextY] = points[index + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    const [endX, endY] = points[points.length - 1];
    // A line without any length would leave no dot.
    context.lineTo(endX + (points.length === 1 ? 0.01 : 0), endY);
    context.stroke();
  }
}

/** Steps of a curve between two points. */
const STEPS = 24;

/**
 * The same as numbers, for browsers that give noise instead of a canvas's pixels: 0 for ink, 255 for paper.
 *
 * @param {Stroke[]} strokes
 * @param {number} width
 * @param {number} height
 * @param {number} lineWidth
 */
export function paintStrokes(strokes, width, height, lineWidth) {
  const data = new Int32Array(width * height).fill(255);
  const reach = lineWidth / 2 + 0.5;
  for (const stroke of strokes) {
    const line = flatten(stroke.map(([x, y]) => [x * width, y * height]));
    line.forEach((from, index) => {
      const to = line[index + 1] ?? from;
      const [left, right, top, bottom] = [0, 0, 1, 1].map((axis, end) => (end % 2 ? Math.max : Math.min)(from[axis], to[axis]) + (end % 2 ? reach : -reach));
      for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, bottom); y++) {
        for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, right); x++) {
          const covered = Math.min(1, Math.max(0, reach - distance([x + 0.5, y + 0.5], from, to)));
          data[y * width + x] = Math.min(data[y * width + x], Math.round(255 * (1 - covered)));
        }
      }
    });
  }
  return data;
}

/** Curves through the middles between points, as points. @param {Point[]} points @returns {Point[]} */
function flatten(points) {
  const line = [points[0]];
  for (let index = 1; index < points.length - 1; index += 1) {
    const [[startX, startY], [x, y], [nextX, nextY]] = [line[line.length - 1], points[index], points[index + 1]];
    for (let step = 1; step <= STEPS; step += 1) {
      const t = step / STEPS;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      line.push([a * startX + b * x + (c * (x + nextX)) / 2, a * startY + b * y + (c * (y + nextY)) / 2]);
    }
  }
  return [...line, points[points.length - 1]];
}

/** From a point to a piece of a line. @param {Point} point @param {Point} from @param {Point} to */
function distance([x, y], [fromX, fromY], [toX, toY]) {
  const [dx, dy] = [toX - fromX, toY - fromY];
  const share = Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - fromX - share * dx, y - fromY - share * dy);
}

/**
 * Turns what mouse, pen and finger do into strokes.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{begin(point: Point): void, extend(points: Point[]): void, end(): void}} ink
 */
export function listenToPointer(canvas, ink) {
  /** @type {number | null} */
  let drawing = null;

  canvas.addEventListener('pointerdown', (event) => {
    if (drawing !== null || event.button !== 0) return;
    drawing = event.pointerId;
    canvas.setPointerCapture(drawing);
    ink.begin(pointOf(canvas, event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drawing) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    ink.extend((parts.length ? parts : [event]).map((part) => pointOf(canvas, part)));
  });
  for (const kind of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(kind, (event) => {
      if (!(event instanceof PointerEvent) || event.pointerId !== drawing) return;
      drawing = null;
      ink.end();
    });
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 * @returns {Point}
 */
function pointOf(canvas, event) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [round((event.clientX - left) / width), round((event.clientY - top) / height)];
}

/** @param {number} share */
const round = (share) => Math.round(share * 1e4) / 1e4;
