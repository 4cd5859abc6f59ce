/** Writes PNG files without a canvas, which some browsers fill with noise. The format: w3.org/TR/png. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The kind of colour by the number of channels. @type {Record<number, number>} */
const KINDS = { 1: 0, 3: 2 };
const LONGEST_BLOCK = 0xffff;

/** @param {ArrayLike<number>} pixels row by row @param {number} width @param {number} height @param {number} channels 1 for grey, 3 for colour */
export async function encodePng(pixels, width, height, channels) {
  const header = [...bytes(width), ...bytes(height), 8, KINDS[channels], 0, 0, 0];
  const step = width * channels;
  // Each row begins with its filter: none.
  const stored = new Uint8Array(height * (step + 1));
  for (let row = 0; row < height; row++) {
    for (let at = 0; at < step; at++) stored[row * (step + 1) + 1 + at] = pixels[row * step + at];
  }
  const parts = [Uint8Array.from(SIGNATURE), chunk('IHDR', Uint8Array.from(header)), chunk('IDAT', await packed(stored)), chunk('IEND', new Uint8Array(0))];
  return new Blob(/** @type {BlobPart[]} */ (parts), { type: 'image/png' });
}

/** Four bytes, the highest first. @param {number} number */
const bytes = (number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const body = new Uint8Array(4 + data.length);
  body.set(Array.from(type, (letter) => letter.charCodeAt(0)));
  body.set(data, 4);
  return joined([Uint8Array.from(bytes(data.length)), body, Uint8Array.from(bytes(crc(body)))]);
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} data */
function crc(data) {
  let value = -1;
  for (const byte of data) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value;
}

/** As zlib has it; browsers that cannot pack (before Safari 16.4, Firefox 113) store. @param {Uint8Array} data @returns {Promise<Uint8Array>} */
async function packed(data) {
  if (!('CompressionStream' in globalThis)) return stored(data);
  const stream = new Blob([/** @type {BlobPart} */ (data)]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Blocks that are not packed, as RFC 1950 and 1951 have them. @param {Uint8Array} data */
export function stored(data) {
  /** @type {Uint8Array[]} */
  const parts = [Uint8Array.of(0x78, 0x01)];
  for (let from = 0; from < data.length || from === 0; from += LONGEST_BLOCK) {
    const block = data.subarray(from, from + LONGEST_BLOCK);
    const { length } = block;
    parts.push(Uint8Array.of(Number(from + length >= data.length), length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), block);
  }
  let [low, high] = [1, 0];
  for (const byte of data) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return joined([...parts, Uint8Array.from([...bytes(high).slice(2), ...bytes(low).slice(2)])]);
}
