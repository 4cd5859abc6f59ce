/** How a camera held a picture: what browsers do about it differs, so it is taken out and done here. */

const ORIENTATION = 0x0112;

/** Where each of the eight ways moves a picture that will be w × h: a canvas's transformation. @type {((w: number, h: number) => [number, number, number, number, number, number])[]} */
const TURNS = [
  () => [1, 0, 0, 1, 0, 0],
  (w) => [-1, 0, 0, 1, w, 0],
  (w, h) => [-1, 0, 0, -1, w, h],
  (_, h) => [1, 0, 0, -1, 0, h],
  () => [0, 1, 1, 0, 0, 0],
  (w) => [0, 1, -1, 0, w, 0],
  (w, h) => [0, -1, -1, 0, w, h],
  (_, h) => [0, -1, 1, 0, 0, h],
];

/** From the fifth on, a picture is stored on its side. @param {number} orientation */
export const isOnSide = (orientation) => orientation > 4;

/** @param {number} orientation @param {number} width @param {number} height of the upright picture */
export const turn = (orientation, width, height) => TURNS[orientation - 1](width, height);

/**
 * A JPEG, PNG or WebP file without its orientation, and which that was, from 1 (upright) to 8.
 *
 * @param {Blob} file
 * @returns {Promise<{stored: Blob, orientation: number}>}
 */
export async function takeOrientation(file) {
  const bytes = new DataView(await file.arrayBuffer());
  try {
    const found = findOrientation(bytes, findExif(bytes));
    const orientation = found ? bytes.getUint16(found.at, found.little) : 1;
    if (found && orientation > 1 && orientation <= TURNS.length) {
      bytes.setUint16(found.at, 1, found.little);
      return { stored: new Blob([bytes], { type: file.type }), orientation };
    }
  } catch {
    // It ends too early: whether that is a picture is the browser's to say.
  }
  return { stored: file, orientation: 1 };
}

/** Where the EXIF data begin; 0 where there are none. @param {DataView} bytes */
function findExif(bytes) {
  const name = (/** @type {number} */ at) => String.fromCharCode(...[0, 1, 2, 3].map((index) => bytes.getUint8(at + index)));
  const behind = (/** @type {number} */ at) => (name(at) === 'Exif' ? at + 6 : at);
  if (bytes.getUint16(0) === 0xffd8) {
    // Segments until the picture itself begins.
    for (let at = 2; bytes.getUint16(at) !== 0xffda; at += 2 + bytes.getUint16(at + 2)) {
      if (bytes.getUint16(at) === 0xffe1 && name(at + 4) === 'Exif') return at + 10;
    }
  } else if (name(0) === '\x89PNG') {
    for (let at = 8; at < bytes.byteLength; at += 12 + bytes.getUint32(at)) if (name(at + 4) === 'eXIf') return at + 8;
  } else if (name(8) === 'WEBP') {
    // Chunks of an even length.
    for (let at = 12; at < bytes.byteLength; at += 8 + ((bytes.getUint32(at + 4, true) + 1) & ~1)) if (name(at) === 'EXIF') return behind(at + 8);
  }
  return 0;
}

/** The place of the value, in a directory of twelve bytes an entry. @param {DataView} bytes @param {number} start */
function findOrientation(bytes, start) {
  if (!start) return undefined;
  const little = bytes.getUint8(start) === 0x49;
  const directory = start + bytes.getUint32(start + 4, little);
  const end = directory + 2 + 12 * bytes.getUint16(directory, little);
  for (let at = directory + 2; at < end; at += 12) if (bytes.getUint16(at, little) === ORIENTATION) return { at: at + 8, little };
  return undefined;
}
