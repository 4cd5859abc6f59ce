import { text } from '../texts.js';
import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../widget.js';
import { isExact, readCanvas, readFile, readStored } from '../pixels.js';
import { decode } from './decode.js';
import { isOnSide, turn } from './exif.js';
import { listenToFiles } from '../files.js';

const TINY = 96;

/** A picture of the visitor's own: chosen, dropped or pasted. */
export class Picture {
  filled = false;
  /** Counts pictures, so that one that arrives late is dropped. */
  turn = 0;
  /** @type {string | null} */
  source = null;
  /** What the canvas does not give. @type {import('../pixels.js').Pixels | null} */
  pixels = null;
  /** Told when there is another picture. @type {{forget(): void} | undefined} */
  crop;

  /** @param {HTMLElement} root @param {{sources: string[]}} options */
  constructor(root, { sources }) {
    this.root = root;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    listenToFiles(root, sources, (file) => this.take(file));
  }

  empty() {
    this.crop?.forget();
    this.filled = false;
    this.root.classList.add('is-blank');
  }

  /**
   * @param {CanvasImageSource} picture
   * @param {{width: number, height: number, orientation: number}} size of the upright picture, and how this one lies (exif.js)
   * @param {string | null} source its URL, if it has one
   * @param {import('../pixels.js').Pixels | null} pixels
   */
  put(picture, { width, height, orientation }, source, pixels) {
    this.crop?.forget();
    this.pixels = pixels?.width === width && pixels.height === height ? pixels : null;
    const context = whiteCanvas(this.canvas, width, height);
    context.setTransform(...turn(orientation, width, height));
    if (isOnSide(orientation)) context.drawImage(picture, 0, 0, height, width);
    else context.drawImage(picture, 0, 0, width, height);
    this.canvas.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
    this.filled = true;
    this.source = source;
    this.root.classList.remove('is-blank');
  }

  /** @param {Blob} file */
  async take(file) {
    const turn = ++this.turn;
    try {
      const [{ picture, ...size }, pixels] = await Promise.all([decode(file), readFile(file)]);
      if (turn !== this.turn) return;
      this.put(picture, size, null, pixels);
      picture.close();
      announce(this.root, true);
    } catch {
      if (turn === this.turn) announce(this.root, true, text('This file is not an image that your browser can open. Try a PNG or JPEG.'));
    }
  }

  value() {
    if (!this.filled) throw new WidgetError(text('Choose a picture first.'), { empty: true });
    const { width, height, data } = this.pixels ?? readCanvas(this.canvas);
    return { data, shape: [1, height, width, 3] };
  }

  save() {
    if (!this.filled || !(this.source || isExact())) return null;
    return { src: this.source ?? this.canvas.toDataURL() };
  }

  /** @param {{src: string} | null} state */
  async restore(state) {
    const turn = ++this.turn;
    if (!state) return this.empty();
    const picture = await loadPicture(state.src);
    const pixels = await readStored(state.src);
    if (turn !== this.turn) return;
    this.put(picture, { width: picture.naturalWidth, height: picture.naturalHeight, orientation: 1 }, state.src, pixels);
  }
}
