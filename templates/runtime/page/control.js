import { numeral, text } from './texts.js';
import { find } from './widget.js';

/** A share of 0 to 1 as the build writes it. @param {number} share */
export const percent = (share) => text('{number} %', { number: numeral(Number((100 * share).toFixed(1))) });

/**
 * Listens to a slider of an answer (page/control.html.j2).
 *
 * @param {HTMLElement} root
 * @param {string} name
 * @param {(value: number) => string | void} change shows the answer with this value; what it says of it is for those who do not see it
 */
export function control(root, name, change) {
  const range = find(root, `[data-control=${name}]`, HTMLInputElement);
  const value = find(/** @type {HTMLElement} */ (range.parentElement), '.answer-control-value', HTMLElement);
  range.addEventListener('input', () => {
    const said = change(range.valueAsNumber);
    value.textContent = percent(range.valueAsNumber);
    range.setAttribute('aria-valuetext', said ? `${value.textContent}: ${said}` : value.textContent);
  });
}
