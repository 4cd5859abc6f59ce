/** @import {Answers} from './answers.js' */

import { text } from './texts.js';
import { find } from './widget.js';

/**
 * Lets the visitor take the answer away: how it is done is loaded when somebody is about to.
 *
 * @param {Answers} answers
 * @returns {() => void} loads it, too
 */
export function offerAnswers(answers) {
  /** @param {{type: string, target: EventTarget | null}} event */
  const begin = ({ type, target }) => {
    /** @type {HTMLElement | null} */
    const button = /** @type {HTMLElement} */ (target).closest('[data-take]');
    if (!button) return;
    // Browsers let a page copy only in the midst of a click: by then, what it takes should be there.
    import('./taken/take.js')
      .then(({ take }) => take(button, answers, type === 'click'))
      .catch(() => {
        if (type === 'click') find(/** @type {HTMLElement} */ (button.parentElement), '[role=status]', HTMLElement).textContent = text('Check your connection and try again.');
      });
  };
  for (const type of ['pointerover', 'focusin', 'click']) answers.pane.addEventListener(type, begin);
  return () => answers.pane.querySelectorAll('[data-take]:first-of-type').forEach((target) => begin({ type: '', target }));
}
