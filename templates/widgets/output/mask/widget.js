/** @import {Tensor, TensorValue} from '../../../runtime/page/types.js' */
/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @import {Seen} from '../../../runtime/page/over.js' */
/** @import {Levels} from './levels.js' */
/** @import {Share} from './paint.js' */
import { control, percent } from '../../../runtime/page/control.js';
import { firstPixels, imageOf, partOf, pixelsOf } from '../../../runtime/page/over.js';
import { list, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { levelsOf, readLevels } from './levels.js';
import { coloursOf, isPainted, painted, sharesOf } from './paint.js';

export const take = () => import('./take.js');

/** @typedef {{labels: string[], colors: string[], threshold: number | null, seen: Seen}} Options */

/** @param {HTMLElement} root @param {Options} options */
export const mount = (root, options) => new Mask(root, options);

/** What is where in a picture, painted over it. */
class Mask {
  /** Counts answers, so that one that arrives late is dropped. */
  turn = 0;
  opacity = 0.5;
  /** @type {Pixels | null} */
  base = null;
  /** @type {Levels | null} */
  levels = null;
  /** @type {Share[]} */
  shares = [];
  /** What is taken away. @type {import('./paint.js').Shown | null} */
  shown = null;

  /** @param {HTMLElement} root @param {Options} options */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.threshold = options.threshold;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.rows = [...root.querySelectorAll('.mask-legend li')].map((row) => ({
      row: /** @type {HTMLElement} */ (row),
      rect: find(row, 'rect', SVGRectElement),
      name: find(row, '.mask-name', HTMLElement),
      share: find(row, '.mask-share', HTMLElement),
    }));
    this.unnamed = this.rows[0]?.name.textContent ?? '';
    control(root, 'opacity', (value) => {
      this.opacity = value;
      this.draw();
    });
    if (this.threshold !== null) {
      control(root, 'threshold', (value) => {
        this.threshold = value;
        this.draw();
        return this.words();
      });
    }
    this.takeOver();
  }

  /** Takes what the server has rendered. */
  async takeOver() {
    const turn = this.turn;
    const url = this.root.querySelector('.mask-pixels')?.getAttribute('href');
    const base = await firstPixels(this.root);
    const levels = url && base ? await this.read(url) : null;
    if (turn !== this.turn || !levels) return;
    Object.assign(this, { base, levels });
    this.draw();
  }

  /** @param {string} url */
  read(url) {
    return readLevels(url, this.options.colors, this.options.threshold !== null);
  }

  /** @param {Tensor} tensor @param {TensorValue} [under] */
  show(tensor, under) {
    const turn = ++this.turn;
    if (under) this.base = pixelsOf(under);
    if (!tensor.picture) {
      this.levels = levelsOf(tensor);
      this.draw();
      return this.words();
    }
    this.canvas.style.visibility = 'hidden';
    this.read(tensor.picture).then((levels) => {
      if (turn !== this.turn) return;
      this.levels = levels;
      this.draw();
    });
    return text('a mask over the picture');
  }

  draw() {
    const { root, options, base, levels, threshold, opacity, canvas } = this;
    if (!base || !levels) return;
    const part = partOf(base, options.seen);
    const colours = coloursOf(options, threshold);
    this.shares = sharesOf(base, levels, part, options.labels, colours, threshold !== null);
    this.shown = { base, levels, part, colours, opacity, shares: this.shares };
    const { width, height, data } = painted(base, levels, part, colours, opacity);
    Object.assign(canvas, { width, height, hidden: false });
    canvas.style.visibility = '';
    canvas.classList.toggle('is-tiny', Math.max(width, height) <= 96);
    canvas.getContext('2d')?.putImageData(imageOf({ width, height, data: /** @type {any} */ (data) }), 0, 0);
    root.querySelector('.over-first')?.remove();
    this.explain();
  }

  /** The legend: all classes in their order, or of very many those that are there, the largest first. */
  explain() {
    const { rows, shares, options } = this;
    const isAll = shares.length <= rows.length;
    const listed = isAll ? shares : [...shares].sort((one, other) => other.share - one.share);
    rows.forEach(({ row, rect, name, share }, place) => {
      const entry = listed[place];
      row.hidden = !isAll && !entry.share;
      rect.setAttribute('fill', options.colors[entry.index]);
      rect.parentElement?.classList.toggle('is-blank', !isPainted(entry.name));
      name.textContent = entry.name || this.unnamed;
      share.textContent = percent(entry.share);
    });
  }

  /** What is there, the largest first. */
  words() {
    const there = this.shares.filter(({ name, share }) => share && isPainted(name)).sort((one, other) => other.share - one.share);
    const said = there.slice(0, this.rows.length).map(({ name, share }) => `${name || this.unnamed}, ${percent(share)}`);
    return said.length ? list(said) : text('nothing of it in the picture');
  }
}
