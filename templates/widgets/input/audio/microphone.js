import { whenReached } from '../../../runtime/page/reach.js';
import { numeral, text } from '../../../runtime/page/texts.js';
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
    whenReached(root, { button: '.sound-record', said: '.sound-said' }, () => this.load(), (recorder) => recorder.open());
    // Nobody is listened to who does not see the page.
    document.addEventListener('visibilitychange', () => document.hidden && this.recorder?.finish());
  }

  async load() {
    const { Recorder } = await import('./recorder.js');
    return (this.recorder ??= new Recorder(this));
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
