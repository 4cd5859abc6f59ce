import { announce, find, WidgetError } from '../../../runtime/page/widget.js';

/**
 * A text that is typed.
 *
 * @param {HTMLElement} root
 * @param {{label: string}} options
 */
export function mount(root, { label }) {
  const text = find(root, 'textarea', HTMLTextAreaElement);
  text.addEventListener('input', () => announce(root, false));
  text.addEventListener('change', () => announce(root, true));
  return {
    value() {
      if (!text.value.trim()) throw new WidgetError(`${label} is empty.`, { empty: true });
      return text.value;
    },
    save: () => text.value,
    /** @param {string} state */
    restore(state) {
      text.value = state;
    },
  };
}
