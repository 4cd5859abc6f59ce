/** Tables as files and spreadsheets take them, and the numbers in them. */
/** @import {Tensor} from '../types.js' */
import { numeral } from '../texts.js';

/** @typedef {string | number | boolean} Cell */

/** What a spreadsheet would compute instead of show, and what ends a cell. */
const FORMULA = /^[=+\-@\t\r]/;
const ENDS = /[",\r\n]/;
/** By which Excel knows that letters beyond ASCII are UTF-8. */
const MARK = '\ufeff';

/** The elements: of float32, with the fewest digits that tell them apart, as Python writes them. @param {Tensor} tensor @returns {Cell[]} */
export function elements({ data, dtype }) {
  if (dtype === 'bool') return Array.from(data, Boolean);
  return Array.from(data, (value) => (dtype === 'float32' ? shortest(Number(value)) : value));
}

/** @param {number} value */
function shortest(value) {
  const short = [7, 8].map((digits) => Number(value.toPrecision(digits))).find((one) => Math.fround(one) === Math.fround(value));
  return short ?? Number(value.toPrecision(9));
}

/** Texts that a spreadsheet would take for a formula begin with an apostrophe. @param {Cell} cell */
const plain = (cell) => (typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell));

/** A CSV file as RFC 4180 has it. @param {Cell[][]} rows the names of the columns first */
export function csv(rows) {
  const quoted = (/** @type {string} */ cell) => (ENDS.test(cell) || !cell ? `"${cell.replaceAll('"', '""')}"` : cell);
  const written = rows.map((row) => `${row.map((cell) => quoted(plain(cell))).join(',')}\r\n`).join('');
  return /^[\0-\x7f]*$/.test(written) ? written : MARK + written;
}

/** A table for the clipboard, numbers as the page's language writes them. @param {Cell[][]} rows */
export function tabbed(rows) {
  const one = (/** @type {Cell} */ cell) => (typeof cell === 'number' ? local(cell) : plain(cell).replace(/[\t\r\n]+/g, ' '));
  return rows.map((row) => row.map(one).join('\t')).join('\n');
}

/** With the language's decimal mark and nothing else, so that spreadsheets know it for a number. @param {number} number */
export const local = (number) => String(number).replace('.', numeral('.'));

/**
 * A tensor as rows: its last dimension are the columns, and where there are two or more before it, their places stand first.
 *
 * @param {Tensor} tensor
 * @param {string[]} names one for all columns
 * @returns {Cell[][]}
 */
export function rows(tensor, [name]) {
  const values = elements(tensor);
  // The batch is of one.
  const shape = tensor.shape[0] === 1 && tensor.shape.length > 1 ? tensor.shape.slice(1) : tensor.shape;
  const width = shape.at(-1) ?? 1;
  const outer = shape.length > 2 ? shape.slice(0, -1) : [];
  const head = [...outer.map((_, axis) => `axis ${axis + 1}`), ...Array.from({ length: width }, (_, column) => (width > 1 ? `${name}_${column + 1}` : name))];
  const count = width && values.length / width;
  return [head, ...Array.from({ length: count }, (_, row) => [...place(row, outer), ...values.slice(row * width, (row + 1) * width)])];
}

/** Where in the outer dimensions a row is. @param {number} row @param {number[]} outer */
function place(row, outer) {
  /** @type {number[]} */
  const places = [];
  for (const length of [...outer].reverse()) {
    places.unshift(row % length);
    row = Math.floor(row / length);
  }
  return places;
}
