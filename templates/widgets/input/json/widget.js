/** @import {Expected} from './parse.js' */
import { text } from '../../../runtime/page/texts.js';
import { announce, find, pack, WidgetError } from '../../../runtime/page/widget.js';
import { parseTensor } from './parse.js';

/**
 * A tensor as a nested array, for inputs that no other widget fits.
 *
 * @param {HTMLElement} root
 * @param {Expected & {default: unknown}} options
 */
export function mount(root, options) {
  const area = find(root, 'textarea', HTMLTextAreaElement);
  area.value = layOut(options.default);
  area.addEventListener('input', () => announce(root, false));
  area.addEventListener('change', () => announce(root, true));
  find(root, '[data-act=tidy]', HTMLButtonElement).addEventListener('click', () => {
    try {
      area.value = layOut(JSON.parse(area.value));
    } catch {
      announce(root, true);
    }
  });
  find(root, '[data-act=reset]', HTMLButtonElement).addEventListener('click', () => {
    area.value = layOut(options.default);
    announce(root, true);
  });
  return {
    value() {
      if (!area.value.trim()) throw new WidgetError(text('Enter a list first.'), { empty: true });
      const { values, shape } = parseTensor(area.value, options);
      return { data: pack(options.dtype, values), shape };
    },
    clear() {
      area.value = '';
    },
    save: () => area.value,
    /** @param {unknown} state text as typed, or a nested array */
    restore(state) {
      area.value = typeof state === 'string' ? state : layOut(state);
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
