import { isOnSide, takeOrientation } from './exif.js';

const LONGEST_SIDE = 1024;

/**
 * The pixels of a picture file as they were stored, how they are turned, and the size to use them at upright.
 *
 * @param {Blob} file
 */
export async function decode(file) {
  const { stored, orientation } = await takeOrientation(file);
  const picture = await createImageBitmap(stored, { colorSpaceConversion: 'none', premultiplyAlpha: 'premultiply' });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const [across, down] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const [width, height] = isOnSide(orientation) ? [down, across] : [across, down];
  return { picture, orientation, width, height };
}
