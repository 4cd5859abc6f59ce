import { readPicture } from '../../../runtime/page/pixels.js';
import { text } from '../../../runtime/page/texts.js';
import { announce, WidgetError } from '../../../runtime/page/widget.js';
import { Picture } from '../../../runtime/page/pictures/picture.js';

export { readPicture };

/**
 * A video of the visitor's own, of which one frame after the other is the picture that is used.
 *
 * @param {HTMLElement} root
 * @param {{frames: number}} options
 */
export const mount = (root, options) => new VideoPicture(root, options);

class VideoPicture extends Picture {
  /** @type {import('./film.js').Film | undefined} */
  film;

  /** @param {HTMLElement} root @param {{frames: number}} options */
  constructor(root, { frames }) {
    super(root, { sources: ['upload'] });
    this.frames = frames;
  }

  /** A picture is a frame as well. @param {Blob} file */
  async take(file) {
    if (file.type.startsWith('image/')) {
      this.film?.close();
      return super.take(file);
    }
    const turn = ++this.turn;
    try {
      const { Film } = await import('./film.js');
      this.film ??= new Film(this, this.frames);
      if (turn === this.turn) this.film.open(file);
    } catch {
      if (turn === this.turn) announce(this.root, true, text('Check your connection and try again.'));
    }
  }

  value() {
    if (!this.filled) throw new WidgetError(text('Choose a video first.'), { empty: true });
    return super.value();
  }

  /** @param {{src: string} | null} state */
  restore(state) {
    this.film?.close();
    return super.restore(state);
  }
}
