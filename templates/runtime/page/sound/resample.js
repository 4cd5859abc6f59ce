/** Sound at another rate: what browsers do about it differs, this is the same everywhere (bundler/ground/resample.py). */

const [ZEROS, BETA, ROLLOFF] = [96, 10, 0.9565];
/** Products at a time, so that nothing else has to wait. */
const PRODUCTS = 2 ** 22;

/**
 * @param {Float32Array} samples
 * @param {number} before samples a second
 * @param {number} after
 */
export async function resample(samples, before, after) {
  if (before === after || !samples.length) return samples;
  const divisor = greatestDivisor(before, after);
  const [up, down] = [after / divisor, before / divisor];
  const reach = Math.ceil(ZEROS / Math.min(1, after / before));
  const result = new Float32Array(Math.ceil((samples.length * after) / before));
  /** The weights by the part of a sample that a place lies behind one. @type {Map<number, Float64Array>} */
  const known = new Map();
  const step = Math.ceil(PRODUCTS / reach);
  for (let index = 0; index < result.length; index++) {
    if (index % step === step - 1) await new Promise((resolve) => setTimeout(resolve));
    const part = (index * down) % up;
    const weights = known.get(part) ?? taps(part / up, reach, before, after);
    known.set(part, weights);
    const first = Math.floor((index * down) / up) + 1 - reach;
    const end = Math.min(weights.length, samples.length - first);
    let sum = 0;
    for (let tap = Math.max(0, -first); tap < end; tap++) sum += samples[first + tap] * weights[tap];
    result[index] = sum;
  }
  return result;
}

/** A sinc in Kaiser's window around a place. @param {number} fraction @param {number} reach @param {number} before @param {number} after */
function taps(fraction, reach, before, after) {
  const cutoff = ROLLOFF * Math.min(1, after / before);
  return Float64Array.from({ length: 2 * reach }, (_, index) => {
    const distance = fraction - (index + 1 - reach);
    const inside = Math.max(0, 1 - (distance / reach) ** 2);
    return cutoff * sinc(cutoff * distance) * (bessel(BETA * Math.sqrt(inside)) / bessel(BETA));
  });
}

/** @param {number} x */
const sinc = (x) => (x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1);

/** The modified function of order 0, by its series. @param {number} x */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let order = 1; term > sum * 1e-17; order++) sum += term *= (x / (2 * order)) ** 2;
  return sum;
}

/** @param {number} one @param {number} other @returns {number} */
const greatestDivisor = (one, other) => (other ? greatestDivisor(other, one % other) : one);
