/** @import {Point, Stroke} from './strokes.js' */
import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/widget.js';
import { listenToKeys } from './keys.js';
import { drawStrokes, listenToPointer } from './strokes.js';

const LONGER_SIDE = 280;

/**
 * What is on the paper: an example's picture, or the visitor's strokes.
 *
 * @typedef {{picture: HTMLImageElement | null, strokes: Stroke[], example: boolean}} Sheet
 */

/** @type {Sheet} */
const BLANK = { picture: null, strokes: [], example: false };

/**
 * Paper to draw on: black ink on white, whatever the theme.
 *
 * @param {HTMLElement} root
 * @param {{size: [number, number], stroke?: number | null}} options size in rows and columns; stroke as a share of the longer side
 */
export function mount(root, { size: [rows, columns], stroke }) {
  const canvas = find(root, 'canvas', HTMLCanvasElement);
  const undo = find(root, '[data-act=undo]', HTMLButtonElement);
  const clear = find(root, '[data-act=clear]', HTMLButtonElement);
  const scale = LONGER_SIDE / Math.max(rows, columns);
  const width = Math.round(columns * scale);
  const height = Math.round(rows * scale);
  const lineWidth = LONGER_SIDE * (stroke ?? 1 / 14);
  let sheet = BLANK;
  /** @type {Sheet[]} */
  let past = [];
  let restoring = 0;

  function paint() {
    const context = whiteCanvas(canvas, width, height);
    if (sheet.picture) context.drawImage(sheet.picture, 0, 0, width, height);
    drawStrokes(context, sheet.strokes, lineWidth);
    const blank = !sheet.picture && !sheet.strokes.length;
    root.classList.toggle('is-blank', blank);
    root.classList.toggle('is-example', sheet.example);
    undo.disabled = !past.length;
    clear.disabled = blank;
  }

  /** @param {Sheet} next */
  function turnTo(next) {
    past.push(sheet);
    sheet = next;
    paint();
  }

  /** Whoever draws over an example wants to see only the own drawing. @param {Point} point */
  function begin(point) {
    restoring += 1;
    turnTo({ picture: null, strokes: [...(sheet.example ? [] : sheet.strokes), [point]], example: false });
  }

  /** @param {Point[]} points */
  function extend(points) {
    sheet.strokes[sheet.strokes.length - 1].push(...points);
    paint();
    announce(root, false);
  }

  function back() {
    sheet = past.pop() ?? sheet;
    paint();
    announce(root, true);
  }

  const ink = { begin, extend, end: () => announce(root, true) };
  listenToPointer(canvas, ink);
  listenToKeys(root, canvas, { ...ink, undo: back });
  undo.addEventListener('click', back);
  clear.addEventListener('click', () => {
    turnTo(BLANK);
    announce(root, true);
  });
  paint();

  /** @param {{src: string} | {strokes: Stroke[]} | null} state */
  async function restore(state) {
    const turn = ++restoring;
    const picture = state && 'src' in state ? await loadPicture(state.src) : null;
    if (turn !== restoring) return;
    const strokes = state && 'strokes' in state ? structuredClone(state.strokes) : [];
    sheet = { picture, strokes, example: state !== null };
    past = [];
    paint();
  }

  return {
    value() {
      const { picture, strokes } = sheet;
      if (!picture && !strokes.length) throw new WidgetError('Draw something first.', { empty: true });
      // A picture goes in as Python saw it, not as it was scaled to the paper.
      return picture ? readPicture(picture) : readInk(canvas);
    },
    save: () => (sheet.picture ? { src: sheet.picture.src } : sheet.strokes.length ? { strokes: sheet.strokes } : null),
    restore,
  };
}

/** @param {HTMLImageElement} picture */
function readPicture(picture) {
  const canvas = document.createElement('canvas');
  whiteCanvas(canvas, picture.naturalWidth, picture.naturalHeight).drawImage(picture, 0, 0);
  return readInk(canvas);
}

/**
 * One channel, 255 for paper and 0 for ink.
 *
 * @param {HTMLCanvasElement} canvas
 */
function readInk(canvas) {
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  return { data: Int32Array.from({ length: width * height }, (_, index) => pixels[4 * index]), shape: [1, height, width, 1] };
}
