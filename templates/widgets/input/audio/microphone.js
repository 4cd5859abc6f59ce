import { numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { readSound, Sound } from './widget.js';

export { readSound };

/**
 * A sound of the visitor's own, which may be spoken as well. What that needs is loaded when somebody
 * is about to use it.
 *
 * @param {HTMLElement} root
 * @param {import('./widget.js').Options} options
 */
export const mount = (root, options) => new Spoken(root, options);

class Spoken extends Sound {
  /** @type {import('./recorder.js').Recorder | undefined} */
  recorder;

  /** @param {HTMLElement} root @param {import('./widget.js').Options} options */
  constructor(root, options) {
    super(root, options);
    for (const type of ['pointerover', 'focusin', 'click']) root.addEventListener(type, (event) => this.reach(event));
    // Nobody is listened to who does not see the page.
    document.addEventListener('visibilitychange', () => document.hidden && this.recorder?.finish());
  }

  /** @param {Event} event */
  async reach({ type, target }) {
    if (!(target instanceof Element && target.closest('.sound-record'))) return;
    const isAsked = type === 'click';
    try {
      const { Recorder } = await import('./recorder.js');
      this.recorder ??= new Recorder(this);
      if (isAsked) this.recorder.open();
    } catch {
      if (isAsked) find(this.root, '.sound-said', HTMLElement).textContent = text('Check your connection and try again.');
    }
  }

  get wanted() {
    if (!this.root.dataset.sound) return text('Record or choose a sound first.');
    return text('Speak now: at most {seconds} s.', { seconds: numeral(Number((this.most / this.rate).toFixed(2))) });
  }

  /** @param {Blob} file */
  take(file) {
    this.recorder?.close();
    return super.take(file);
  }

  /** @param {import('./widget.js').State | null} state */
  restore(state) {
    this.recorder?.close();
    return super.restore(state);
  }
}
