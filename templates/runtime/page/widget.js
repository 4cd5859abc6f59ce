/** @import {TensorData} from './types.js' */
import { numeral, text } from './texts.js';

/** A value that cannot be used yet; the message is a sentence for the visitor. */
export class WidgetError extends Error {
  /**
   * @param {string} message
   * @param {{empty?: boolean, partial?: boolean}} [details] empty: nothing is wrong, there is just no value yet;
   *   partial: what is being typed may still become one, so that it is said later
   */
  constructor(message, { empty = false, partial = false } = {}) {
    super(message);
    this.name = 'WidgetError';
    this.condition = /** @type {import('./state.js').Condition} */ (empty ? 'empty' : partial ? 'partial' : 'invalid');
  }
}

/**
 * Tells the page that the value changed, or why it did not.
 *
 * @param {HTMLElement} root
 * @param {boolean} settled false in the middle of a gesture or while typing
 * @param {string} [refusal] what is wrong with what the widget was given and has not taken
 */
export function announce(root, settled, refusal) {
  root.dispatchEvent(new CustomEvent('input', { bubbles: true, detail: { settled, refusal } }));
}

/**
 * The one descendant that a widget's own template is known to hold.
 *
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new (...args: any[]) => E} kind
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`This page lacks ${selector}.`);
  return found;
}

/**
 * Numbers (or strings) in the array type that TF.js wants for a dtype.
 *
 * @param {string} dtype
 * @param {any[]} values
 * @returns {TensorData}
 */
export function pack(dtype, values) {
  if (dtype === 'string') return values.map(String);
  if (dtype === 'bool') return Uint8Array.from(values);
  return dtype.includes('float') ? Float32Array.from(values) : Int32Array.from(values);
}

/**
 * A picture of this site (or a data URL), decoded.
 *
 * @param {string} source
 */
export async function loadPicture(source) {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  return picture;
}

/**
 * An opaque white canvas that keeps its pixels in memory, where they are exact.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function whiteCanvas(canvas, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser cannot draw.');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  return context;
}

/**
 * The number in a field; a WidgetError says what its range is.
 *
 * @param {HTMLInputElement} input
 * @param {{label: string, dtype: string, min: number | null, max: number | null, unit: string | null}} options
 */
export function readNumber(input, { label, dtype, min, max, unit }) {
  const number = input.valueAsNumber;
  const suffix = unit ? ` ${unit.replace(/\.$/, '')}` : '';
  if (!Number.isFinite(Math.fround(number))) throw new WidgetError(text('{label} must be a number.', { label }), { partial: true });
  if (/^u?int/.test(dtype) && !Number.isInteger(number)) throw new WidgetError(text('{label} must be a whole number.', { label }));
  const low = min !== null && number < min;
  const high = max !== null && number > max;
  if (!low && !high) return number;
  // Further digits take a number further from zero.
  const partial = low ? number >= 0 : number <= 0;
  const range = { label, min: numeral(min ?? ''), max: numeral(max ?? ''), unit: suffix };
  if (min === null) throw new WidgetError(text('{label} must be at most {max}{unit}.', range), { partial });
  if (max === null) throw new WidgetError(text('{label} must be at least {min}{unit}.', range), { partial });
  throw new WidgetError(text('{label} must be between {min} and {max}{unit}.', range), { partial });
}
