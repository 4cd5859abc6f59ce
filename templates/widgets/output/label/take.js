/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import * as table from '../../../runtime/page/taken/table.js';

/** The classes with their scores, the highest first. @param {Tensor} tensor @param {Output} output @returns {[string, number][]} */
function ranked(tensor, { options: { labels } }) {
  const rows = table.elements(tensor).map((score, index) => /** @type {[string, number]} */ ([labels[index] ?? String(index), Number(score)]));
  return rows.sort(([, one], [, other]) => other - one);
}

/** Those that are shown. @param {Tensor} tensor @param {Output} output */
export const text = (tensor, output) => table.tabbed([output.columns, ...ranked(tensor, output).slice(0, output.options.top)]);

/** @param {Tensor} tensor @param {Output} output */
export const csv = (tensor, output) => table.csv([output.columns, ...ranked(tensor, output)]);

/** @param {Tensor} tensor @param {Output} output */
export const json = (tensor, output) => JSON.stringify(ranked(tensor, output).map(([label, score]) => ({ label, score })), null, 2);
