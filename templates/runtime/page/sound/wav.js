/** WAV files, read here so that their samples are exact (as in bundler/ground/sounds.py), and written. */

/** @typedef {{samples: Float32Array, rate: number, channels?: number}} Sound Of one channel, or the samples of several in turn; from -1 to 1. */

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe];
const HEAD = 44;

/** How a sample is read, by format and bytes; what stands for 1 is taken out. @type {Record<string, (view: DataView, at: number) => number>} */
const READERS = {
  [`${PCM} 1`]: (view, at) => (view.getUint8(at) - 128) / 2 ** 7,
  [`${PCM} 2`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${PCM} 3`]: (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23,
  [`${PCM} 4`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${FLOAT} 4`]: (view, at) => view.getFloat32(at, true),
  [`${FLOAT} 8`]: (view, at) => view.getFloat64(at, true),
};

/**
 * The samples of a WAV file, its channels averaged; null for another file, or of a kind that is not read.
 *
 * @param {ArrayBuffer} buffer
 * @param {boolean} [isWhole] whether its channels are left as they are
 * @returns {Sound | null}
 */
export function parse(buffer, isWhole = false) {
  const view = new DataView(buffer);
  const name = (/** @type {number} */ at) => String.fromCharCode(...new Uint8Array(buffer, at, 4));
  if (buffer.byteLength < HEAD || name(0) !== 'RIFF' || name(8) !== 'WAVE') return null;
  let form = 0;
  for (let at = 12; at + 8 <= buffer.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (name(at) === 'fmt ') form = at + 8;
    // A program that did not know how long a sound would become has said too much.
    if (name(at) === 'data') return form ? read(view, form, at + 8, Math.min(length, buffer.byteLength - at - 8), isWhole) : null;
    at += 8 + length + (length % 2);
  }
  return null;
}

/** @param {DataView} view @param {number} form @param {number} start @param {number} length @param {boolean} isWhole @returns {Sound | null} */
function read(view, form, start, length, isWhole) {
  const [code, channels, frame] = [0, 2, 12].map((at) => view.getUint16(form + at, true));
  const rate = view.getUint32(form + 4, true);
  const width = frame / channels;
  const sample = READERS[`${code === EXTENSIBLE ? view.getUint16(form + 24, true) : code} ${width}`];
  if (!sample || !rate) return null;
  const mixed = isWhole ? 1 : channels;
  const samples = new Float32Array((Math.floor(length / frame) * channels) / mixed);
  for (let index = 0, at = start; index < samples.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < mixed; channel++, at += width) sum += sample(view, at);
    samples[index] = sum / mixed;
  }
  return { samples, rate, channels: channels / mixed };
}

/**
 * A WAV file: of floats, or of 16 bits, which cut off what is above 1.
 *
 * @param {Sound} sound
 * @param {boolean} isFloat
 */
export function write({ samples, rate, channels = 1 }, isFloat) {
  const width = isFloat ? 4 : 2;
  const frame = width * channels;
  const bytes = new Uint8Array(HEAD + samples.length * width);
  const view = new DataView(bytes.buffer);
  const words = /** @type {[number, string][]} */ ([[0, 'RIFF'], [8, 'WAVE'], [12, 'fmt '], [36, 'data']]);
  for (const [at, word] of words) [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  view.setUint32(4, bytes.length - 8, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, isFloat ? FLOAT : PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 8 * width, true);
  view.setUint32(40, samples.length * width, true);
  samples.forEach((value, index) => {
    if (isFloat) view.setFloat32(HEAD + 4 * index, value, true);
    else view.setInt16(HEAD + 2 * index, Math.max(-(2 ** 15), Math.min(2 ** 15 - 1, Math.round(value * 2 ** 15))), true);
  });
  return bytes;
}

/** A WAV file as a data URL. @param {Sound} sound */
export function toUrl(sound) {
  const bytes = write(sound, true);
  let letters = '';
  for (let at = 0; at < bytes.length; at += 2 ** 14) letters += String.fromCharCode(...bytes.subarray(at, at + 2 ** 14));
  return `data:audio/wav;base64,${btoa(letters)}`;
}

/** A sound of the site, or a data URL, which the page's policy lets nobody fetch. @param {string} url @param {boolean} [isWhole] whether its channels are left as they are */
export async function load(url, isWhole) {
  const [, data] = url.split(';base64,');
  const content = data ? Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer : await fetched(url);
  const sound = parse(content, isWhole);
  if (!sound) throw new Error(`${url} is no WAV file.`);
  return sound;
}

/** @param {string} url */
async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}
