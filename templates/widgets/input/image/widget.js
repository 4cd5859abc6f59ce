import { readPicture } from '../../../runtime/page/pixels.js';
import { whenReached } from '../../../runtime/page/reach.js';
import { Picture } from '../../../runtime/page/pictures/picture.js';

export { readPicture };

/**
 * A picture of the visitor's own: chosen, dropped or pasted, and cropped by hand.
 *
 * @param {HTMLElement} root
 * @param {{sources: string[]}} options
 */
export const mount = (root, options) => offerCrop(new Picture(root, options));

/** @template {Picture} P @param {P} picture */
export function offerCrop(picture) {
  /** @type {import('./crop.js').Crop | undefined} */
  let crop;
  const load = async () => {
    const { Crop } = await import('./crop.js');
    return (picture.crop = crop ??= new Crop(picture));
  };
  whenReached(picture.root, { button: '.crop-open', said: '.crop-said' }, load, (loaded) => loaded.open());
  return picture;
}
