/** How far answers are from Python's, as the build compares them (bundler/proof/verify.py). */

/**
 * @typedef {import('./engine.js').Answer} Answer
 * @typedef {{data: ArrayLike<number | string>, shape: number[], dtype: string, stride: number}} Expected
 *   Of the answer, every stride-th element.
 * @typedef {{inputs: Record<string, any>, outputs: Record<string, Expected>}} Golden
 */

/**
 * The largest difference of each output over its largest expected magnitude; of integers,
 * booleans and texts the share that differs. Infinite for NaN, another shape or dtype.
 *
 * @param {Record<string, Expected>} expected
 * @param {Record<string, Answer>} answers
 * @returns {Record<string, number>}
 */
export function compare(expected, answers) {
  return Object.fromEntries(Object.keys(expected).map((name) => [name, error(expected[name], answers[name])]));
}

/** @param {Expected} expected @param {Answer | undefined} answer */
function error({ data, shape, dtype, stride }, answer) {
  if (!answer || answer.dtype !== dtype || String(answer.shape) !== String(shape)) return Infinity;
  if (dtype !== 'float32') return differing(data, answer.data, stride);
  let largest = 0;
  let difference = 0;
  for (let index = 0; index < data.length; index++) {
    const wanted = Number(data[index]);
    const got = Number(answer.data[index * stride]);
    // A difference that is no number stays none.
    difference = Number.isFinite(got) ? Math.max(difference, Math.abs(wanted - got)) : Infinity;
    if (difference === Infinity) return Infinity;
    largest = Math.max(largest, Math.abs(wanted));
  }
  return difference / (largest || 1);
}

/** @param {ArrayLike<any>} expected @param {ArrayLike<any>} got @param {number} stride */
function differing(expected, got, stride) {
  let count = 0;
  for (let index = 0; index < expected.length; index++) if (expected[index] !== got[index * stride]) count += 1;
  return expected.length ? count / expected.length : 0;
}
