/** @typedef {[x: number, y: number, pressure?: number]} Point In shares of the paper, from 0 to 1; pressure as a share of the stroke's width. */
/** @typedef {{color: string, width: number, points: Point[]}} Stroke Its width is a share of the paper's longer side; an eraser's colour is the paper's. */
/** @typedef {{from: number[], by: number[], to: number[], lineWidth: number}} Curve In pixels. */

/**
 * Curves through the middles between the points of a stroke.
 *
 * @param {Stroke} stroke
 * @param {number} width
 * @param {number} height
 * @returns {Curve[]}
 */
export function curvesOf(stroke, width, height) {
  const points = stroke.points.map(([x, y]) => [x * width, y * height]);
  // A line without any length would leave no dot.
  if (points.length === 1) points.push([points[0][0] + 0.01, points[0][1]]);
  let [from] = points;
  return points.slice(1).map((by, index) => {
    const next = points[index + 2];
    const curve = { from, by, to: next ? by.map((at, axis) => (at + next[axis]) / 2) : by, lineWidth: Math.max(width, height) * stroke.width * (stroke.points[index][2] ?? 1) };
    from = curve.to;
    return curve;
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 */
export function drawStrokes(context, strokes) {
  const { width, height } = context.canvas;
  for (const stroke of strokes) {
    Object.assign(context, { lineCap: 'round', lineJoin: 'round', strokeStyle: stroke.color });
    context.beginPath();
    let drawn = 0;
    for (const { from: [x, y], by: [byX, byY], to: [toX, toY], lineWidth } of curvesOf(stroke, width, height)) {
      if (lineWidth !== drawn) {
        context.stroke();
        context.beginPath();
        context.moveTo(x, y);
        context.lineWidth = drawn = lineWidth;
      }
      context.quadraticCurveTo(byX, byY, toX, toY);
    }
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
  const { clientX, clientY, pointerType, pressure } = event;
  /** @type {Point} */
  const point = [round((clientX - left) / width), round((clientY - top) / height)];
  // Half is what a pen says that feels none.
  if (pointerType === 'pen') point.push(0.2 + 1.6 * Math.round(pressure * 16) / 16);
  return point;
}

/** @param {number} share */
const round = (share) => Math.round(share * 1e4) / 1e4;
