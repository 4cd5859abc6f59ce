/** @import {Tensor} from '../../../runtime/page/types.js' */
import { numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';

export const take = () => import('./take.js');

const TINY = 96;

/**
 * A picture of values from 0 to 255: grey or red, green and blue.
 *
 * @param {HTMLElement} root
 */
export function mount(root) {
  const stored = find(root, 'img', HTMLImageElement);
  const canvas = find(root, 'canvas', HTMLCanvasElement);
  const caption = find(root, '.answer-size', HTMLElement);

  return {
    /** @param {Tensor} tensor */
    show(tensor) {
      const [, height, width] = tensor.shape;
      stored.hidden = !tensor.picture;
      canvas.hidden = !stored.hidden;
      if (tensor.picture) load(stored, tensor.picture);
      else draw(canvas, tensor);
      for (const picture of [stored, canvas]) picture.classList.toggle('is-tiny', Math.max(width, height) <= TINY);
      const sides = [numeral(width), numeral(height)];
      caption.textContent = text('{width} × {height} pixels', { width: sides[0], height: sides[1] });
      return text('a picture of {width} × {height} pixels', { width: sides[0], height: sides[1] });
    },
  };
}

/** Browsers show the picture that was there until the next one has come. @param {HTMLImageElement} stored @param {string} url */
function load(stored, url) {
  stored.style.visibility = 'hidden';
  stored.onload = stored.onerror = () => (stored.style.visibility = '');
  stored.src = url;
}

/** @param {HTMLCanvasElement} canvas @param {Tensor} tensor */
function draw(canvas, { data, shape }) {
  const [, height, width, channels] = shape;
  const green = channels === 3 ? 1 : 0;
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; to < pixels.data.length; from += channels, to += 4) {
    // An array of clamped bytes rounds.
    pixels.data[to] = Number(data[from]);
    pixels.data[to + 1] = Number(data[from + green]);
    pixels.data[to + 2] = Number(data[from + 2 * green]);
    pixels.data[to + 3] = 255;
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}
