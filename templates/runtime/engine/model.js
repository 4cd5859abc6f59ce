/**
 * Reads a model in TF.js's graph format: the topology and the weights' values.
 * The format: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON).
 */

/**
 * @typedef {(name: string) => Promise<Uint8Array>} Reader reads a file of the site by name
 * @typedef {{dtype: string, shape: (number | null)[]}} Spec null is a free dimension
 * @typedef {{name: string, dtype: 'float32' | 'int32' | 'bool' | 'string', shape: number[], quantization?: Code}} WeightSpec
 * @typedef {{dtype: 'uint8' | 'uint16' | 'float16', scale: number, min: number}} Code
 * @typedef {{paths: string[], weights: WeightSpec[]}} Group
 * @typedef {{spec: WeightSpec, data: Float32Array | Int32Array | Uint8Array | Uint8Array[]}} Weight
 * @typedef {{
 *   topology: any,
 *   weights: Weight[],
 *   inputs: Record<string, Spec & {node: string}>,
 *   outputs: Record<string, Spec & {node: string}>,
 *   noise: Record<string, import('./noise.js').Kind>,
 * }} Model
 */

const CODES = { uint8: Uint8Array, uint16: Uint16Array, float16: Uint16Array };
const DTYPES = { DT_FLOAT: 'float32', DT_INT32: 'int32', DT_BOOL: 'bool', DT_STRING: 'string' };

/**
 * @param {Reader} read
 * @returns {Promise<Model>}
 */
export async function readModel(read) {
  const json = JSON.parse(new TextDecoder().decode(await read('model.json')));
  const manifest = /** @type {Group[]} */ (json.weightsManifest);
  const groups = await Promise.all(manifest.map((group) => readGroup(read, group)));
  return {
    topology: json.modelTopology,
    weights: groups.flat(),
    inputs: readSpecs(json.signature.inputs),
    outputs: readSpecs(json.signature.outputs),
    // Of the inputs that are filled by themselves, what with.
    noise: json.userDefinedMetadata?.noise ?? {},
  };
}

/**
 * Decodes each weight as soon as its bytes are there: the last shard may still be on its way.
 *
 * @param {Reader} read
 * @param {Group} group
 */
async function readGroup(read, { paths, weights }) {
  const shards = new Shards(paths.map(read));
  const values = [];
  for (const spec of weights) values.push({ spec, data: await readWeight(shards, spec) });
  return values;
}

/** The bytes of files that follow each other; what was taken is forgotten. */
class Shards {
  /** @type {Uint8Array} */
  rest = new Uint8Array();

  /** @param {Promise<Uint8Array>[]} files */
  constructor(files) {
    this.files = files;
  }

  /**
   * A copy of the next bytes, because a typed array has to start at a multiple of its element's size.
   *
   * @param {number} length
   */
  async take(length) {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (!this.rest.length) {
        const next = this.files.shift();
        if (!next) throw new Error('the weights end too early');
        this.rest = await next;
      }
      const part = this.rest.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    return bytes;
  }
}

/** @param {Shards} shards @param {WeightSpec} spec @returns {Promise<Weight['data']>} */
async function readWeight(shards, { dtype, shape, quantization: code }) {
  const count = shape.reduce((size, length) => size * length, 1);
  if (dtype === 'string') return readStrings(shards, count);
  const width = code ? CODES[code.dtype].BYTES_PER_ELEMENT : dtype === 'bool' ? 1 : 4;
  const bytes = await shards.take(count * width);
  if (code) return decodeNumbers(code, new CODES[code.dtype](bytes.buffer));
  if (dtype === 'bool') return bytes;
  return new (dtype === 'int32' ? Int32Array : Float32Array)(bytes.buffer);
}

/**
 * @param {Code} code
 * @param {Uint8Array | Uint16Array} numbers
 */
function decodeNumbers(code, numbers) {
  const values = new Float32Array(numbers.length);
  if (code.dtype === 'float16') {
    halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => half(bits));
    for (let index = 0; index < values.length; index++) values[index] = halves[numbers[index]];
  } else {
    const { scale, min } = code;
    for (let index = 0; index < values.length; index++) values[index] = numbers[index] * scale + min;
  }
  return values;
}

/** @type {Float32Array | undefined} the value of every half float, made when it is first needed */
let halves;

/** @param {number} bits of a half float: a sign, 5 of the exponent, 10 of the fraction */
function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  const size = exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction;
  return (bits >> 15 ? -1 : 1) * (exponent < 31 ? size : fraction ? NaN : Infinity);
}

/**
 * Each text is its length as a little-endian uint32, then its bytes.
 *
 * @param {Shards} shards
 * @param {number} count
 */
async function readStrings(shards, count) {
  const texts = [];
  for (let index = 0; index < count; index++) {
    const length = new DataView((await shards.take(4)).buffer).getUint32(0, true);
    texts.push(await shards.take(length));
  }
  return texts;
}

/** @param {Record<string, any>} entries of a signature */
function readSpecs(entries) {
  /** @type {Model['inputs']} */
  const specs = {};
  for (const [name, entry] of Object.entries(entries)) {
    const sizes = (entry.tensorShape?.dim ?? []).map((/** @type {{size: string}} */ { size }) => Number(size));
    const shape = sizes.map((/** @type {number} */ size) => (size < 0 ? null : size));
    const dtype = DTYPES[/** @type {keyof typeof DTYPES} */ (entry.dtype)];
    // A tensor's name is its node's and the number of the node's output.
    specs[name] = { node: entry.name.split(':')[0], dtype, shape };
  }
  return specs;
}
