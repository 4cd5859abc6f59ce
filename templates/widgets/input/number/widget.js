import { announce, find, readNumber } from '../../../runtime/page/widget.js';

/**
 * A number that is typed.
 *
 * @param {HTMLElement} root
 * @param {{label: string, dtype: string, min: number | null, max: number | null, unit: string | null}} options
 */
export function mount(root, options) {
  const input = find(root, 'input', HTMLInputElement);
  input.addEventListener('input', () => announce(root, false));
  input.addEventListener('change', () => announce(root, true));
  return {
    value: () => readNumber(input, options),
    save: () => (Number.isNaN(input.valueAsNumber) ? null : input.valueAsNumber),
    /** @param {number | null} state */
    restore(state) {
      input.value = state === null ? '' : String(state);
    },
  };
}
