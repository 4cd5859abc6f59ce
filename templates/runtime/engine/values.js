/** Turns what callers of predict() give into flat data with a shape. */

/**
 * @typedef {import('./model.js').Spec} Spec
 * @typedef {Float32Array | Int32Array | Uint8Array | string[]} Data
 * @typedef {{data: Data, shape: number[]}} Value
 */

/** What was given does not fit the model; another backend would say the same. */
export class InputError extends Error {}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * @param {string} name of the input, for messages
 * @param {any} value a nested array, a typed array or {data, shape}
 * @param {Spec} spec
 * @returns {Value}
 */
export function toValue(name, value, spec) {
  const { data, shape } = value?.shape ? value : flatten(name, value, spec);
  if (!fits(shape, spec.shape) || size(shape) !== data.length) {
    throw new InputError(`${name} has shape ${format(shape)}, but the model expects ${format(spec.shape)}`);
  }
  if (spec.dtype === 'string') return { data: Array.from(data, String), shape };
  return { data: toTyped(data, spec.dtype), shape };
}

/**
 * Numbers in the array of their dtype: TF.js leaves them in another, after a cast from bool.
 *
 * @param {any} data
 * @param {string} dtype
 */
export function toTyped(data, dtype) {
  const Typed = ARRAYS[/** @type {keyof typeof ARRAYS} */ (dtype)];
  return !Typed || data instanceof Typed ? data : Typed.from(data);
}

/**
 * @param {string} name
 * @param {any} value
 * @param {Spec} spec
 */
function flatten(name, value, spec) {
  if (ArrayBuffer.isView(value)) {
    const data = /** @type {Float32Array} */ (/** @type {unknown} */ (value));
    return { data, shape: completeShape(spec.shape, data.length) };
  }
  /** @type {number[]} */
  const shape = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = shape.length ? value.flat(Infinity) : [value];
  if (data.length !== size(shape)) throw new InputError(`the rows of ${name} are not equally long`);
  return { data, shape };
}

/**
 * Fills the free dimensions: 1, but the last of them takes what is left.
 * @param {(number | null)[]} shape
 * @param {number} length
 */
function completeShape(shape, length) {
  const known = size(shape.map((dimension) => dimension ?? 1));
  const free = shape.lastIndexOf(null);
  return shape.map((dimension, index) => dimension ?? (index === free ? length / known : 1));
}

/** @param {number[]} shape */
export const size = (shape) => shape.reduce((product, length) => product * length, 1);

/**
 * @param {number[]} shape
 * @param {(number | null)[]} wanted
 */
const fits = (shape, wanted) =>
  shape.length === wanted.length && wanted.every((length, index) => length === null || length === shape[index]);

/** @param {(number | null)[]} shape */
const format = (shape) => `[${shape.map((length) => length ?? '?').join(', ')}]`;
