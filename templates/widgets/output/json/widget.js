/** @import {Tensor} from '../../../runtime/page/types.js' */
import { count } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { amount } from './amount.js';
import { nest } from './nest.js';

export const take = () => import('./take.js');

const LONGEST = 8;

/**
 * A tensor as nested text, for outputs that no other widget fits.
 *
 * @param {HTMLElement} root
 */
export function mount(root) {
  const written = find(root, 'pre', HTMLElement);
  const foot = find(root, '.json-shape', HTMLElement);
  return {
    /** @param {Tensor} tensor */
    show({ data, shape, dtype }) {
      // JSON has neither NaN nor infinity: the build writes texts.
      const values = dtype.includes('float') ? Array.from(data, Number) : Array.from(data);
      written.textContent = write(nest(values, shape), '');
      foot.textContent = amount(shape, dtype);
      return data.length > LONGEST ? count('{count} value', '{count} values', data.length) : values.map(short).join(', ');
    },
  };
}

/**
 * Nested text, long axes cut in their middle.
 *
 * @param {any} value
 * @param {string} indent
 * @returns {string}
 */
function write(value, indent) {
  if (!Array.isArray(value)) return short(value);
  const rows = value.some(Array.isArray);
  const items = cut(value).map((item) => (item === undefined ? '…' : write(item, `${indent} `)));
  return `[${items.join(rows ? `,\n${indent} ` : ', ')}]`;
}

/** @param {any[]} items */
const cut = (items) =>
  items.length > LONGEST ? [...items.slice(0, LONGEST - 2), undefined, ...items.slice(-1)] : items;

/** @param {any} value */
function short(value) {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : JSON.stringify(value);
}
