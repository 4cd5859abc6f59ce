/** @import {Tensor, TensorValue} from '../../../runtime/page/types.js' */
/** @import {Mark, Options} from './marks.js' */
import { control } from '../../../runtime/page/control.js';
import { imageOf, pixelsOf } from '../../../runtime/page/over.js';
import { text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { drawMarks, HUES, scaleMarks } from './drawn.js';
import { marksOf, percent, place, reaching, summary } from './marks.js';

export const take = () => import('./take.js');

const TINY = 96;
/** Rows of the list by key, from the one that is chosen. @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/**
 * Boxes over the picture that went in, and a list of them that can be walked through.
 *
 * @param {HTMLElement} root
 * @param {Options} options
 * @param {Tensor} [first] what the server has drawn
 */
export const mount = (root, options, first) => new AnnotatedImage(root, options, first);

class AnnotatedImage {
  /** @type {Mark[]} those that are shown */
  marks = [];
  chosen = -1;

  /** @param {HTMLElement} root @param {Options} options @param {Tensor} [tensor] */
  constructor(root, options, tensor) {
    this.root = root;
    this.options = options;
    this.tensor = tensor;
    this.stored = find(root, 'img', HTMLImageElement);
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.view = find(root, '.marks', SVGSVGElement);
    this.list = find(root, '.marks-list', HTMLElement);
    this.count = find(root, '.marks-count', HTMLElement);
    control(root, 'threshold', (value) => this.reach(value));
    this.list.onkeydown = (event) => this.walk(event);
    this.list.onclick = ({ target }) => this.choose([...this.list.children].indexOf(/** @type {Element} */ (/** @type {Element} */ (target).closest('li'))));
    this.list.onfocus = () => this.chosen < 0 && this.choose(0);
    new ResizeObserver(() => scaleMarks(this.view)).observe(this.view);
    if (tensor) this.draw();
  }

  /** @param {Tensor} tensor @param {TensorValue} [picture] that the answer belongs to */
  show(tensor, picture) {
    this.tensor = tensor;
    if (picture) this.put(picture);
    return this.draw();
  }

  /** With another least score, without asking the model. @param {number} threshold */
  reach(threshold) {
    this.options = { ...this.options, threshold };
    return this.draw();
  }

  draw() {
    const { tensor, options, view, list } = this;
    if (!tensor) return '';
    const { width, height } = view.viewBox.baseVal;
    this.marks = reaching(marksOf(tensor, options, width, height), options.threshold);
    drawMarks(view, this.marks, options);
    list.replaceChildren(...this.marks.map((mark, index) => this.row(mark, index)));
    list.hidden = !this.marks.length;
    const said = summary(this.marks, options);
    this.count.textContent = said;
    this.choose(this.chosen < this.marks.length ? this.chosen : -1);
    return said;
  }

  /** @param {Mark} mark @param {number} index */
  row(mark, index) {
    const row = Object.assign(document.createElement('li'), { id: `${this.root.id}-${index}`, role: 'option' });
    const parts = [mark.name, place(mark), percent(mark.score)].map((said) => Object.assign(document.createElement('span'), { textContent: said }));
    const points = mark.points.filter(({ score }) => score >= this.options.threshold).length;
    if (mark.points.length) parts[1].textContent += ` · ${text('{number} of {all} points', { number: points, all: mark.points.length })}`;
    const swatch = Object.assign(document.createElement('i'), { ariaHidden: 'true' });
    swatch.dataset.hue = String(mark.kind % HUES);
    // Screen readers take what stands together for one word.
    row.append(swatch, parts[0], ' ', parts[1], ' ', parts[2]);
    return row;
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const { key } = event;
    if (key === 'Escape') return this.choose(-1);
    if (!(key in STEPS)) return;
    event.preventDefault();
    this.choose(Math.min(Math.max(this.chosen + STEPS[key], 0), this.marks.length - 1));
  }

  /** Highlights one of them; none below 0. @param {number} index */
  choose(index) {
    this.chosen = index;
    const { list, view } = this;
    [...list.children].forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
    const row = list.children[index];
    if (row) list.setAttribute('aria-activedescendant', row.id);
    else list.removeAttribute('aria-activedescendant');
    if (row instanceof HTMLElement && document.activeElement === list) {
      list.scrollTop = Math.min(list.scrollTop, row.offsetTop);
      list.scrollTop = Math.max(list.scrollTop, row.offsetTop + row.offsetHeight - list.clientHeight);
    }
    view.classList.toggle('has-chosen', Boolean(row));
    // The surest are drawn last, over the others.
    [...view.children].reverse().forEach((mark, at) => mark.classList.toggle('is-chosen', at === index));
  }

  /** The pixels that the model was given. @param {TensorValue} picture */
  put(picture) {
    const pixels = pixelsOf(picture);
    const { width, height } = pixels;
    const { canvas, stored, view } = this;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.putImageData(imageOf(pixels), 0, 0);
    canvas.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
    canvas.hidden = false;
    stored.hidden = true;
    view.setAttribute('viewBox', `0 0 ${width} ${height}`);
    scaleMarks(view);
  }
}
