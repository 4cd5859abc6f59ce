import { text } from './texts.js';
import { find } from './widget.js';

/**
 * A button whose program is loaded when somebody is about to press it.
 *
 * @template T
 * @param {HTMLElement} root
 * @param {{button: string, said: string}} selectors the button, and where it is told that nothing was loaded
 * @param {() => Promise<T>} load asked each time, so that what failed is tried again
 * @param {(loaded: T) => void} press
 */
export function whenReached(root, { button, said }, load, press) {
  for (const type of ['pointerover', 'focusin', 'click']) {
    root.addEventListener(type, async ({ target }) => {
      if (!(target instanceof Element && target.closest(button))) return;
      const isPressed = type === 'click';
      try {
        const loaded = await load();
        if (isPressed) press(loaded);
      } catch {
        if (isPressed) find(root, said, HTMLElement).textContent = text('Check your connection and try again.');
      }
    });
  }
}
