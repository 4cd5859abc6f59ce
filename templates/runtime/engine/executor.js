/**
 * Executes graphs with loops as TensorFlow does.
 *
 * What enters a loop as a constant is there in each of its iterations. The converter's own executor
 * hands it on in the first one alone, so that what depends on nothing else is never computed
 * again, and its loop ends without an answer. Values from outside that arrive when iterations
 * have already begun, as those of asynchronous ops do, are handed on to these as well.
 */
import { GraphExecutor } from '@tensorflow/tfjs-converter/dist/executor/graph_executor.js';

/**
 * @typedef {any} Node of the converter's graph
 * @typedef {{frameName: string, iterationId: number}[]} Contexts the frames around a node, and their iterations
 */

// Names of frames have slashes.
const SEPARATOR = '\n';

// What is changed here is private to it.
const Base = /** @type {new (graph: any) => any} */ (/** @type {unknown} */ (GraphExecutor));

export class Executor extends Base {
  /** @param {any} graph */
  constructor(graph) {
    super(graph);
    const nodes = Object.values(graph.nodes);
    this.frames = findFrames(nodes);
    /** @type {Map<string, Node[]>} what enters loops as a constant, by where it is then */
    this.constants = new Map();
    for (const node of nodes.filter(isConstant)) {
      const { behind } = /** @type {{behind: string}} */ (this.frames.get(node));
      this.constants.set(behind, [...(this.constants.get(behind) ?? []), node]);
    }
    /** @type {WeakMap<object, Map<string, Contexts>>} the iterations that have begun, by run and identity */
    this.begun = new WeakMap();
  }

  /**
   * @param {Node} node that has its value now
   * @param {any[]} stack
   * @param {any} context
   * @param {any} tensors
   * @param {any[]} rest
   */
  processChildNodes(node, stack, context, tensors, ...rest) {
    const handOn = (/** @type {Node} */ from) => {
      const here = nameFrames(context.currentContext);
      const children = from.children.filter((/** @type {Node} */ child) => this.frames.get(child)?.around === here);
      super.processChildNodes({ ...from, children }, stack, context, tensors, ...rest);
    };
    handOn(node);
    if (node.op === 'Enter' || node.op === 'NextIteration') this.#begin(context, tensors, handOn);
    const outside = isConstant(node) ? context.currentContext.slice(0, -1) : context.currentContext;
    const frames = new Set(node.children.map((/** @type {Node} */ child) => this.frames.get(child)?.around));
    frames.delete(nameFrames(outside));
    if (frames.size) this.#handInward(context, outside, frames, () => handOn(node));
  }

  /**
   * Gives an iteration that begins what has entered its loop as a constant.
   *
   * @param {any} context
   * @param {any} tensors
   * @param {(from: Node) => void} handOn
   */
  #begin(context, tensors, handOn) {
    const begun = this.begun.get(context) ?? new Map();
    this.begun.set(context, begun);
    const { currentContext, currentContextId } = context;
    if (begun.has(currentContextId)) return;
    begun.set(currentContextId, currentContext);
    const around = context.contextIdforContexts(currentContext.slice(0, -1));
    for (const node of this.constants.get(nameFrames(currentContext)) ?? []) {
      if (tensors[around ? `${node.name}-${around}` : node.name]) handOn(node);
    }
  }

  /**
   * Hands on to all iterations that have begun in these frames within `outside`.
   *
   * @param {any} context
   * @param {Contexts} outside
   * @param {Set<string>} frames
   * @param {() => void} handOn
   */
  #handInward(context, outside, frames, handOn) {
    const here = context.currentContext;
    const identity = context.contextIdforContexts(outside);
    for (const contexts of this.begun.get(context)?.values() ?? []) {
      const isWithin = frames.has(nameFrames(contexts)) && context.contextIdforContexts(contexts.slice(0, outside.length)) === identity;
      if (!isWithin || contexts === here) continue;
      context.currentContext = contexts;
      handOn();
    }
    context.currentContext = here;
  }
}

/** @param {Node} node */
function isConstant(node) {
  return node.op === 'Enter' && node.attrParams.isConstant?.value;
}

/** @param {Contexts} contexts */
function nameFrames(contexts) {
  return contexts.map(({ frameName }) => frameName).join(SEPARATOR);
}

/**
 * The loops around each node, and around what it answers, seen by its data.
 *
 * @param {Node[]} nodes
 */
function findFrames(nodes) {
  /** @type {Map<Node, {around: string, behind: string}>} */
  const found = new Map();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    let around = '';
    for (const input of node.inputs) {
      const { behind } = found.get(input) ?? { behind: '' };
      if (behind.length > around.length) around = behind;
    }
    if (found.get(node)?.around === around) continue;
    found.set(node, { around, behind: frameBehind(node, around) });
    waiting.push(...node.children);
  }
  return found;
}

/** @param {Node} node @param {string} around */
function frameBehind(node, around) {
  if (node.op === 'Enter') return around + SEPARATOR + node.attrParams.frameName.value;
  return node.op === 'Exit' ? around.slice(0, around.lastIndexOf(SEPARATOR)) : around;
}
