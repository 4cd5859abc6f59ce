/** @import {Tensor, TensorValue} from '../../../runtime/page/types.js' */
/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @import {Seen} from '../../../runtime/page/over.js' */
import { control } from '../../../runtime/page/control.js';
import { firstPixels, imageOf, partOf, pixelsOf, shownOf } from '../../../runtime/page/over.js';
import { numeral, text } from '../../../runtime/page/texts.js';
import { find, loadPicture } from '../../../runtime/page/widget.js';

export const take = () => import('./take.js');

const TINY = 96;

/** @typedef {{seen: Seen}} Options */

/** @param {HTMLElement} root @param {Options} options */
export const mount = (root, options) => new ImageSlider(root, options);

/** The picture that went in, and beside it, from where the slider is, the one that came out. */
class ImageSlider {
  /** Counts answers, so that one that arrives late is dropped. */
  turn = 0;
  place = 0.5;
  /** @type {Pixels | null} */
  base = null;
  /** @type {HTMLCanvasElement | null} */
  before = null;
  /** @type {HTMLCanvasElement | HTMLImageElement | null} */
  after = null;

  /** @param {HTMLElement} root @param {Options} options */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    const range = find(root, '[type=range]', HTMLInputElement);
    control(root, 'place', (value) => {
      this.place = value;
      this.draw();
    });
    const follow = (/** @type {PointerEvent} */ event) => {
      if (!event.buttons) return;
      this.canvas.setPointerCapture(event.pointerId);
      range.value = String(this.placeOf(event));
      range.dispatchEvent(new Event('input'));
    };
    for (const type of /** @type {const} */ (['pointerdown', 'pointermove'])) this.canvas.addEventListener(type, follow);
    this.takeOver();
  }

  get isMirrored() {
    return getComputedStyle(this.root).direction === 'rtl';
  }

  /** Where in the picture a pointer is, from 0 to 1. @param {PointerEvent} event */
  placeOf({ clientX }) {
    const { left, width, height } = this.canvas.getBoundingClientRect();
    const shown = Math.min(width, (height * this.canvas.width) / this.canvas.height);
    const place = Math.min(1, Math.max(0, (clientX - left - (width - shown) / 2) / shown));
    return this.isMirrored ? 1 - place : place;
  }

  /** Takes what the server has rendered. */
  async takeOver() {
    const turn = this.turn;
    const url = this.root.querySelector('.imageslider-after')?.getAttribute('href');
    const base = await firstPixels(this.root);
    const after = url && base ? await loadPicture(url) : null;
    if (turn !== this.turn || !after || !base) return;
    this.put(base);
    this.after = after;
    this.draw();
  }

  /** @param {Pixels} base */
  put(base) {
    const part = partOf(base, this.options.seen);
    const [down, across] = this.options.seen.size ?? [part.height, part.width];
    this.base = base;
    // What the model saw is compared with what it answers, not what is finer.
    this.before = atMost(canvasOf(base), Math.ceil((across * base.width) / part.width), Math.ceil((down * base.height) / part.height));
  }

  /** @param {Tensor} tensor of values from 0 to 255 @param {TensorValue} [under] */
  show(tensor, under) {
    const turn = ++this.turn;
    const [, height, width] = tensor.shape;
    if (under) this.put(pixelsOf(under));
    if (tensor.picture) {
      this.canvas.style.visibility = 'hidden';
      loadPicture(tensor.picture).then((picture) => {
        if (turn !== this.turn) return;
        this.after = picture;
        this.draw();
      });
    } else {
      this.after = canvasOf({ width, height, data: /** @type {any} */ (tensor.data) });
      this.draw();
    }
    return text('a picture of {width} × {height} pixels', { width: numeral(width), height: numeral(height) });
  }

  /** As large as the finer of both pictures. */
  draw() {
    const { root, canvas, base, before, after, place, options } = this;
    if (!base || !before || !after) return;
    const part = partOf(base, options.seen);
    const shown = shownOf(base, part);
    const [finer, higher] = [before.width / base.width, before.height / base.height];
    const scale = Math.max(finer, higher, after.width / part.width, after.height / part.height);
    const [width, height] = [shown.width, shown.height].map((side) => Math.round(side * scale));
    Object.assign(canvas, { width, height, hidden: false });
    canvas.style.visibility = '';
    canvas.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.imageSmoothingQuality = 'high';
    context.drawImage(before, shown.x * finer, shown.y * higher, shown.width * finer, shown.height * higher, 0, 0, width, height);
    const line = Math.round((this.isMirrored ? 1 - place : place) * width);
    context.save();
    context.beginPath();
    context.rect(this.isMirrored ? 0 : line, 0, this.isMirrored ? line : width - line, height);
    context.clip();
    const [across, down] = [width / shown.width, height / shown.height];
    context.drawImage(after, (part.x - shown.x) * across, (part.y - shown.y) * down, part.width * across, part.height * down);
    context.restore();
    if (line > 0 && line < width) edge(context, line, height, width / (canvas.clientWidth || width));
    root.querySelector('.over-first')?.remove();
  }
}

/** A line that can be seen on every picture. @param {CanvasRenderingContext2D} context @param {number} x @param {number} height @param {number} pixel of the screen, in those of the canvas */
function edge(context, x, height, pixel) {
  for (const [colour, wide] of /** @type {[string, number][]} */ ([['#000', 4], ['#fff', 2]])) {
    context.fillStyle = colour;
    context.fillRect(x - (wide * pixel) / 2, 0, wide * pixel, height);
  }
}

/** A picture that is no larger than this. @param {HTMLCanvasElement} picture @param {number} width @param {number} height @returns {HTMLCanvasElement} */
function atMost(picture, width, height) {
  if (picture.width <= width && picture.height <= height) return picture;
  // By halves, the last step of all: browsers skip pixels in larger ones.
  const finer = picture.width > 2 * width || picture.height > 2 * height ? atMost(picture, 2 * width, 2 * height) : picture;
  const smaller = document.createElement('canvas');
  Object.assign(smaller, { width: Math.min(width, finer.width), height: Math.min(height, finer.height) });
  smaller.getContext('2d')?.drawImage(finer, 0, 0, smaller.width, smaller.height);
  return smaller;
}

/** @param {Pixels} pixels */
function canvasOf(pixels) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: pixels.width, height: pixels.height });
  canvas.getContext('2d')?.putImageData(imageOf(pixels), 0, 0);
  return canvas;
}
