const LONGEST_SIDE = 1024;

export const UNREADABLE = 'This file is not an image that your browser can open. Try a PNG or JPEG.';

/**
 * The pixels of a picture file as they were stored, upright, and the size to use them at.
 *
 * @param {Blob} file
 */
export async function decode(file) {
  const bitmap = await createImageBitmap(file, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'premultiply',
  });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  return { bitmap, width, height };
}
