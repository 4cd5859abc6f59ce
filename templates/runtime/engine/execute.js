/**
 * Executes one node of the graph; takes the place of the converter's own executeOp.
 *
 * A kernel that the backend lacks, or gets wrong, throws BorrowedKernel. Then the node's
 * inputs are read back and the whole op runs on the cpu backend; TF.js moves the result to
 * where the next op needs it. Slower than a kernel of its own, but right. The tool's own ops
 * (templates/ops/) work on values and run on the cpu backend as well.
 */
import { getTensor } from '@tensorflow/tfjs-converter/dist/operations/executors/utils.js';
import { executeOp as execute } from '@tensorflow/tfjs-converter/dist/operations/operation_executor.js';
import { makesEmpty, ownOps } from 'tfjs-demo:ops';
import { engine as tfjs } from './tfjs.js';

// Which backend computes is private to TF.js's engine: setBackend() would set it for good.
const engine = /** @type {any} */ (tfjs);

/**
 * @typedef {{dtype?: string, rank?: number}} Condition on any of a kernel's inputs
 * @typedef {(call: {inputs: any, attrs: any, backend: any}) => any} KernelFunc
 */

/** Thrown by what stands in for a kernel; caught here. */
class BorrowedKernel extends Error {}

/** Thrown by a backend that can only read asynchronously; caught here. */
class ValueNeeded extends Error {
  /** @param {object} dataId */
  constructor(dataId) {
    super('the value of a tensor has to be read first');
    this.dataId = dataId;
  }
}

/**
 * What is registered for a kernel that runs on the cpu backend instead, for some inputs.
 *
 * @param {string} backendName
 * @param {string} kernelName
 * @param {Condition[]} conditions of which one has to hold
 * @param {{kernelFunc: KernelFunc, setupFunc?: (backend: any) => void}} [own] the backend's kernel, for other inputs
 */
export function borrowKernel(backendName, kernelName, conditions, own) {
  const holds = (/** @type {Condition} */ { dtype, rank }, /** @type {any} */ input) =>
    (dtype === undefined || input.dtype === dtype) && (rank === undefined || input.shape.length === rank);
  /** @type {KernelFunc} */
  const kernelFunc = (call) => {
    const inputs = Object.values(call.inputs).filter(Boolean);
    const borrowed = conditions.some((condition) => inputs.some((input) => holds(condition, input)));
    if (own && !borrowed) return own.kernelFunc(call);
    throw new BorrowedKernel(`${kernelName} does not run on ${backendName}`);
  };
  return { kernelName, backendName, kernelFunc, setupFunc: own?.setupFunc };
}

/**
 * Makes a backend ask for values instead of reading them from the GPU at once: WebGPU does that
 * by way of a canvas, after which some browsers have lost the device.
 *
 * @param {any} backend
 */
export function readLater(backend) {
  const read = backend.readSync.bind(backend);
  backend.readSync = (/** @type {object} */ dataId) => {
    const { values, dtype } = backend.tensorMap.get(dataId);
    if (values == null && dtype !== 'string' && dtype !== 'complex64') throw new ValueNeeded(dataId);
    return read(dataId);
  };
}

/**
 * @param {any} node
 * @param {any} tensors
 * @param {any} context
 * @param {any} resources
 * @returns {any} the outputs, or a promise of them
 */
export function executeOp(node, tensors, context, resources) {
  const isElsewhere = engine.backendName !== 'cpu';
  if (isElsewhere && (ownOps.has(node.op) || (makesEmpty && getsEmpty(node, tensors, context, resources)))) return executeOnCpu(node, tensors, context, resources);
  try {
    return execute(node, tensors, context, resources);
  } catch (error) {
    if (error instanceof BorrowedKernel) return executeOnCpu(node, tensors, context, resources);
    if (error instanceof ValueNeeded) return executeAfter(error.dataId, node, tensors, context, resources);
    throw error;
  }
}

/**
 * Whether a node gets a tensor without elements, as a text without words makes it: no GPU has
 * a texture or a buffer for that, and wasm's sums of nothing are what its memory held before.
 *
 * @param {any} node
 * @param {any} tensors
 * @param {any} context
 * @param {any} resources
 */
function getsEmpty(node, tensors, context, resources) {
  return node.category !== 'control' && inputsOf(node, tensors, context, resources).some(({ size }) => size === 0);
}

/**
 * Reads a value, then executes the node; on the cpu backend if the value is not one of its inputs.
 *
 * @param {object} dataId
 * @param {any} node
 * @param {any} tensors
 * @param {any} context
 * @param {any} resources
 */
async function executeAfter(dataId, node, tensors, context, resources) {
  const frame = context.currentContext;
  if (!inputsOf(node, tensors, context, resources).some((input) => input.dataId === dataId)) {
    return executeOnCpu(node, tensors, context, resources);
  }
  await engine.read(dataId);
  const elsewhere = context.currentContext;
  context.currentContext = frame;
  const results = executeOp(node, tensors, context, resources);
  context.currentContext = elsewhere;
  return results;
}

/**
 * @param {any} node
 * @param {any} tensors
 * @param {any} context
 * @param {any} resources
 * @returns {any[]}
 */
function inputsOf(node, tensors, context, resources) {
  const find = (/** @type {string} */ name) => getTensor(name, tensors, context, resources);
  return node.inputNames.map(find).filter(Boolean);
}

/**
 * @param {any} node
 * @param {any} tensors
 * @param {any} context
 * @param {any} resources
 */
async function executeOnCpu(node, tensors, context, resources) {
  const frame = context.currentContext;
  await Promise.all(inputsOf(node, tensors, context, resources).map((input) => engine.read(input.dataId)));
  const { backendName, backendInstance } = engine;
  const elsewhere = context.currentContext;
  try {
    context.currentContext = frame;
    engine.backendName = 'cpu';
    engine.backendInstance = engine.findBackend('cpu');
    return execute(node, tensors, context, resources);
  } finally {
    engine.backendName = backendName;
    engine.backendInstance = backendInstance;
    context.currentContext = elsewhere;
  }
}
