/**
 * Reads a model in TF.js's graph format: the topology and the weights' values.
 * The format: github.com/tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON).
 */

/**
 * @typedef {(name: string) => Promise<Uint8Array>} Reader reads a file of the site by name
 * @typedef {{dtype: string, shape: (number | null)[]}} Spec null is a free dimension
 * @typedef {{name: string, dtype: 'float32' | 'int32' | 'bool' | 'string', shape: number[], quantization?: Code}} WeightSpec
 * @typedef {{dtype: 'uint8' | 'uint16' | 'float16', scale: number, min: number}} Code
 * @typedef {{spec: WeightSpec, data: Float32Array | Int32Array | Uint8Array | Uint8Array[]}} Weight
 * @typedef {{
 *   topology: any,
 *   weights: Weight[],
 *   inputs: Record<string, Spec & {node: string}>,
 *   outputs: Record<string, Spec & {node: string}>,
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
  const manifest = json.weightsManifest;
  const groups = await Promise.all(manifest.map((/** @type {any} */ group) => readGroup(read, group)));
  return {
    topology: json.modelTopology,
    weights: groups.flat(),
    inputs: readSpecs(json.signature.inputs),
    outputs: readSpecs(json.signature.outputs),
  };
}

/**
 * @param {Reader} read
 * @param {{paths: string[], weights: WeightSpec[]}} group
 */
async function readGroup(read, group) {
  const bytes = concatenate(await Promise.all(group.paths.map(read)));
  let offset = 0;
  return group.weights.map((spec) => {
    const count = spec.shape.reduce((size, length) => size * length, 1);
    const [data, length] = decode(spec, count, bytes, offset);
    offset += length;
    return { spec, data };
  });
}

/** @param {Uint8Array[]} parts */
function concatenate(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * @param {WeightSpec} spec
 * @param {number} count
 * @param {Uint8Array} bytes
 * @param {number} offset
 * @returns {[Weight['data'], number]} the values and how many bytes they took
 */
function decode(spec, count, bytes, offset) {
  if (spec.dtype === 'string') return decodeStrings(count, bytes, offset);
  const code = spec.quantization;
  const length = count * (code ? CODES[code.dtype].BYTES_PER_ELEMENT : spec.dtype === 'bool' ? 1 : 4);
  // A copy, because a typed array has to start at a multiple of its element's size.
  const copy = bytes.slice(offset, offset + length);
  if (copy.length !== length) throw new Error(`the weights end in the middle of ${spec.name}`);
  if (code) return [decodeNumbers(code, new CODES[code.dtype](copy.buffer)), length];
  if (spec.dtype === 'bool') return [copy, length];
  const View = spec.dtype === 'int32' ? Int32Array : Float32Array;
  return [new View(copy.buffer), length];
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
 * @param {number} count
 * @param {Uint8Array} bytes
 * @param {number} offset
 * @returns {[Uint8Array[], number]}
 */
function decodeStrings(count, bytes, offset) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const texts = [];
  let at = offset;
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(at, true);
    texts.push(bytes.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return [texts, at - offset];
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
