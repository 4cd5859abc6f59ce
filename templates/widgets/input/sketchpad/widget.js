/** @import {Point, Stroke} from './strokes.js' */
import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/page/widget.js';
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
    this.clear = find(root, '[data-act=clear]', HTMLButtonElement);
    const scale = LONGER_SIDE / Math.max(rows, columns);
    this.width = Math.round(columns * scale);
    this.height = Math.round(rows * scale);
    this.lineWidth = LONGER_SIDE * (stroke ?? 1 / 14);
    listenToPointer(this.canvas, this);
    listenToKeys(root, this.canvas, this);
    this.undo.addEventListener('click', () => this.back());
    this.clear.addEventListener('click', () => {
      this.turnTo(BLANK);
      this.end();
    });
    this.paint();
  }

  paint() {
    const { picture, strokes, example } = this.sheet;
    const context = whiteCanvas(this.canvas, this.width, this.height);
    if (picture) context.drawImage(picture, 0, 0, this.width, this.height);
    drawStrokes(context, strokes, this.lineWidth);
    const blank = !picture && !strokes.length;
    this.root.classList.toggle('is-blank', blank);
    this.root.classList.toggle('is-example', example);
    this.undo.disabled = !this.past.length;
    this.clear.disabled = blank;
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
    this.turnTo({ picture: null, strokes: [...(example ? [] : strokes), [point]], example: false });
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
    const { picture, strokes } = this.sheet;
    if (!picture && !strokes.length) throw new WidgetError('Draw something first.', { empty: true });
    // A picture goes in as Python saw it, not as it was scaled to the paper.
    return picture ? readPicture(picture) : readInk(this.canvas);
  }

  save() {
    const { picture, strokes } = this.sheet;
    if (picture) return { src: picture.src };
    return strokes.length ? { strokes, own: true } : null;
  }

  /** @param {{src: string} | {strokes: Stroke[], own?: boolean} | null} state own: drawn by the visitor */
  async restore(state) {
    const turn = ++this.turn;
    const picture = state && 'src' in state ? await loadPicture(state.src) : null;
    if (turn !== this.turn) return;
    const strokes = state && 'strokes' in state ? structuredClone(state.strokes) : [];
    this.sheet = { picture, strokes, example: state !== null && !('own' in state) };
    this.past = [];
    this.paint();
  }
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
