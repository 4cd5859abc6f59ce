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
  /** @param {HTMLElement} button @param {boolean} wanted */
  const load = (button, wanted) =>
    import('./taken/take.js')
      .then(({ take }) => take(button, answers, wanted))
      .catch(() => {
        if (wanted) find(/** @type {HTMLElement} */ (button.parentElement), '[role=status]', HTMLElement).textContent = text('Check your connection and try again.');
      });
  /** @param {Event} event */
  const begin = ({ type, target }) => {
    /** @type {HTMLElement | null} */
    const button = /** @type {HTMLElement} */ (target).closest('[data-take]');
    // Browsers let a page copy only in the midst of a click: by then, what it takes should be there.
    if (button) load(button, type === 'click');
  };
  for (const type of ['pointerover', 'focusin', 'click']) answers.pane.addEventListener(type, begin);
  return () => {
    for (const button of answers.pane.querySelectorAll('[data-take]:first-of-type')) load(/** @type {HTMLElement} */ (button), false);
  };
}
