/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import * as table from '../../../runtime/page/taken/table.js';

/** The number in full, with its unit. @param {Tensor} tensor @param {Output} output */
export function text(tensor, { options: { unit } }) {
  const [number] = table.elements(tensor);
  return [table.local(Number(number)), unit].filter(Boolean).join(' ');
}

/** @param {Tensor} tensor @param {Output} output */
export const csv = (tensor, { columns }) => table.csv([columns, table.elements(tensor)]);
