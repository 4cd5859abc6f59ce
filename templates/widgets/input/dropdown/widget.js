import { text } from '../../../runtime/page/texts.js';
import { announce, find, WidgetError } from '../../../runtime/page/widget.js';

/**
 * One choice of several, each of which stands for a number or a text.
 *
 * @param {HTMLElement} root
 * @param {{label: string, choices: {label: string, value: number | string}[]}} options
 */
export function mount(root, { label, choices }) {
  const select = find(root, 'select', HTMLSelectElement);
  select.addEventListener('change', () => announce(root, true));

  function chosen() {
    const choice = choices[select.selectedIndex];
    if (!choice) throw new WidgetError(text('Choose one for {label}.', { label }));
    return choice.value;
  }

  return {
    value: chosen,
    save: () => choices[select.selectedIndex]?.value ?? null,
    /** @param {number | string | null} state */
    restore(state) {
      select.selectedIndex = choices.findIndex(({ value }) => value === state);
    },
  };
}
