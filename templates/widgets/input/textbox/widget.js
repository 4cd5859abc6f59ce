import { text } from '../../../runtime/page/texts.js';
import { announce, find, WidgetError } from '../../../runtime/page/widget.js';

/**
 * A text that is typed.
 *
 * @param {HTMLElement} root
 * @param {{label: string}} options
 */
export function mount(root, { label }) {
  const area = find(root, 'textarea', HTMLTextAreaElement);
  area.addEventListener('input', () => announce(root, false));
  area.addEventListener('change', () => announce(root, true));
  return {
    value() {
      if (!area.value.trim()) throw new WidgetError(text('{label} is empty.', { label }), { empty: true });
      return area.value;
    },
    clear() {
      area.value = '';
    },
    save: () => area.value,
    /** @param {string} state */
    restore(state) {
      area.value = state;
    },
  };
}
