import { text } from '../../../runtime/page/texts.js';
import { announce, WidgetError } from '../../../runtime/page/widget.js';

/**
 * One choice of a few, each of which stands for a number or a text.
 *
 * @param {HTMLElement} root
 * @param {{label: string, choices: {label: string, value: number | string}[]}} options
 */
export function mount(root, { label, choices }) {
  const buttons = [...root.querySelectorAll('input')];
  root.addEventListener('change', () => announce(root, true));

  const chosen = () => choices[buttons.findIndex(({ checked }) => checked)];
  return {
    value() {
      const choice = chosen();
      if (!choice) throw new WidgetError(text('Choose one for {label}.', { label }));
      return choice.value;
    },
    save: () => chosen()?.value ?? null,
    /** @param {number | string | null} state */
    restore(state) {
      buttons.forEach((button, index) => (button.checked = choices[index].value === state));
    },
  };
}
