/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import * as table from '../../../runtime/page/taken/table.js';
import { steps } from './runs.js';

/** Each step with its class and that one's score. @param {Tensor} tensor @param {Output} output @returns {[number, string, number][]} */
const rows = (tensor, { options: { labels } }) =>
  steps({ ...tensor, data: table.elements(tensor) }, labels).map(({ label, score }, index) => [index + 1, label, score]);

/** @param {Tensor} tensor @param {Output} output */
export const text = (tensor, output) => table.tabbed([output.columns, ...rows(tensor, output)]);

/** @param {Tensor} tensor @param {Output} output */
export const csv = (tensor, output) => table.csv([output.columns, ...rows(tensor, output)]);

/** @param {Tensor} tensor @param {Output} output */
export const json = (tensor, output) => JSON.stringify(rows(tensor, output).map(([step, label, score]) => ({ step, label, score })), null, 2);
