/** Noise for a graph that draws random numbers: what model.json says of an input that no visitor fills. */

/** @typedef {'uniform' | 'normal' | 'truncated'} Kind from 0 to 1; normal; normal, but within two */

/** Browsers give so many bytes at once. */
const MOST_BYTES = 65_536;

/**
 * @param {Kind} kind
 * @param {number} length
 */
export function draw(kind, length) {
  const values = new Float32Array(length);
  const next = kind === 'uniform' ? uniform() : normal(kind === 'truncated' ? 2 : Infinity);
  for (let index = 0; index < length; index++) values[index] = next();
  return values;
}

/** As many numbers from 0 to 1, which float32 can hold, as are asked for. */
function uniform() {
  const bits = new Uint32Array(MOST_BYTES / Uint32Array.BYTES_PER_ELEMENT);
  let used = bits.length;
  return () => {
    if (used === bits.length) {
      crypto.getRandomValues(bits);
      used = 0;
    }
    return (bits[used++] >>> 8) / 2 ** 24;
  };
}

/**
 * By Box and Muller (1958).
 *
 * @param {number} most no number is further from 0
 */
function normal(most) {
  const next = uniform();
  const draw = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return () => {
    let value = draw();
    while (Math.abs(value) > most) value = draw();
    return value;
  };
}
