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
