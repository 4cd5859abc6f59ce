/** @import {Point, Stroke} from './strokes.js' */
import { text } from '../../../runtime/page/texts.js';
import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/page/widget.js';
import { grey, isExact, readCanvas, readPicture, readStored } from '../../../runtime/page/pixels.js';
import { listenToKeys } from './keys.js';
import { drawStrokes, listenToPointer } from './strokes.js';

export { readPicture };

const LONGER_SIDE = 280;
export const PAPER = '#ffffff';
/** An eraser is so many times as wide as a pen. */
const ERASER = 2;

/**
 * What is on the paper: an example's picture, and the visitor's strokes.
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
 * @param {Options} options
 */
export const mount = (root, options) => new Sketchpad(root, options);

/** @typedef {{size: [number, number], channels: number, stroke?: number | null}} Options size in rows and columns; stroke as a share of the longer side */

export class Sketchpad {
  color = '#000000';
  sheet = BLANK;
  /** @type {Sheet[]} */
  past = [];
  /** @type {Sheet[]} */
  future = [];
  /** Counts changes, so that a picture that arrives late is dropped. */
  turn = 0;
  /** @type {typeof import('./paint.js').paintStrokes | undefined} */
  paintStrokes;

  /** @param {HTMLElement} root @param {Options} options */
  constructor(root, { size: [rows, columns], channels, stroke }) {
    this.root = root;
    this.channels = channels;
    this.stroke = stroke ?? 1 / 14;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.range = find(root, '.sketch-width', HTMLInputElement);
    this.eraser = find(root, '.sketch-eraser', HTMLInputElement);
    const acts = {
      undo: () => this.step(this.past, this.future),
      redo: () => this.step(this.future, this.past),
      clear: () => {
        this.clear();
        this.end();
      },
    };
    this.buttons = Object.entries(acts).map(([name, act]) => {
      const button = find(root, `[data-act=${name}]`, HTMLButtonElement);
      button.onclick = act;
      return button;
    });
    const scale = LONGER_SIDE / Math.max(rows, columns);
    this.width = Math.round(columns * scale);
    this.height = Math.round(rows * scale);
    listenToPointer(this.canvas, this);
    listenToKeys(root, this.canvas, this);
    // The paper behind it is white: there is nothing to be painted yet.
    Object.assign(this.canvas, { width: this.width, height: this.height });
    if (!isExact()) import('./paint.js').then(({ paintStrokes }) => (this.paintStrokes = paintStrokes), () => {});
  }

  paint() {
    const { picture, strokes } = this.sheet;
    const context = whiteCanvas(this.canvas, this.width, this.height);
    if (picture) context.drawImage(picture, 0, 0, this.width, this.height);
    drawStrokes(context, strokes);
    this.tell();
  }

  /** What is on the paper, to style and buttons. */
  tell() {
    const { picture, strokes, example } = this.sheet;
    const blank = !picture && !strokes.length;
    this.root.classList.toggle('is-blank', blank);
    this.root.classList.toggle('is-example', example);
    const focused = document.activeElement;
    [!this.past.length, !this.future.length, blank].forEach((isIdle, index) => {
      const button = this.buttons[index];
      button.disabled = isIdle;
      // A button that can do nothing more would keep the keyboard to itself.
      if (isIdle && button === focused) this.canvas.focus();
    });
  }

  /** Can be undone. */
  clear() {
    if (this.sheet.picture || this.sheet.strokes.length) this.turnTo(BLANK);
  }

  /** @param {Sheet} next */
  turnTo(next) {
    this.turn += 1;
    this.past.push(this.sheet);
    this.future = [];
    this.sheet = next;
    this.paint();
  }

  /** Of a line that is begun now, in pixels. */
  get lineWidth() {
    return Math.max(this.width, this.height) * this.stroke * this.range.valueAsNumber * (this.eraser.checked ? ERASER : 1);
  }

  /** Whoever draws over an example wants to see only the own drawing; who erases, what is left of it. @param {Point} point */
  begin(point) {
    const { checked } = this.eraser;
    const { picture, pixels, strokes } = this.sheet.example && !checked ? BLANK : this.sheet;
    const stroke = { color: checked ? PAPER : this.color, width: this.lineWidth / Math.max(this.width, this.height), points: [point] };
    this.turnTo({ picture, pixels, strokes: [...strokes, stroke], example: false });
    announce(this.root, false);
  }

  /** @param {Point[]} points */
  extend(points) {
    this.sheet.strokes.at(-1)?.points.push(...points);
    this.paint();
    announce(this.root, false);
  }

  end() {
    announce(this.root, true);
  }

  /** Back or forward, from one pile of sheets to the other. @param {Sheet[]} from @param {Sheet[]} to */
  step(from, to) {
    const next = from.pop();
    if (next) to.push(this.sheet);
    this.sheet = next ?? this.sheet;
    this.paint();
    this.end();
  }

  value() {
    const { picture, strokes } = this.sheet;
    const { width, height, data } = this.read();
    // What was rubbed out wholly is paper again.
    if (!picture && !strokes.length || strokes.length && data.every((level) => level === 255)) throw new WidgetError(text('Draw something first.'), { empty: true });
    return { data: this.channels === 3 ? data : grey({ width, height, data }), shape: [1, height, width, this.channels] };
  }

  /** @returns {Pixels} */
  read() {
    const { picture, pixels, strokes } = this.sheet;
    const { width, height } = this;
    // A picture goes in as Python saw it, not as it was scaled to the paper.
    if (picture && !strokes.length) return pixels ?? readImage(picture);
    if (isExact() || !this.paintStrokes) return readCanvas(this.canvas);
    return this.paintStrokes(strokes, pixels ?? { width, height, data: new Int32Array(3 * width * height).fill(255) });
  }

  save() {
    const { picture, strokes, example } = this.sheet;
    const src = picture?.src;
    return src || strokes.length ? { src, strokes, example } : null;
  }

  /** @param {{src?: string, strokes?: Stroke[], example?: boolean} | null} state of an example, or saved before */
  async restore(state) {
    const { src, strokes = [], example = true } = state ?? { example: false };
    const turn = ++this.turn;
    const picture = src ? await loadPicture(src) : null;
    const pixels = src ? await readStored(src) : null;
    if (turn !== this.turn) return;
    this.sheet = { picture, pixels, strokes, example };
    this.past = [];
    this.future = [];
    this.paint();
  }
}

/** @param {HTMLImageElement} picture */
function readImage(picture) {
  const canvas = document.createElement('canvas');
  whiteCanvas(canvas, picture.naturalWidth, picture.naturalHeight).drawImage(picture, 0, 0);
  return readCanvas(canvas);
}
