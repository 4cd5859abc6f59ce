/** @import {Shape} from '../../../runtime/page/types.js' */
/**
 * @typedef {{min?: number | null, max?: number | null, choices?: {value: any}[] | null}} Offer What each element may be.
 * @typedef {{shape: Shape, dtype: string} & Offer} Expected
 */
import { WidgetError } from '../../../runtime/page/widget.js';

/**
 * The flat values and the shape of a nested array, or a WidgetError that says where it is wrong.
 *
 * @param {string} text
 * @param {Expected} expected
 */
export function parseTensor(text, { shape, dtype, ...offer }) {
  const sizes = [...shape];
  /** @type {unknown[]} */
  const values = [];
  /** @param {number[]} path */
  const where = (path) => place(path, sizes);

  /** @param {unknown} value @param {number[]} path */
  function walk(value, path) {
    const depth = path.length;
    if (depth === shape.length) {
      values.push(checkOffered(checkScalar(value, dtype, where(path)), offer, where(path)));
      return;
    }
    const size = sizes[depth];
    if (!Array.isArray(value)) throw new WidgetError(`${where(path).replace('The array', 'This')} must be an array, in brackets.`);
    if (size !== null && value.length !== size) {
      const what = depth === shape.length - 1 ? noun(dtype, value.length) : value.length === 1 ? 'row' : 'rows';
      throw new WidgetError(`${where(path)} has ${value.length} ${what}, expected ${size}.`);
    }
    sizes[depth] = value.length;
    value.forEach((item, index) => walk(item, [...path, index]));
  }

  walk(addBatch(parseJson(text), shape), []);
  return { values, shape: sizes.map((size) => size ?? 0) };
}

/** @param {string} text @returns {unknown} */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    const offset = Number(/position (\d+)/.exec(String(error))?.[1] ?? NaN);
    const lines = text.slice(0, offset).split('\n');
    const where = Number.isNaN(offset) ? '' : ` near line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
    throw new WidgetError(`This is not an array that can be read: check commas and brackets${where}.`);
  }
}

/** A single sample may be written without the batch's own brackets. @param {unknown} value @param {Shape} shape */
function addBatch(value, shape) {
  let depth = 0;
  for (let inner = value; Array.isArray(inner); [inner] = inner) depth += 1;
  const single = shape[0] === 1 || shape[0] === null;
  return single && depth === shape.length - 1 ? [value] : value;
}

/** @param {unknown} value @param {string} dtype @param {string} where */
function checkScalar(value, dtype, where) {
  if (Array.isArray(value)) throw new WidgetError(`${where} has too many brackets.`);
  const kinds = dtype === 'string' ? ['string'] : dtype === 'bool' ? ['boolean', 'number'] : ['number'];
  if (!kinds.includes(typeof value)) {
    throw new WidgetError(`${where} is ${JSON.stringify(value)}, expected a ${noun(dtype, 1)}.`);
  }
  if (/^u?int/.test(dtype) && !Number.isInteger(value)) {
    throw new WidgetError(`${where} is ${value}, expected a whole number.`);
  }
  return value;
}

/** Elements that demo.toml does not offer. @param {any} value @param {Offer} offer @param {string} where */
function checkOffered(value, { min, max, choices }, where) {
  if (choices && !choices.some((choice) => choice.value === value)) {
    throw new WidgetError(`${where} is ${JSON.stringify(value)}, expected one of ${choices.map((choice) => JSON.stringify(choice.value)).join(', ')}.`);
  }
  if (typeof min === 'number' && value < min) throw new WidgetError(`${where} is ${value}, expected at least ${min}.`);
  if (typeof max === 'number' && value > max) throw new WidgetError(`${where} is ${value}, expected at most ${max}.`);
  return value;
}

/** @param {string} dtype @param {number} count */
const noun = (dtype, count) => (dtype === 'string' ? 'text' : 'number') + (count === 1 ? '' : 's');

/** Where in the array, counted from 1; a batch of one goes without saying. @param {number[]} path @param {Shape} shape */
function place(path, shape) {
  const numbers = path.map((index) => index + 1);
  const entry = path.length === shape.length ? numbers.pop() : undefined;
  const rows = shape.length > 2 && shape[0] === 1 ? numbers.slice(1) : numbers;
  const row = rows.length ? `Row ${rows.join(', ')}` : 'The array';
  if (entry === undefined) return row;
  return rows.length ? `${row}, entry ${entry}` : `Entry ${entry}`;
}
