import { textAttribute } from './node.js';
import { encode, fromBytes } from './texts.js';

/** Numbers and booleans as C's printf writes them. @param {import('./node.js').Node} node */
export default function (node) {
  const [input] = node.inputs;
  const values = Array.from(input.dataSync());
  const type = node.node.rawAttrs.T?.type ?? 'DT_FLOAT';
  const whole = type === 'DT_BOOL' || /INT/.test(type);
  const { precision = -1, width = -1, scientific, shortest } = node.attrs;
  const fill = textAttribute(node, 'fill');
  const write = (/** @type {number} */ value) => {
    if (type === 'DT_BOOL') return value ? 'true' : 'false';
    if (whole) return String(value);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
    const digits = precision < 0 ? 6 : precision;
    if (scientific) return exponential(value, digits);
    return shortest ? general(value, digits || 1) : sign(value) + fixed(Math.abs(value), digits);
  };
  return fromBytes(values.map((value) => encode(pad(write(value), width, fill))), input.shape);
}

/** More than these follow a 5 only where float32 has no such number. */
const MORE_DIGITS = 25;

/**
 * JavaScript rounds what lies in the middle up, C to the even digit.
 *
 * @param {string} text
 * @param {string} exact the same number with MORE_DIGITS more
 */
function roundEven(text, exact) {
  const [digits, exponent] = exact.split('e');
  const kept = digits.slice(0, -MORE_DIGITS).replace(/\.$/, '');
  const isTie = digits.endsWith('5'.padEnd(MORE_DIGITS, '0'));
  if (!isTie || /[13579]$/.test(kept)) return text;
  return exponent === undefined ? kept : `${kept}e${exponent}`;
}

/** @param {number} value */
const sign = (value) => (value < 0 || Object.is(value, -0) ? '-' : '');

/**
 * @param {number} value at least 0
 * @param {number} digits
 */
function fixed(value, digits) {
  if (value < 1e21) return roundEven(value.toFixed(digits), value.toFixed(digits + MORE_DIGITS));
  return BigInt(value) + (digits ? `.${'0'.repeat(digits)}` : '');
}

/**
 * @param {number} value
 * @param {number} digits
 */
function exponential(value, digits) {
  const size = Math.abs(value);
  const text = roundEven(size.toExponential(digits), size.toExponential(digits + MORE_DIGITS));
  return sign(value) + text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/**
 * @param {number} value
 * @param {number} digits that count
 */
function general(value, digits) {
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  const scientific = exponent < -4 || exponent >= digits;
  const text = scientific ? exponential(value, digits - 1) : sign(value) + fixed(Math.abs(value), digits - 1 - exponent);
  return text.includes('.') ? text.replace(/\.?0+(e|$)/, '$1') : text;
}

/**
 * @param {string} text
 * @param {number} width
 * @param {string} fill "0", "-" (to the left), "+", " " or nothing
 */
function pad(text, width, fill) {
  const signed = (fill === '+' || fill === ' ') && !text.startsWith('-') ? fill + text : text;
  if (fill === '-') return signed.padEnd(width);
  if (fill !== '0') return signed.padStart(width);
  const [, lead, digits] = /** @type {RegExpExecArray} */ (/^([+-]?)(.*)$/.exec(signed));
  return lead + digits.padStart(width - lead.length, '0');
}
