/**
 * Loads the graph and predicts. Knows no page and no Node: it gets a reader for
 * files by name. The worker wraps it in the browser, verification runs the
 * same file in Node.
 */
import { isControlFlow, isDynamicShape } from '@tensorflow/tfjs-converter/dist/executor/model_analysis.js';
import { GraphExecutor } from '@tensorflow/tfjs-converter/dist/executor/graph_executor.js';
import { OperationMapper } from '@tensorflow/tfjs-converter/dist/operations/operation_mapper.js';
import { tensor } from '@tensorflow/tfjs-core/dist/ops/tensor.js';
import { backends } from 'tfjs-demo:backends';
import { loadLayers } from 'tfjs-demo:layers';
import { ownOps } from 'tfjs-demo:ops';
import { readLater } from './execute.js';
import { engine as tfjs, env, preloaded } from './tfjs.js';
import { size, toTyped, toValue } from './values.js';

export { readModel } from './model.js';

/**
 * @typedef {import('./model.js').Model} Model
 * @typedef {import('./model.js').Reader} Reader
 * @typedef {import('./values.js').Data} Data
 * @typedef {{data: Data, shape: number[], dtype: string}} Answer
 */

/** A side of an image whose size is free, for the warm-up. */
const WARM_UP_SIDE = 32;

/** A backend that the engine does not have. */
export class UnknownBackendError extends Error {
  /** @param {string} name */
  constructor(name) {
    super(`There is no backend “${name}” here; there are ${Object.keys(backends).join(', ')}.`);
  }
}

/**
 * @param {string} name cpu, wasm, webgl or webgpu
 * @param {Reader} read
 * @returns {Promise<boolean>} whether some ops run on the cpu backend instead, which is asynchronous
 */
async function startBackend(name, read) {
  if (!Object.hasOwn(backends, name)) throw new UnknownBackendError(name);
  const module = await backends[name]();
  if (name === 'wasm') {
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const simd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
    const file = `tfjs-backend-wasm${simd ? '-simd' : ''}.wasm`;
    const binary = await read(file);
    // TF.js waits for ever when the binary cannot be compiled; here it is an error.
    await WebAssembly.compile(/** @type {BufferSource} */ (binary));
    preloaded.set(file, binary);
    const variants = ['', '-simd', '-threaded-simd'].map((variant) => `tfjs-backend-wasm${variant}.wasm`);
    module.setWasmPaths(Object.fromEntries(variants.map((variant) => [variant, file])), true);
  }
  const readsLater = name === 'webgpu';
  const borrows = name !== 'cpu' && (readsLater || module.borrowed.length > 0 || ownOps.size > 0);
  if (borrows) await backends.cpu();
  if (!(await tfjs.setBackend(name))) throw new Error(`the backend ${name} could not be started`);
  if (readsLater) readLater(tfjs.backend);
  return borrows;
}

/**
 * Throws what WebGPU only reports: a kernel that it refuses leaves zeros, and whatever was
 * submitted with it as well.
 *
 * @template Result
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
async function refusingInvalid(run) {
  const device = tfjs.backendName === 'webgpu' ? /** @type {any} */ (tfjs.backend).device : null;
  device?.pushErrorScope('validation');
  let problem;
  try {
    return await run();
  } finally {
    problem = await device?.popErrorScope();
    if (problem) throw new Error(`webgpu refused a kernel: ${problem.message}`);
  }
}

/** One graph on one backend. */
export class Engine {
  /**
   * @param {Model} model
   * @param {string} backend
   * @param {boolean} borrows whether some ops run on the cpu backend instead
   */
  constructor(model, backend, borrows) {
    this.backend = backend;
    this.model = model;
    const graph = OperationMapper.Instance.transformGraph(model.topology);
    this.executor = new GraphExecutor(graph);
    this.executor.weightMap = Object.fromEntries(
      model.weights.map(({ spec, data }) => [spec.name, [tensor(/** @type {any} */ (data), spec.shape, spec.dtype)]]),
    );
    // Loops, branches and ops whose result's size depends on values need the asynchronous executor.
    this.asynchronous = borrows || Object.values(graph.nodes).some((node) => isControlFlow(node) || isDynamicShape(node));
  }

  /**
   * @param {Model} model
   * @param {{backend: string, read: Reader}} options
   */
  static async start(model, { backend, read }) {
    const borrows = await startBackend(backend, read);
    await loadLayers?.(read);
    return new Engine(model, backend, borrows);
  }

  /** Names, dtypes and shapes of the graph's inputs and outputs. */
  get signature() {
    const { inputs, outputs } = this.model;
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
      if (!Object.hasOwn(specs, name)) throw new Error(`the model has no input ${name}; it has ${Object.keys(specs).join(', ')}`);
    }
    /** @type {Record<string, any>} */
    const feeds = {};
    for (const [name, spec] of Object.entries(specs)) {
      if (!Object.hasOwn(inputs, name)) throw new Error(`the input ${name} is missing`);
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
      const data = await refusingInvalid(async () => {
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
      for (const used of new Set([...Object.values(tensors), ...results])) if (!used.isDisposed) used.dispose();
    }
  }

  /** Runs the graph once, so that the first answer does not wait for compilation. */
  async warmUp() {
    const inputs = Object.entries(this.model.inputs).map(([name, { dtype, shape }]) => {
      const filled = shape.map((length, index) => length ?? (index === 0 ? 1 : WARM_UP_SIDE));
      return [name, { data: new Array(size(filled)).fill(dtype === 'string' ? '' : 0), shape: filled }];
    });
    await this.predict(Object.fromEntries(inputs));
  }

  dispose() {
    for (const [weight] of Object.values(this.executor.weightMap)) weight.dispose();
  }
}
