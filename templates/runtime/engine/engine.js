/**
 * Loads the graph and predicts. Knows no page and no Node: it gets a reader for
 * files by name. The worker wraps it in the browser, verification runs the
 * same file in Node.
 */
import { isControlFlow, isDynamicShape } from '@tensorflow/tfjs-converter/dist/executor/model_analysis.js';
import { OperationMapper } from '@tensorflow/tfjs-converter/dist/operations/operation_mapper.js';
import { tensor } from '@tensorflow/tfjs-core/dist/ops/tensor.js';
import { loadLayers } from 'tfjs-demo:layers';
import 'tfjs-demo:ops';
import { backends } from './backends.js';
import { readLater } from './execute.js';
import { Executor } from './executor.js';
import { readModel } from './model.js';
import { draw } from './noise.js';
import { refusingBroken } from './sound.js';
import { engine as tfjs, env } from './tfjs.js';
import { InputError, size, toTyped, toValue } from './values.js';
import { wasm } from './wasm.js';

export { InputError };

/**
 * @typedef {import('./model.js').Model} Model
 * @typedef {import('./model.js').Reader} Reader
 * @typedef {import('./values.js').Data} Data
 * @typedef {{data: Data, shape: number[], dtype: string}} Answer
 * @typedef {{shape: number[], values: (number | string | boolean)[]}} Repeated A tensor that repeats values.
 */

/**
 * @typedef {'plain' | 'simd' | 'threads'} Variant of the wasm binary, of which a browser runs one
 * @typedef {{backend: string, variant?: Variant, threads?: number, threadScript?: string}} Options
 */

/**
 * @param {Reader} read
 * @param {Options} options
 */
async function startBackend(read, { backend, variant = 'simd', threads = 1, threadScript = '' }) {
  const module = backends[backend];
  if (!module) throw new Error(`this file has no backend ${backend}`);
  if (backend === 'wasm') {
    env().set('WASM_HAS_SIMD_SUPPORT', variant !== 'plain');
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', variant === 'threads');
    wasm.module = await WebAssembly.compile(/** @type {BufferSource} */ (await read(`wasm-${variant}`)));
    wasm.threadScript = threadScript;
    module.setThreadsCount(threads);
  }
  if (!(await tfjs.setBackend(backend))) throw new Error(`the backend ${backend} could not be started`);
  if (backend === 'webgpu') readLater(tfjs.backend);
}

/** One graph on one backend. */
export class Engine {
  /** How many compute. */
  threads = 1;

  /**
   * @param {Model} model
   * @param {string} backend that has been started
   */
  constructor(model, backend) {
    this.backend = backend;
    this.model = model;
    const graph = OperationMapper.Instance.transformGraph(model.topology);
    this.executor = new Executor(graph);
    this.executor.weightMap = Object.fromEntries(
      model.weights.map(({ spec, data }) => [spec.name, [tensor(/** @type {any} */ (data), spec.shape, spec.dtype)]]),
    );
    /** A weight may be an answer itself, and is wanted for the next one. @type {Set<any>} */
    this.weights = new Set(Object.values(this.executor.weightMap).flat());
    // The tensors have the values now.
    model.weights.length = 0;
    // Some ops of a file that has the cpu backend as well may run there, which is asynchronous;
    // loops, branches and ops whose result's size depends on values need that too.
    const borrows = backend !== 'cpu' && 'cpu' in backends;
    this.asynchronous = borrows || Object.values(graph.nodes).some((node) => isControlFlow(node) || isDynamicShape(node));
  }

  /**
   * Reads the model while the backend starts.
   *
   * @param {Reader} read
   * @param {Options} options
   */
  static async start(read, options) {
    const [model] = await Promise.all([readModel(read), startBackend(read, options)]);
    // Its weights are tensors from the begin, which need the backend.
    await loadLayers?.(read);
    const engine = new Engine(model, options.backend);
    if (options.backend === 'wasm' && options.variant === 'threads') engine.threads = backends.wasm.getThreadsCount();
    return engine;
  }

  /** The inputs that are asked for; noise may be given, too. */
  get #asked() {
    const { inputs, noise } = this.model;
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => !Object.hasOwn(noise, name)));
  }

  /** Names, dtypes and shapes of the graph's inputs and outputs. */
  get signature() {
    const { outputs } = this.model;
    const inputs = this.#asked;
    const strip = (/** @type {Model['inputs']} */ specs) =>
      Object.fromEntries(Object.entries(specs).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
    return { inputs: strip(inputs), outputs: strip(outputs) };
  }

  /**
   * @param {Record<string, any>} inputs by name: nested arrays, typed arrays or {data, shape}
   * @returns {Promise<Record<string, Answer>>}
   */
  async predict(inputs) {
    const specs = this.model.inputs;
    for (const name of Object.keys(inputs)) {
      if (!Object.hasOwn(specs, name)) throw new InputError(`the model has no input ${name}; it has ${Object.keys(this.#asked).join(', ')}`);
    }
    /** @type {Record<string, any>} */
    const feeds = {};
    for (const [name, spec] of Object.entries(specs)) {
      const kind = this.model.noise[name];
      if (kind && !Object.hasOwn(inputs, name)) {
        const length = size(spec.shape.map((one) => one ?? 1));
        feeds[spec.node] = { data: draw(kind, length), shape: [length], dtype: spec.dtype };
        continue;
      }
      if (!Object.hasOwn(inputs, name)) throw new InputError(`the input ${name} is missing`);
      const { data, shape } = toValue(name, inputs[name], spec);
      feeds[spec.node] = { data, shape, dtype: spec.dtype };
    }
    return this.#execute(feeds);
  }

  /** @param {Record<string, {data: Data, shape: number[], dtype: string}>} feeds by node */
  async #execute(feeds) {
    /** @type {Record<string, any>} */
    const tensors = {};
    for (const [node, { data, shape, dtype }] of Object.entries(feeds)) {
      tensors[node] = tensor(/** @type {any} */ (data), shape, /** @type {any} */ (dtype));
    }
    const names = Object.keys(this.model.outputs);
    const nodes = names.map((name) => this.model.outputs[name].node);
    /** @type {any[]} */
    let results = [];
    try {
      const data = await refusingBroken(async () => {
        results = this.asynchronous
          ? await this.executor.executeAsync(tensors, nodes)
          : this.executor.execute(tensors, nodes);
        return Promise.all(results.map((result) => result.data()));
      });
      return Object.fromEntries(
        names.map((name, index) => {
          const { shape, dtype } = results[index];
          return [name, { data: toTyped(data[index], dtype), shape, dtype }];
        }),
      );
    } finally {
      for (const used of new Set([...Object.values(tensors), ...results])) {
        if (!used.isDisposed && !this.weights.has(used)) used.dispose();
      }
    }
  }

  /**
   * Runs the graph once, so that the first answer does not wait for compilation.
   *
   * @param {Record<string, Repeated>} first what the build has verified that the model answers
   */
  async warmUp(first) {
    const inputs = Object.entries(first).map(([name, { shape, values }]) => {
      const data = Array.from({ length: size(shape) }, (_, index) => values[index % values.length]);
      return [name, { data, shape }];
    });
    await this.predict(Object.fromEntries(inputs));
  }

  /** What TF.js holds in this worker. */
  memory() {
    const { numTensors, numBytes } = tfjs.memory();
    return { tensors: numTensors, bytes: numBytes };
  }
}
