/** @import {Expected} from './parse.js' */
import { announce, find, pack, WidgetError } from '../../../runtime/page/widget.js';
import { parseTensor } from './parse.js';

/**
 * A tensor as a nested array, for inputs that no other widget fits.
 *
 * @param {HTMLElement} root
 * @param {Expected & {default: unknown}} options
 */
export function mount(root, options) {
  const text = find(root, 'textarea', HTMLTextAreaElement);
  text.value = layOut(options.default);
  text.addEventListener('input', () => announce(root, false));
  text.addEventListener('change', () => announce(root, true));
  find(root, '[data-act=tidy]', HTMLButtonElement).addEventListener('click', () => {
    try {
      text.value = layOut(JSON.parse(text.value));
    } catch {
      announce(root, true);
    }
  });
  find(root, '[data-act=reset]', HTMLButtonElement).addEventListener('click', () => {
    text.value = layOut(options.default);
    announce(root, true);
  });
  return {
    value() {
      if (!text.value.trim()) throw new WidgetError('Enter an array first.', { empty: true });
      const { values, shape } = parseTensor(text.value, options);
      return { data: pack(options.dtype, values), shape };
    },
    save: () => text.value,
    /** @param {unknown} state text as typed, or a nested array */
    restore(state) {
      text.value = typeof state === 'string' ? state : layOut(state);
    },
  };
}

/**
 * JSON with one line for each innermost row.
 *
 * @param {unknown} value
 * @param {string} [indent]
 * @returns {string}
 */
function layOut(value, indent = '') {
  if (!Array.isArray(value) || !value.some(Array.isArray)) return JSON.stringify(value).replaceAll(',', ', ');
  const inner = value.map((item) => `${indent}  ${layOut(item, `${indent}  `)}`);
  return `[\n${inner.join(',\n')}\n${indent}]`;
}
