import { find } from './widget.js';

/** @returns {NodeListOf<HTMLButtonElement>} */
const buttons = () => document.querySelectorAll('[data-example]');

/**
 * Marks the example that is in the widgets.
 *
 * @param {number | null} index
 */
export function pressExample(index) {
  for (const button of buttons()) {
    button.setAttribute('aria-pressed', String(button.dataset.example === String(index)));
  }
}

/**
 * Reports the example that is chosen; to reset is to choose the first one.
 *
 * @param {(index: number) => void} choose
 */
export function listenToExamples(choose) {
  for (const button of buttons()) {
    button.addEventListener('click', () => {
      choose(Number(button.dataset.example));
      find(document, '#answer', HTMLElement).scrollIntoView({ block: 'nearest' });
    });
  }
  document.querySelector('#reset')?.addEventListener('click', () => choose(0));
}
