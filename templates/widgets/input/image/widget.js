import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/page/widget.js';
import { decode, UNREADABLE } from './decode.js';
import { listenToFiles } from './files.js';

const TINY = 96;

/**
 * A picture of the visitor's own: chosen, dropped or pasted.
 *
 * @param {HTMLElement} root
 */
export const mount = (root) => new Picture(root);

class Picture {
  filled = false;
  /** Counts pictures, so that one that arrives late is dropped. */
  turn = 0;
  /** @type {string | null} */
  source = null;
  /** @type {WidgetError | null} */
  problem = null;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.empty();
    listenToFiles(root, (file) => this.take(file));
  }

  empty() {
    this.filled = false;
    this.problem = null;
    this.root.classList.add('is-blank');
  }

  /**
   * @param {CanvasImageSource} picture
   * @param {{width: number, height: number}} size
   * @param {string | null} source its URL, if it has one
   */
  put(picture, { width, height }, source) {
    whiteCanvas(this.canvas, width, height).drawImage(picture, 0, 0, width, height);
    this.canvas.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
    this.filled = true;
    this.problem = null;
    this.source = source;
    this.root.classList.remove('is-blank');
  }

  /** @param {Blob} file */
  async take(file) {
    const turn = ++this.turn;
    try {
      const { bitmap, ...size } = await decode(file);
      if (turn !== this.turn) return;
      this.put(bitmap, size, null);
      bitmap.close();
    } catch {
      if (turn !== this.turn) return;
      this.problem = new WidgetError(UNREADABLE);
    }
    announce(this.root, true);
  }

  value() {
    if (this.problem) throw this.problem;
    if (!this.filled) throw new WidgetError('Choose a picture first.', { empty: true });
    return readColours(this.canvas);
  }

  save() {
    return this.filled ? { src: this.source ?? this.canvas.toDataURL() } : null;
  }

  /** @param {{src: string} | null} state */
  async restore(state) {
    const turn = ++this.turn;
    if (!state) return this.empty();
    const picture = await loadPicture(state.src);
    if (turn !== this.turn) return;
    this.put(picture, { width: picture.naturalWidth, height: picture.naturalHeight }, state.src);
  }
}

/** Red, green and blue from 0 to 255. @param {HTMLCanvasElement} canvas */
function readColours(canvas) {
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  const data = new Int32Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = pixels[from];
    data[to + 1] = pixels[from + 1];
    data[to + 2] = pixels[from + 2];
  }
  return { data, shape: [1, height, width, 3] };
}
