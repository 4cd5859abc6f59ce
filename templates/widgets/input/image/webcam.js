import { whenReached } from '../../../runtime/page/reach.js';
import { text } from '../../../runtime/page/texts.js';
import { WidgetError } from '../../../runtime/page/widget.js';
import { Picture } from '../../../runtime/page/pictures/picture.js';
import { offerCrop, readPicture } from './widget.js';

export { readPicture };

/**
 * A picture of the visitor's own, which the camera may take as well. What that needs is loaded when
 * somebody is about to use it.
 *
 * @param {HTMLElement} root
 * @param {{sources: string[]}} options
 */
export const mount = (root, options) => offerCrop(new CameraPicture(root, options));

class CameraPicture extends Picture {
  /** @type {import('./camera.js').Camera | undefined} */
  camera;

  /** @param {HTMLElement} root @param {{sources: string[]}} options */
  constructor(root, options) {
    super(root, options);
    whenReached(root, { button: '.camera-open', said: '.camera-said' }, () => this.load(), (camera) => camera.open());
  }

  async load() {
    const { Camera } = await import('./camera.js');
    return (this.camera ??= new Camera(this));
  }

  /** @param {Blob} file */
  take(file) {
    this.camera?.close();
    return super.take(file);
  }

  value() {
    // What the camera sees is no input before it is taken, and the one before is not to be seen.
    if (this.camera?.stage === 'on') throw new WidgetError(text('Take the picture, or switch to live.'), { empty: true });
    return super.value();
  }

  /** @param {{src: string} | null} state */
  restore(state) {
    this.camera?.close();
    return super.restore(state);
  }
}
