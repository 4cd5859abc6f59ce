/** @import {Point} from './strokes.js' */
import { text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';

const STEP = 1 / 28;

/** @type {Record<string, Point>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Drawing without a pointer: arrow keys move a pen, space lowers or lifts it.
 *
 * @param {HTMLElement} root
 * @param {HTMLCanvasElement} canvas
 * @param {{begin(point: Point): void, extend(points: Point[]): void, end(): void, step(from: any[], to: any[]): void, past: any[], future: any[], lineWidth: number}} ink
 */
export function listenToKeys(root, canvas, ink) {
  const pen = find(root, '.sketch-pen', HTMLElement);
  const report = find(root, 'output', HTMLOutputElement);
  /** @type {Point} */
  let at = [0.5, 0.5];
  let down = false;

  function showPen() {
    pen.style.left = `${100 * at[0]}%`;
    pen.style.top = `${100 * at[1]}%`;
    pen.style.width = `${(100 * ink.lineWidth) / canvas.width}%`;
    pen.classList.toggle('down', down);
  }

  /** @param {boolean} lowered */
  function setPen(lowered) {
    if (lowered === down) return;
    down = lowered;
    if (down) ink.begin(at);
    else ink.end();
    report.textContent = down ? text('Pen down') : text('Pen up');
    showPen();
  }

  /** @param {Point} direction @param {boolean} far */
  function move([x, y], far) {
    const step = far ? 4 * STEP : STEP;
    at = [clamp(at[0] + x * step), clamp(at[1] + y * step)];
    if (down) ink.extend([at]);
    showPen();
  }

  canvas.addEventListener('keydown', (event) => {
    const { key, shiftKey } = event;
    if (DIRECTIONS[key]) move(DIRECTIONS[key], shiftKey);
    else if (key === ' ') setPen(!down);
    else if (/^[zy]$/i.test(key) && (event.ctrlKey || event.metaKey)) {
      setPen(false);
      const piles = [ink.past, ink.future];
      if (shiftKey || /y/i.test(key)) piles.reverse();
      ink.step(piles[0], piles[1]);
    } else return;
    event.preventDefault();
  });
  const showHint = () => root.classList.toggle('has-keys', canvas.matches(':focus-visible'));
  canvas.addEventListener('focus', showHint);
  canvas.addEventListener('focus', showPen);
  canvas.addEventListener('keydown', showHint);
  canvas.addEventListener('blur', showHint);
  canvas.addEventListener('blur', () => setPen(false));
  canvas.addEventListener('pointerdown', () => setPen(false));
  showPen();
}

/** @param {number} share */
const clamp = (share) => Math.min(1, Math.max(0, share));
