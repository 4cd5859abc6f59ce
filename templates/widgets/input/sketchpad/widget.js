/** @import {Point, Stroke} from './strokes.js' */
import { text } from '../../../runtime/page/texts.js';
import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/page/widget.js';
import { grey, isExact, readCanvas, readPicture, readStored } from '../../../runtime/page/pixels.js';
import { listenToKeys } from './keys.js';
import { drawStrokes, listenToPointer, paintStrokes } from './strokes.js';

export { readPicture };

const LONGER_SIDE = 280;

/**
 * What is on the paper: an example's picture, or the visitor's strokes.
 *
 * @typedef {import('../../../runtime/page/pixels.js').Pixels} Pixels
 * @typedef {{picture: HTMLImageElement | null, pixels: Pixels | null, strokes: Stroke[], example: boolean}} Sheet
 */

/** @type {Sheet} */
const BLANK = { picture: null, pixels: null, strokes: [], example: false };

/**
 * Paper to draw on: black ink on white, whatever the theme.
 *
 * @param {HTMLElement} root
 * @param {{size: [number, number], stroke?: number | null}} options size in rows and columns; stroke as a share of the longer side
 */
export const mount = (root, options) => new Sketchpad(root, options);

class Sketchpad {
  sheet = BLANK;
  /** @type {Sheet[]} */
  past = [];
  /** Counts changes, so that a picture that arrives late is dropped. */
  turn = 0;

  /** @param {HTMLElement} root @param {Parameters<typeof mount>[1]} options */
  constructor(root, { size: [rows, columns], stroke }) {
    this.root = root;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.undo = find(root, '[data-act=undo]', HTMLButtonElement);
    this.clearing = find(root, '[data-act=clear]', HTMLButtonElement);
    const scale = LONGER_SIDE / Math.max(rows, columns);
    this.width = Math.round(columns * scale);
    this.height = Math.round(rows * scale);
    this.lineWidth = LONGER_SIDE * (stroke ?? 1 / 14);
    listenToPointer(this.canvas, this);
    listenToKeys(root, this.canvas, this);
    this.undo.addEventListener('click', () => this.back());
    this.clearing.addEventListener('click', () => {
      this.clear();
      this.end();
    });
    // The paper behind it is white: there is nothing to be painted yet.
    Object.assign(this.canvas, { width: this.width, height: this.height });
    this.tell();
  }

  paint() {
    const { picture, strokes } = this.sheet;
    const context = whiteCanvas(this.canvas, this.width, this.height);
    if (picture) context.drawImage(picture, 0, 0, this.width, this.height);
    drawStrokes(context, strokes, this.lineWidth);
    this.tell();
  }

  /** What is on the paper, to style and buttons. */
  tell() {
    const { picture, strokes, example } = this.sheet;
    const blank = !picture && !strokes.length;
    this.root.classList.toggle('is-blank', blank);
    this.root.classList.toggle('is-example', example);
    const focused = document.activeElement;
    this.undo.disabled = !this.past.length;
    this.clearing.disabled = blank;
    // A button that can do nothing more would keep the keyboard to itself.
    if ([this.undo, this.clearing].some((button) => button === focused && button.disabled)) this.canvas.focus();
  }

  /** Can be undone. */
  clear() {
    if (!this.clearing.disabled) this.turnTo(BLANK);
  }

  /** @param {Sheet} next */
  turnTo(next) {
    this.turn += 1;
    this.past.push(this.sheet);
    this.sheet = next;
    this.paint();
  }

  /** Whoever draws over an example wants to see only the own drawing. @param {Point} point */
  begin(point) {
    const { example, strokes } = this.sheet;
    this.turnTo({ picture: null, pixels: null, strokes: [...(example ? [] : strokes), [point]], example: false });
    announce(this.root, false);
  }

  /** @param {Point[]} points */
  extend(points) {
    this.sheet.strokes.at(-1)?.push(...points);
    this.paint();
    announce(this.root, false);
  }

  end() {
    announce(this.root, true);
  }

  back() {
    this.sheet = this.past.pop() ?? this.sheet;
    this.paint();
    this.end();
  }

  value() {
    const { picture, strokes, pixels } = this.sheet;
    if (!picture && !strokes.length) throw new WidgetError(text('Draw something first.'), { empty: true });
    // A picture goes in as Python saw it, not as it was scaled to the paper.
    if (picture) return ink(pixels ?? readImage(picture));
    if (isExact()) return ink(readCanvas(this.canvas));
    const { width, height } = this.canvas;
    return { data: paintStrokes(strokes, width, height, this.lineWidth), shape: [1, height, width, 1] };
  }

  save() {
    const { picture, strokes } = this.sheet;
    if (picture) return { src: picture.src };
    return strokes.length ? { strokes, own: true } : null;
  }

  /** @param {{src: string} | {strokes: Stroke[], own?: boolean} | null} state own: drawn by the visitor */
  async restore(state) {
    const turn = ++this.turn;
    const src = state && 'src' in state ? state.src : null;
    const picture = src === null ? null : await loadPicture(src);
    const pixels = src === null ? null : await readStored(src);
    if (turn !== this.turn) return;
    const strokes = state && 'strokes' in state ? state.strokes.map((stroke) => [...stroke]) : [];
    this.sheet = { picture, pixels, strokes, example: state !== null && !('own' in state) };
    this.past = [];
    this.paint();
  }
}

/** @param {HTMLImageElement} picture */
function readImage(picture) {
  const canvas = document.createElement('canvas');
  whiteCanvas(canvas, picture.naturalWidth, picture.naturalHeight).drawImage(picture, 0, 0);
  return readCanvas(canvas);
}

/** 255 for paper and 0 for ink. @param {Pixels} pixels */
const ink = (pixels) => ({ data: grey(pixels), shape: [1, pixels.height, pixels.width, 1] });
