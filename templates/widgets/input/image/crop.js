/** A part of the picture, chosen by hand: it is the picture then. */
import { numeral, text } from '../../../runtime/page/texts.js';
import { announce, find, whiteCanvas } from '../../../runtime/page/widget.js';

/** @import {Pixels} from '../../../runtime/page/pixels.js' */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Part in whole pixels of the picture */
/** @typedef {{canvas: HTMLCanvasElement, pixels: Pixels | null, source: string | null}} Whole */

/** Pixels that a part has at least on each side. */
const LEAST = 8;
/** What an arrow key moves, as a share of the longer side. */
const STEP = 1 / 50;
/** @type {(keyof Part)[]} */
const ALL = ['left', 'top', 'right', 'bottom'];
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Crop {
  /** @type {Part} */
  part = { left: 0, top: 0, right: 0, bottom: 0 };
  /** The picture that the one in the widget is a part of. @type {Whole | null} */
  whole = null;

  /** @param {import('../../../runtime/page/pictures/picture.js').Picture} picture */
  constructor(picture) {
    const { root } = picture;
    this.picture = picture;
    this.root = root;
    this.view = find(root, '.crop', SVGSVGElement);
    this.frame = find(root, '.crop-part', SVGElement);
    this.opener = find(root, '.crop-open', HTMLElement);
    this.said = find(root, '.crop-said', HTMLElement);
    find(root, '.crop-use', HTMLElement).onclick = () => this.use();
    find(root, '.crop-end', HTMLElement).onclick = () => this.end();
    find(root, '.crop-whole', HTMLElement).onclick = () => this.putBack();
    this.frame.onkeydown = (event) => this.press(event);
    this.view.onpointerdown = (event) => this.grasp(event);
  }

  get size() {
    return [this.picture.canvas.width, this.picture.canvas.height];
  }

  /** Begins with the largest part in the middle that has the shape that the model wants. */
  open() {
    const [width, height] = this.size;
    const room = find(this.root, '.frame-room', SVGElement);
    const shape = Number(room.getAttribute('width')) / Number(room.getAttribute('height'));
    const [across, down] = [Math.min(width, Math.max(LEAST, Math.round(height * shape))), Math.min(height, Math.max(LEAST, Math.round(width / shape)))];
    const [left, top] = [(width - across) >> 1, (height - down) >> 1];
    this.view.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.view.setAttribute('width', String(width));
    this.view.setAttribute('height', String(height));
    this.set('on');
    this.show({ left, top, right: left + across, bottom: top + down });
    this.frame.focus({ preventScroll: true });
  }

  /** @param {'' | 'on' | 'done'} stage */
  set(stage) {
    this.root.dataset.crop = stage;
    this.said.textContent = '';
  }

  /** @param {Part} part */
  show(part) {
    const { left, top, right, bottom } = part;
    const [width, height] = this.size;
    const outline = `M${left} ${top}V${bottom}H${right}V${top}z`;
    this.part = part;
    find(this.view, '.crop-outside', SVGPathElement).setAttribute('d', `M0 0H${width}V${height}H0z${outline}`);
    for (const edge of this.frame.children) edge.setAttribute('d', outline);
    for (const corner of this.view.querySelectorAll('[data-corner]')) {
      const [down, across] = edgesOf(corner);
      corner.setAttribute('d', `M${part[across]} ${part[down]}h0`);
    }
    this.said.textContent = text('{width} × {height} pixels of {all_width} × {all_height}', {
      width: numeral(right - left),
      height: numeral(bottom - top),
      all_width: numeral(width),
      all_height: numeral(height),
    });
  }

  /** Moves these edges of a part, as far as the picture goes. @param {Part} from @param {(keyof Part)[]} edges @param {number[]} by */
  move(from, edges, [right, down]) {
    const [width, height] = this.size;
    const { left, top, right: end, bottom } = from;
    if (edges === ALL) {
      const [x, y] = [clamp(right, -left, width - end), clamp(down, -top, height - bottom)];
      return this.show({ left: left + x, top: top + y, right: end + x, bottom: bottom + y });
    }
    const [least, low] = [Math.min(LEAST, width), Math.min(LEAST, height)];
    const moved = { ...from };
    if (edges.includes('left')) moved.left = clamp(left + right, 0, end - least);
    if (edges.includes('right')) moved.right = clamp(end + right, left + least, width);
    if (edges.includes('top')) moved.top = clamp(top + down, 0, bottom - low);
    if (edges.includes('bottom')) moved.bottom = clamp(bottom + down, top + low, height);
    this.show(moved);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key, shiftKey } = event;
    const step = Math.max(1, Math.round(Math.max(...this.size) * STEP));
    if (key in ARROWS) this.move(this.part, shiftKey ? ['right', 'bottom'] : ALL, ARROWS[key].map((share) => share * step));
    else if (key === 'Enter') this.use();
    else if (key === 'Escape') this.end();
    else return;
    event.preventDefault();
  }

  /** A corner, or the part itself. @param {PointerEvent} event */
  grasp(event) {
    if (event.button) return;
    event.preventDefault();
    const { target } = event;
    if (!(target instanceof Element)) return;
    const edges = this.frame.contains(target) ? ALL : edgesOf(target);
    const [start, from] = [this.pointOf(event), this.part];
    this.view.setPointerCapture(event.pointerId);
    this.view.onpointermove = (moved) => {
      const point = this.pointOf(moved);
      this.move(from, edges, [Math.round(point.x - start.x), Math.round(point.y - start.y)]);
    };
    this.view.onpointerup = this.view.onpointercancel = () => (this.view.onpointermove = null);
    this.frame.focus({ preventScroll: true });
  }

  /** In pixels of the picture. @param {PointerEvent} event */
  pointOf({ clientX, clientY }) {
    return new DOMPoint(clientX, clientY).matrixTransform(this.view.getScreenCTM()?.inverse());
  }

  /** The part is the picture from now on. */
  use() {
    const { picture, part } = this;
    const { canvas, pixels, source } = picture;
    this.keep(this.whole ?? { canvas: copy(canvas), pixels, source }, cut(canvas, part), pixels && cutPixels(pixels, part), null);
  }

  /** The picture is what it was before anything was cut off. */
  putBack() {
    const { whole } = this;
    if (whole) this.keep(null, whole.canvas, whole.pixels, whole.source);
  }

  /** @param {Whole | null} whole @param {HTMLCanvasElement} canvas @param {Pixels | null} pixels @param {string | null} source */
  keep(whole, canvas, pixels, source) {
    const { width, height } = canvas;
    // A file that is still being read is out of date.
    this.picture.turn += 1;
    this.picture.put(canvas, { width, height, orientation: 1 }, source, pixels);
    this.whole = whole;
    this.end();
    announce(this.root, true);
  }

  /** Nothing more is cut off. */
  end() {
    this.set(this.whole ? 'done' : '');
    this.opener.focus({ preventScroll: true });
  }

  /** The picture is another one. */
  forget() {
    this.whole = null;
    this.set('');
  }
}

/** Those that a corner moves. @param {Element} corner */
const edgesOf = (corner) => /** @type {(keyof Part)[]} */ (corner.getAttribute('data-corner')?.split(' ') ?? []);

/** @param {number} value @param {number} least @param {number} most */
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

/** @param {HTMLCanvasElement} canvas */
const copy = (canvas) => cut(canvas, { left: 0, top: 0, right: canvas.width, bottom: canvas.height });

/** @param {HTMLCanvasElement} canvas @param {Part} part */
function cut(canvas, { left, top, right, bottom }) {
  const made = document.createElement('canvas');
  whiteCanvas(made, right - left, bottom - top).drawImage(canvas, -left, -top);
  return made;
}

/** @param {Pixels} pixels @param {Part} part @returns {Pixels} */
function cutPixels({ width: row, data }, { left, top, right, bottom }) {
  const [width, height] = [right - left, bottom - top];
  const part = new Int32Array(3 * width * height);
  for (let line = 0; line < height; line++) {
    const from = 3 * ((top + line) * row + left);
    part.set(data.subarray(from, from + 3 * width), 3 * width * line);
  }
  return { width, height, data: part };
}
