/** One worker, and with it one backend: started, asked, given up. */
/** @import {Signature, Repeated} from './types.js' */
import { text } from './texts.js';

/** The backend failed, not the input. */
export class BackendError extends Error {}

/** The worker's program did not come. */
export class LoadError extends BackendError {}

/** Milliseconds that the worker's program may take longer than the model, which travels beside it. */
const LATE = 30_000;

let count = 0;

export class Runner {
  lastId = 0;
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  waiting = new Map();
  /** @type {Error | undefined} */
  failure;
  alive = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  lateness;
  /** @type {(error: Error) => void} */
  onDeath = () => {};

  /**
   * @param {Worker} worker
   * @param {string} backend
   * @param {() => void} onWarmUp
   */
  constructor(worker, backend, onWarmUp = () => {}) {
    this.worker = worker;
    this.backend = backend;
    this.onWarmUp = onWarmUp;
    /** @type {Promise<{warmup: number, signature: Signature, threads: number}>} */
    const ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    /** Resolves when the worker answers. */
    this.ready = ready;
    this.ready.catch(() => {});
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.fail(event.message ? text('the worker failed: {error}', { error: event.message }) : new LoadError(text('its program could not be loaded')));
    };
  }

  /**
   * @param {{variant: string, threads: number, threadScript: string, first: Record<string, Repeated>}} options
   * @param {Iterable<[string, Promise<ArrayBuffer>]>} files by the engine's name of them; handed over as they arrive
   */
  start(options, files) {
    const lock = `tfjs-demo:${performance.timeOrigin}:${Math.random()}:${++count}`;
    this.lock = lock;
    this.worker.postMessage({ type: 'start', backend: this.backend, lock, ...options });
    const sent = [...files].map(([name, coming]) => coming.then((bytes) => this.send(name, bytes)));
    Promise.all(sent).then(
      () => (this.lateness = setTimeout(() => this.alive || this.fail(new LoadError(text('its program did not come'))), LATE)),
      (error) => this.fail(error),
    );
    return this.ready;
  }

  /** @param {string} name @param {ArrayBuffer} bytes which another worker may want, if this one is dead */
  send(name, bytes) {
    if (!this.failure) this.worker.postMessage({ type: 'file', name, bytes }, [bytes]);
  }

  /** @param {any} message from the worker */
  receive(message) {
    if (message.status === 'alive') this.watch(message.locked);
    else if (message.status === 'warmup') this.onWarmUp();
    else if (message.status === 'failed') this.fail(message.message);
    else if (message.status === 'ready') this.settle?.resolve(message);
    else this.answer(message);
  }

  /** Learns of the worker's death: nothing else ends its lock. @param {boolean} locked */
  watch(locked) {
    this.alive = true;
    if (!locked) return;
    // It is given up where the page itself goes.
    navigator.locks.request(/** @type {string} */ (this.lock), () => this.fail(text('the worker died'))).catch(() => {});
  }

  /** @param {{id: number, result?: any, error?: string, isInput?: boolean}} answer */
  answer({ id, result, error, isInput }) {
    const request = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) request?.resolve(result);
    else if (isInput) request?.reject(new Error(error));
    else request?.reject(new BackendError(error));
  }

  /** @param {Error | string} reason */
  fail(reason) {
    if (this.failure) return;
    clearTimeout(this.lateness);
    this.failure = typeof reason === 'string' ? new BackendError(reason) : reason;
    this.settle?.reject(this.failure);
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
    this.worker.terminate();
    this.onDeath(this.failure);
  }

  /**
   * @param {Record<string, any>} request
   * @returns {Promise<any>} rejects with a BackendError when another backend might answer
   */
  ask(request) {
    if (this.failure) return Promise.reject(this.failure);
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ ...request, id });
    });
  }

  /** Ends the worker and frees all that it holds. */
  dispose() {
    this.fail(new BackendError('it was replaced'));
  }
}
