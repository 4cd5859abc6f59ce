import { fromNumbers, readTexts } from './texts.js';

const NAMES = new Map([['inf', Infinity], ['infinity', Infinity], ['nan', NaN]]);

/** @param {import('./node.js').Node} node */
export default function ({ inputs: [input], node }) {
  const type = node.rawAttrs.out_type?.type ?? 'DT_FLOAT';
  const dtype = /FLOAT|DOUBLE|HALF/.test(type) ? 'float32' : 'int32';
  return fromNumbers(readTexts(input).map((text) => parse(text, dtype)), input.shape, dtype);
}

/**
 * @param {string} text
 * @param {string} dtype
 */
function parse(text, dtype) {
  const trimmed = text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '');
  if (dtype === 'int32' && /^[+-]?\d+$/.test(trimmed)) return Number(trimmed);
  if (dtype === 'float32' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed);
  const [, sign, name] = /^([+-]?)([a-z]+)$/i.exec(trimmed) ?? [];
  const value = dtype === 'float32' ? NAMES.get(name?.toLowerCase()) : undefined;
  if (value === undefined) throw new Error(`“${text}” is not a number`);
  return sign === '-' ? -value : value;
}
