/** The pixels of pictures, never others: some browsers give noise, so that nobody recognises the device. */
import { decodePng } from './png.js';
import { text } from './texts.js';
import { loadPicture, whiteCanvas, WidgetError } from './widget.js';

/** @typedef {{width: number, height: number, data: Int32Array}} Pixels Red, green and blue from 0 to 255. */

const NOISE = [
  text('This browser gives noise instead of the pixels of pictures, so that nobody recognises the device, and the model would answer the noise.'),
  text('Allow this page to read them (Firefox, Tor Browser, LibreWolf: “Extract canvas data” beside the address, or privacy.resistFingerprinting; Brave: the shield), then load it again.'),
].join(' ');
const SIDE = 32;

let exact = false;

/** Whether a pattern is read from a canvas as it was put there; asked again until it is, for visitors can allow it. */
export function isExact() {
  if (exact) return true;
  const context = whiteCanvas(document.createElement('canvas'), SIDE, SIDE);
  const pattern = new ImageData(SIDE, SIDE);
  for (let index = 0; index < pattern.data.length; index++) pattern.data[index] = index % 4 === 3 ? 255 : (index * 89 + (index >> 7) * 31) % 256;
  context.putImageData(pattern, 0, 0);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  exact = data.every((value, index) => value === pattern.data[index]);
  return exact;
}

/** @param {HTMLCanvasElement} canvas @returns {Pixels} */
export function readCanvas(canvas) {
  if (!isExact()) throw new WidgetError(NOISE);
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
  const data = new Int32Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = pixels[from];
    data[to + 1] = pixels[from + 1];
    data[to + 2] = pixels[from + 2];
  }
  return { width, height, data };
}

/** What a grey picture is: one of its channels, which are all the same. @param {Pixels} pixels */
export function grey({ width, height, data }) {
  const values = new Int32Array(width * height);
  // A call for each pixel takes ten times as long, and this is done while the page starts.
  for (let index = 0; index < values.length; index++) values[index] = data[3 * index];
  return values;
}

/** A picture of which the canvas would give noise; null where it does not, or the file is no plain PNG. @param {Blob} file @returns {Promise<Pixels | null>} */
export async function readFile(file) {
  if (isExact()) return null;
  return decodePng(new Uint8Array(await file.arrayBuffer())).catch(() => null);
}

/** The same for a picture of the site, or a data URL. @param {string} url */
export async function readStored(url) {
  return isExact() ? null : readFile(await (await fetch(url)).blob());
}

/** The pixels of a picture of the site, as a tensor of this shape has them. @param {string} url @param {number[]} shape batch, height, width, channels */
export async function readPicture(url, [, height, width, channels]) {
  let pixels = await readStored(url);
  if (!pixels) {
    const canvas = document.createElement('canvas');
    whiteCanvas(canvas, width, height).drawImage(await loadPicture(url), 0, 0);
    pixels = readCanvas(canvas);
  }
  return channels === 3 ? pixels.data : grey(pixels);
}
