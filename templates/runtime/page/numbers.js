/** Numbers that are answers, as the build writes them (bundler/site/filters.py). */
import { numeral, text } from './texts.js';

/** From here on, and below the second, a number is written with a power of ten. */
const [HUGE, TINY] = [1e15, 1e-6];
const RAISED = '⁻⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * Whole numbers with all their digits, others with four, if nobody says how many decimals they have.
 *
 * @param {number} number
 * @param {number | null} decimals
 * @param {string} dtype
 */
export function figure(number, decimals, dtype) {
  if (Number.isNaN(number)) return text('not a number');
  if (!Number.isFinite(number)) return numeral(number < 0 ? '-∞' : '∞');
  const size = Math.abs(number);
  const isWritten = size < HUGE && (decimals !== null || size >= TINY || number === 0);
  const rounded = dtype.includes('float') ? Number(number.toPrecision(4)) : number;
  const [written, power] = (isWritten ? (decimals === null ? String(rounded) : number.toFixed(decimals)) : rounded.toExponential()).split('e');
  const plain = numeral(written.replace(/^-(?=[0.]*$)/, ''));
  return power ? `${plain} × 10${power.replace('+', '').replace(/./g, (letter) => RAISED['-0123456789'.indexOf(letter)])}` : plain;
}
