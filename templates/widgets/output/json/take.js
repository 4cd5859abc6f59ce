/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import * as table from '../../../runtime/page/taken/table.js';
import { nest } from './nest.js';

/** The nested list in full; NaN and infinity, which JSON has not, as texts. @param {Tensor} tensor */
export const json = (tensor) =>
  JSON.stringify(nest(table.elements(tensor), tensor.shape), (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));

export const text = json;

/** @param {Tensor} tensor @param {Output} output */
export const csv = (tensor, { columns }) => table.csv(table.rows(tensor, columns));
