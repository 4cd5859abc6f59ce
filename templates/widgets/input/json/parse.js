/** @import {Shape} from '../../../runtime/page/types.js' */
/**
 * @typedef {{min?: number | null, max?: number | null, choices?: {value: any}[] | null}} Offer What each element may be.
 * @typedef {{shape: Shape, dtype: string} & Offer} Expected
 */
import { count, numeral, text } from '../../../runtime/page/texts.js';
import { WidgetError } from '../../../runtime/page/widget.js';

/**
 * The flat values and the shape of a nested array, or a WidgetError that says where it is wrong.
 *
 * @param {string} written
 * @param {Expected} expected
 */
export function parseTensor(written, { shape, dtype, ...offer }) {
  const sizes = [...shape];
  /** @type {unknown[]} */
  const values = [];
  /** @param {number[]} path */
  const where = (path) => place(path, sizes) || text('The list');

  /** @param {unknown} value @param {number[]} path */
  function walk(value, path) {
    const depth = path.length;
    if (depth === shape.length) {
      values.push(checkOffered(checkScalar(value, dtype, where(path)), offer, where(path)));
      return;
    }
    const size = sizes[depth];
    if (!Array.isArray(value)) throw new WidgetError(place(path, sizes) ? text('{place} must be a list, in brackets.', { place: where(path) }) : text('This must be a list, in brackets.'));
    if (size !== null && value.length !== size) {
      const isRow = depth === shape.length - 1;
      throw new WidgetError(tooMany(value.length, { place: where(path), size: numeral(size) }, isRow ? dtype : ''));
    }
    sizes[depth] = value.length;
    value.forEach((item, index) => walk(item, [...path, index]));
  }

  walk(addBatch(parseJson(written), shape), []);
  return { values, shape: sizes.map((size) => size ?? 0) };
}

/** @param {string} written @returns {unknown} */
function parseJson(written) {
  try {
    return JSON.parse(written);
  } catch (error) {
    const offset = Number(/position (\d+)/.exec(String(error))?.[1] ?? NaN);
    const lines = written.slice(0, offset).split('\n');
    if (Number.isNaN(offset)) throw new WidgetError(text('This is not a list that can be read: check commas and brackets.'), { partial: true });
    const [line, column] = [lines.length, lines[lines.length - 1].length + 1].map(numeral);
    throw new WidgetError(text('This is not a list that can be read: check commas and brackets near line {line}, column {column}.', { line, column }), { partial: true });
  }
}

/** A single sample may be written without the batch's own brackets. @param {unknown} value @param {Shape} shape */
function addBatch(value, shape) {
  let depth = 0;
  for (let inner = value; Array.isArray(inner); [inner] = inner) depth += 1;
  const single = shape[0] === 1 || shape[0] === null;
  return single && depth === shape.length - 1 ? [value] : value;
}

/** @param {unknown} value @param {string} dtype @param {string} place */
function checkScalar(value, dtype, place) {
  if (Array.isArray(value)) throw new WidgetError(text('{place} has too many brackets.', { place }));
  const kinds = dtype === 'string' ? ['string'] : dtype === 'bool' ? ['boolean', 'number'] : ['number'];
  if (!kinds.includes(typeof value)) {
    const found = { place, value: JSON.stringify(value) };
    throw new WidgetError(dtype === 'string' ? text('{place} is {value}, expected a text.', found) : text('{place} is {value}, expected a number.', found));
  }
  if (/^u?int/.test(dtype) && !Number.isInteger(value)) {
    throw new WidgetError(text('{place} is {value}, expected a whole number.', { place, value }));
  }
  if (dtype.includes('float') && !Number.isFinite(Math.fround(Number(value)))) throw new WidgetError(text('{place} has too many digits.', { place }));
  return value;
}

/** Elements that demo.toml does not offer. @param {any} value @param {Offer} offer @param {string} place */
function checkOffered(value, { min, max, choices }, place) {
  if (choices && !choices.some((choice) => choice.value === value)) {
    const offered = choices.map((choice) => JSON.stringify(choice.value)).join(', ');
    throw new WidgetError(text('{place} is {value}, expected one of {choices}.', { place, value: JSON.stringify(value), choices: offered }));
  }
  const low = min ?? -Infinity;
  const high = max ?? Infinity;
  if (!(value < low || value > high)) return value;
  const found = { place, value: numeral(value), min: numeral(low), max: numeral(high) };
  if (low === -Infinity) throw new WidgetError(text('{place} is {value}, expected at most {max}.', found));
  if (high === Infinity) throw new WidgetError(text('{place} is {value}, expected at least {min}.', found));
  throw new WidgetError(text('{place} is {value}. This model knows the numbers {min} to {max}.', found));
}

/** @param {number} length @param {{place: string, size: string}} found @param {string} dtype of the elements; none of rows */
function tooMany(length, found, dtype) {
  if (!dtype) return count('{place} has {count} row, expected {size}.', '{place} has {count} rows, expected {size}.', length, found);
  return dtype === 'string'
    ? count('{place} has {count} text, expected {size}.', '{place} has {count} texts, expected {size}.', length, found)
    : count('{place} has {count} number, expected {size}.', '{place} has {count} numbers, expected {size}.', length, found);
}

/** Where in the array, counted from 1, nothing for the whole; a batch of one goes without saying. @param {number[]} path @param {Shape} shape */
function place(path, shape) {
  const numbers = path.map((index) => index + 1);
  const entry = path.length === shape.length ? numbers.pop() : undefined;
  const rows = shape.length > 1 && shape[0] === 1 ? numbers.slice(1) : numbers;
  const row = rows.map(numeral).join(', ');
  if (entry === undefined) return row && text('Row {row}', { row });
  return row ? text('Row {row}, entry {entry}', { row, entry: numeral(entry) }) : text('Entry {entry}', { entry: numeral(entry) });
}
