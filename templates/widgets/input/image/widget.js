import { announce, find, loadPicture, whiteCanvas, WidgetError } from '../../../runtime/widget.js';
import { decode, UNREADABLE } from './decode.js';
import { listenToFiles } from './files.js';

const TINY = 96;

/**
 * A picture of the visitor's own: chosen, dropped or pasted.
 *
 * @param {HTMLElement} root
 */
export function mount(root) {
  const canvas = find(root, 'canvas', HTMLCanvasElement);
  let filled = false;
  let turn = 0;
  /** @type {string | null} */
  let source = null;
  /** @type {WidgetError | null} */
  let problem = null;

  /** @param {CanvasImageSource} picture @param {number} width @param {number} height */
  function put(picture, width, height) {
    whiteCanvas(canvas, width, height).drawImage(picture, 0, 0, width, height);
    canvas.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
    filled = true;
    problem = null;
    root.classList.remove('is-blank');
  }

  /** @param {Blob} file */
  async function take(file) {
    const mine = ++turn;
    try {
      const { bitmap, width, height } = await decode(file);
      if (mine !== turn) return;
      put(bitmap, width, height);
      bitmap.close();
      source = null;
    } catch {
      if (mine !== turn) return;
      problem = new WidgetError(UNREADABLE);
    }
    announce(root, true);
  }

  function empty() {
    filled = false;
    problem = null;
    root.classList.add('is-blank');
  }

  empty();
  listenToFiles(root, take);
  return {
    value() {
      if (problem) throw problem;
      if (!filled) throw new WidgetError('Choose a picture first.', { empty: true });
      return readColours(canvas);
    },
    save: () => (filled ? { src: source ?? canvas.toDataURL() } : null),
    /** @param {{src: string} | null} state */
    async restore(state) {
      const mine = ++turn;
      if (!state) return empty();
      const picture = await loadPicture(state.src);
      if (mine !== turn) return;
      put(picture, picture.naturalWidth, picture.naturalHeight);
      source = state.src;
    },
  };
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
