/** PNG files as they are stored, where what is read from a canvas is not what is on it. */

/** Channels by the kind of colour. @type {Record<number, number>} */
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };
/** What would change the picture. */
const STRANGE = ['eXIf', 'tRNS'];

/**
 * Red, green and blue of a plain PNG file (8 bits, not interlaced), laid on white. The format: w3.org/TR/png.
 *
 * @param {Uint8Array} bytes
 */
export async function decodePng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth, kind, interlaced] = [view.getUint32(16), view.getUint32(20), bytes[24], bytes[25], bytes[28]];
  const parts = [];
  let strange = view.getUint32(0) !== 0x89504e47 || depth !== 8 || interlaced || !(kind in CHANNELS);
  for (let at = 8; !strange && at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (STRANGE.includes(type)) strange = true;
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  if (strange) throw new Error('This is not a plain PNG file.');
  const packed = /** @type {BlobPart[]} */ (parts);
  const stream = new Blob(packed).stream().pipeThrough(new DecompressionStream('deflate'));
  const stored = new Uint8Array(await new Response(stream).arrayBuffer());
  return { width, height, data: colours(unfilter(stored, width * CHANNELS[kind], height, CHANNELS[kind]), CHANNELS[kind]) };
}

/** @param {Uint8Array} stored rows with their filters @param {number} width of a row in bytes @param {number} height @param {number} step from pixel to pixel */
function unfilter(stored, width, height, step) {
  const out = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const filter = stored[row * (width + 1)];
    for (let column = 0; column < width; column++) {
      const to = row * width + column;
      const left = column < step ? 0 : out[to - step];
      const up = row ? out[to - width] : 0;
      const corner = row && column >= step ? out[to - width - step] : 0;
      const guess = [0, left, up, (left + up) >> 1, filter === 4 ? nearest(left, up, corner) : 0][filter];
      out[to] = stored[row * (width + 1) + 1 + column] + guess;
    }
  }
  return out;
}

/** Paeth's predictor. @param {number} left @param {number} up @param {number} corner */
function nearest(left, up, corner) {
  const guess = left + up - corner;
  const [one, other, third] = [left, up, corner].map((value) => Math.abs(guess - value));
  return one <= other && one <= third ? left : other <= third ? up : corner;
}

/** @param {Uint8Array} pixels @param {number} channels */
function colours(pixels, channels) {
  const count = pixels.length / channels;
  const green = channels > 2 ? 1 : 0;
  const data = new Int32Array(3 * count);
  for (let pixel = 0; pixel < count; pixel++) {
    const from = pixel * channels;
    const alpha = channels % 2 ? 1 : pixels[from + channels - 1] / 255;
    for (let colour = 0; colour < 3; colour++) {
      data[3 * pixel + colour] = Math.round(255 + alpha * (pixels[from + colour * green] - 255));
    }
  }
  return data;
}
