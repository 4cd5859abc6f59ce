import { text } from '../../../runtime/page/texts.js';
import { find, WidgetError } from '../../../runtime/page/widget.js';
import { Picture, readPicture } from './widget.js';

export { readPicture };

/**
 * A picture of the visitor's own, which the camera may take as well. What that needs is loaded when
 * somebody is about to use it.
 *
 * @param {HTMLElement} root
 * @param {{sources: string[]}} options
 */
export const mount = (root, options) => new CameraPicture(root, options);

class CameraPicture extends Picture {
  /** @type {import('./camera.js').Camera | undefined} */
  camera;

  /** @param {HTMLElement} root @param {{sources: string[]}} options */
  constructor(root, options) {
    super(root, options);
    for (const type of ['pointerover', 'focusin', 'click']) root.addEventListener(type, (event) => this.reach(event));
  }

  /** @param {Event} event */
  async reach({ type, target }) {
    if (!(target instanceof Element && target.closest('.camera-open'))) return;
    const isAsked = type === 'click';
    try {
      const { Camera } = await import('./camera.js');
      this.camera ??= new Camera(this);
      if (isAsked) this.camera.open();
    } catch {
      if (isAsked) find(this.root, '.camera-said', HTMLElement).textContent = text('Check your connection and try again.');
    }
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
