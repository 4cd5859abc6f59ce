/**
 * The engine in a worker, one file for each backend: gets the model's files from the
 * page as they arrive, and answers one request after the other. It is a classic script, for browsers
 * whose workers are no modules; Node imports the same file to verify it, and takes the engine itself.
 */
import { compare } from './compare.js';
import { Engine, InputError } from './engine.js';

/**
 * What the page sends; every request but `start` and `file` has an answer with its id.
 *
 * @typedef {import('./compare.js').Golden} Golden
 * @typedef {{type: 'start', lock: string, backend: string, variant: import('./engine.js').Variant, threads: number, threadScript: string,
 *     first: Record<string, import('./engine.js').Repeated>}
 *   | {type: 'file', name: string, bytes: ArrayBuffer}
 *   | {type: 'predict', id: number, inputs: Record<string, any>}
 *   | {type: 'check', id: number, golden: Golden, runs: number}
 *   | {type: 'memory', id: number}} Message
 */

/** Files that have arrived and are not read yet, or are waited for. @type {Map<string, PromiseWithResolvers>} */
const files = new Map();

/** @typedef {{promise: Promise<Uint8Array>, resolve: (bytes: Uint8Array) => void}} PromiseWithResolvers */

/** @param {string} name */
function file(name) {
  let found = files.get(name);
  if (!found) {
    /** @type {(bytes: Uint8Array) => void} */
    let resolve = () => {};
    found = { promise: new Promise((settle) => (resolve = settle)), resolve };
    files.set(name, found);
  }
  return found;
}

/** Reads a file once: nothing holds on to its bytes afterwards. @param {string} name */
async function read(name) {
  const bytes = await file(name).promise;
  files.delete(name);
  return bytes;
}

/** Milliseconds in which a sample is run again: whoever asks meanwhile waits. */
const LONGEST = 2000;

/** @type {Promise<Engine> | undefined} */
let started;
let queue = Promise.resolve();

/** @param {Message} message */
function receive(message) {
  if (message.type === 'file') file(message.name).resolve(new Uint8Array(message.bytes));
  else if (message.type === 'start') {
    started = start(message);
    started.catch((error) => self.postMessage({ status: 'failed', message: text(error) }));
  } else queue = queue.then(() => answer(message));
}

/** @param {Message & {type: 'start'}} options */
async function start({ lock, first, ...options }) {
  const held = holdLock(lock);
  const engine = await Engine.start(read, options);
  // Whoever is asked something has been watched before.
  await held;
  const begin = performance.now();
  self.postMessage({ status: 'warmup' });
  await engine.warmUp(first);
  self.postMessage({ status: 'ready', warmup: performance.now() - begin, signature: engine.signature, threads: engine.threads });
  return engine;
}

/**
 * Held as long as this worker lives: who gets it next knows that the worker died, of which a
 * browser says nothing else.
 *
 * @param {string} name
 */
function holdLock(name) {
  return new Promise((resolve) => {
    const tell = (/** @type {boolean} */ locked) => resolve(self.postMessage({ status: 'alive', locked }));
    if (!navigator.locks) return tell(false);
    const hold = () => {
      tell(true);
      return new Promise(() => {});
    };
    // In frames of other sites, browsers may forbid all that is kept.
    return navigator.locks.request(name, hold).catch(() => tell(false));
  });
}

/** @param {Exclude<Message, {type: 'start' | 'file'}>} message */
async function answer(message) {
  const { id } = message;
  try {
    const engine = await /** @type {Promise<Engine>} */ (started);
    self.postMessage({ id, result: await carryOut(engine, message) });
  } catch (error) {
    self.postMessage({ id, error: text(error), isInput: error instanceof InputError });
  }
}

/** @param {Engine} engine @param {Exclude<Message, {type: 'start' | 'file'}>} message */
async function carryOut(engine, message) {
  if (message.type === 'memory') return engine.memory();
  if (message.type === 'predict') {
    const begin = performance.now();
    const outputs = await engine.predict(message.inputs);
    return { outputs, milliseconds: performance.now() - begin };
  }
  const { golden, runs } = message;
  const milliseconds = [];
  let errors = {};
  const end = performance.now() + LONGEST;
  for (let run = 0; run < runs && (run === 0 || performance.now() < end); run++) {
    const begin = performance.now();
    const outputs = await engine.predict(golden.inputs);
    milliseconds.push(performance.now() - begin);
    errors = compare(golden.outputs, outputs);
  }
  return { errors, milliseconds };
}

/** @param {unknown} error */
const text = (error) => (error instanceof Error ? error.message : String(error));

// Elsewhere this file is a library: only the page gives its worker this name.
if (/** @type {any} */ (globalThis).name === 'tfjs-demo') self.onmessage = ({ data }) => receive(data);
else Object.assign(globalThis, { tfjsDemoEngine: Engine });
