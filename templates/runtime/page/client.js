/** The model in its worker, whatever happens to it; `window.tfjsDemo` is one. */
/** @import {Early, EngineStatus, FileEntry, Signature, Tensor} from './types.js' */
import { availableOf, forget, isAvailable, nameOf } from './backends.js';
import { CancelledError, DownloadError, Downloads } from './downloads.js';
import { keepFile } from './offline.js';
import { BackendError, LoadError, Runner } from './runner.js';
import { nextTask } from './tasks.js';
import { text } from './texts.js';
import { ChoiceError, explain, tell } from './trouble.js';

/** Of one backend, until it is given up. */
const MOST_FAILURES = 2;
/** Of one prediction, on whatever backends. */
const MOST_TRIES = 3;
const MOST_TIMINGS = 1000;
/** Milliseconds before a worker whose program did not come is tried again. */
const PAUSE = 500;

export class Client {
  /** @type {Signature | undefined} Names, dtypes and shapes; known once ready. */
  signature;
  /** How many threads compute. */
  threads = 1;
  /** Milliseconds. @type {{ready?: number, warmup?: number, predictions: number[]}} */
  timings = { predictions: [] };
  /** What the widgets read pictures and sounds with. @type {import('./types.js').Readers} */
  readers = {};
  /** @type {Runner | undefined} */
  runner;
  /** How often each backend failed. @type {Map<string, number>} */
  failures = new Map();

  /**
   * @param {Early} early
   * @param {(status: EngineStatus) => void} onStatus
   */
  constructor(early, onStatus) {
    this.early = early;
    this.options = early.options;
    // The page's own size says so too.
    const { besides } = early.options;
    this.onStatus = onStatus;
    // Whoever uses the page's API may take it apart.
    this.predict = this.predict.bind(this);
    this.memory = this.memory.bind(this);
    this.downloads = new Downloads(begun(early), (loaded, total) => onStatus({ status: 'download', loaded: loaded + besides, total: total + besides }), keepFile);
    this.begin();
  }

  /** The backend in use: cpu, wasm, webgl or webgpu. @type {string | undefined} */
  get backend() {
    return this.runner?.backend;
  }

  /** The addresses of what only other backends need, or other browsers. */
  get unused() {
    const { backend = this.early.backend, options, threads } = this;
    const variant = backend === 'wasm' && this.variantFor(threads);
    const { [backend]: worker, ...workers } = options.workers;
    const binaries = Object.entries(options.wasm).filter(([name]) => name !== variant);
    const urls = [...Object.values(workers), ...binaries.map(([, { url }]) => url)];
    return options.threads && variant !== 'threads' ? [...urls, options.threads] : urls;
  }

  /** All that could compute here. @returns {import('./backends.js').Computing[]} */
  get candidates() {
    const { mostThreads } = this.early;
    const counts = (/** @type {string} */ backend) => (backend === 'wasm' && mostThreads > 1 ? [mostThreads, 1] : [1]);
    return this.options.backends.flatMap((backend) => counts(backend).map((threads) => ({ backend, threads })));
  }

  /** @param {number} threads */
  variantFor(threads) {
    return threads > 1 ? 'threads' : this.early.single;
  }

  /** Starts the first backend that works. */
  begin() {
    const { backend, forced } = this.early;
    const others = forced ? [] : this.options.backends.filter((name) => name !== backend);
    this.onStatus({ status: 'starting' });
    this.go([backend, ...others]);
    /** Resolves when the model answers; rejects when no backend can run it. @type {Promise<void>} */
    this.ready = this.starting.then(() => {});
    this.ready.catch(() => {});
  }

  /** After a download that failed or was stopped, or when no backend was left. */
  retry() {
    this.failures.clear();
    this.downloads.resume();
    this.begin();
  }

  /** @param {string[]} backends @param {string} [stopped] the one that they replace */
  go(backends, stopped) {
    /** The worker that answers, or will. @type {Promise<Runner>} */
    this.starting = nextTask().then(() => this.startAny(backends, stopped));
    this.starting.catch(() => {});
  }

  /** Stops the download. */
  cancel() {
    this.downloads.cancel();
  }

  /**
   * Runs the model; calls queue and draw nothing.
   *
   * @param {Record<string, any>} inputs by name: nested arrays, typed arrays or {data, shape}, batch dimension included
   * @returns {Promise<Record<string, Tensor>>}
   */
  async predict(inputs) {
    for (let tries = 1; ; tries++) {
      const runner = await this.starting;
      try {
        const { outputs, milliseconds } = await runner.ask({ type: 'predict', inputs });
        this.timings.predictions.push(milliseconds);
        if (this.timings.predictions.length > MOST_TIMINGS) this.timings.predictions.shift();
        this.failures.clear();
        return outputs;
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        this.replace(runner, error);
        if (tries >= MOST_TRIES) throw error;
      }
    }
  }

  /** What TF.js holds: its tensors, and their bytes. @returns {Promise<{tensors: number, bytes: number}>} */
  async memory() {
    return (await this.starting).ask({ type: 'memory' });
  }

  /**
   * Starts a worker beside the one in use; without progress, for nobody waits for it.
   *
   * @param {import('./backends.js').Computing} computing
   */
  async startBeside({ backend, threads }) {
    const runner = this.launch(backend, new Downloads({}, () => {}, keepFile), threads);
    await runner.ready;
    return runner;
  }

  /** Goes on with another backend, when that answers. @param {import('./backends.js').Computing} computing @param {string} reason */
  async change(computing, reason) {
    const runner = await this.startBeside(computing);
    this.early.threads = computing.threads;
    this.adopt(runner, reason);
  }

  /** Goes on with a worker that answers already. @param {Runner} runner @param {string} reason @param {string} [trouble] */
  adopt(runner, reason, trouble = '') {
    const earlier = this.runner;
    this.runner = runner;
    if (earlier !== runner) earlier?.dispose();
    this.starting = Promise.resolve(runner);
    // Also when nothing is asked of it.
    runner.onDeath = (error) => this.replace(runner, error);
    runner.ready.then(({ warmup, signature, threads }) => {
      this.signature = signature;
      this.threads = threads;
      this.timings.ready ??= performance.now();
      this.timings.warmup = warmup;
      this.onStatus({ status: 'ready', backend: runner.backend, warmup, threads, reason, trouble });
    });
  }

  /** Something was wrong with a backend: starts it again, and if that does not help another one. @param {Runner} runner @param {Error} error */
  replace(runner, error) {
    if (runner !== this.runner) return;
    const { backend } = runner;
    this.runner = undefined;
    runner.dispose();
    const failed = (this.failures.get(backend) ?? 0) + 1;
    this.failures.set(backend, failed);
    const others = this.early.forced ? [] : this.options.backends.filter((name) => (this.failures.get(name) ?? 0) < MOST_FAILURES && name !== backend);
    if (failed >= MOST_FAILURES) forget(this.options);
    this.onStatus({ status: 'fallback', backend, reason: error.message });
    this.go(failed < MOST_FAILURES ? [backend, ...others] : others, backend);
  }

  /**
   * @param {string[]} backends in their order
   * @param {string} [stopped] the one that they replace
   * @returns {Promise<Runner>}
   */
  async startAny(backends, stopped) {
    /** @type {{backend: string, error: Error}[]} */
    const failed = [];
    for (const backend of backends) {
      if (!(await isAvailable(backend, this.options))) continue;
      try {
        const runner = await this.startOne(backend);
        const trouble = tell(backend, stopped, failed);
        this.adopt(runner, trouble || this.reason(backend), trouble);
        return runner;
      } catch (error) {
        if (!(error instanceof BackendError)) throw this.giveUp(/** @type {Error} */ (error));
        failed.push({ backend, error });
        this.onStatus({ status: 'fallback', backend, reason: error.message });
      }
    }
    throw this.giveUp(await this.nothingLeft(failed, stopped));
  }

  /** @param {{backend: string, error: Error}[]} failed @param {string} [stopped] */
  async nothingLeft(failed, stopped) {
    const { forced, backend } = this.early;
    if (!failed.length && forced && !stopped) {
      const backends = (await availableOf(this.options)).join(', ');
      return new ChoiceError(text('The address asks for “{backend}”, which this browser has not; it has {backends}.', { backend, backends }));
    }
    const said = failed.map(({ backend, error }) => `${nameOf(backend)}: ${error.message}`).join('; ') || text('{backend} stopped working.', { backend: nameOf(stopped ?? backend) });
    const isLost = failed.length > 0 && failed.every(({ error }) => error instanceof LoadError);
    return isLost ? new DownloadError(said) : new Error(said);
  }

  /** @param {string} backend */
  async startOne(backend) {
    for (let attempt = 0; ; attempt++) {
      const runner = this.launch(backend, this.downloads);
      try {
        await runner.ready;
        return runner;
      } catch (error) {
        if (backend === 'wasm' && this.early.threads > 1 && !(error instanceof DownloadError)) {
          // One thread may do what several cannot.
          this.early.threads = this.early.mostThreads = 1;
          continue;
        }
        if (!(error instanceof LoadError) || attempt > 0) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        await renew(this.options.workers[backend]);
      }
    }
  }

  /** Why the page runs on this backend. @param {string} backend */
  reason(backend) {
    if (this.early.forced) return text('asked for by {setting}', { setting: `?backend=${backend}` });
    if (this.early.remembered) return text('it was the fastest here before');
    const [first] = this.options.backends;
    return backend === first ? this.options.reason : text('this browser has no {backend}', { backend: nameOf(first) });
  }

  /** @param {Error} error @returns {Error} */
  giveUp(error) {
    // What else is under way would be told as progress; what has arrived is kept.
    this.downloads.cancel();
    this.onStatus({ status: 'error', ...explain(error, this.early.forced) });
    return error;
  }

  /**
   * @param {string} backend
   * @param {Downloads} downloads
   * @param {number} threads of wasm
   */
  launch(backend, downloads, threads = this.early.threads) {
    const { early, options } = this;
    const begun = early.backend === backend && !early.failed ? early.worker : undefined;
    early.worker = undefined;
    const worker = begun ?? new Worker(options.workers[backend], { name: 'tfjs-demo' });
    const runner = new Runner(worker, backend, () => this.runner || this.onStatus({ status: 'warmup', backend }));
    const variant = this.variantFor(threads);
    const binary = backend === 'wasm' && options.wasm[variant];
    /** @type {[string, Promise<ArrayBuffer>][]} */
    const files = Object.entries(options.files).map(([name, file]) => [name, downloads.get(file)]);
    if (binary) files.unshift([`wasm-${variant}`, downloads.get(binary).catch(orBackendError)]);
    const threadScript = options.threads ? new URL(options.threads, document.baseURI).href : '';
    runner.start({ variant, threads, threadScript, first: options.first }, files);
    return runner;
  }
}

/** What came in place of a worker's program, a cache may keep for long: asks past all of them. @param {string} url */
async function renew(url) {
  await fetch(url, { cache: 'reload' }).then(
    (response) => response.arrayBuffer(),
    () => {}, // the worker will tell
  );
}

/** The downloads that the page's head began, by address. @param {Early} early */
function begun({ downloads, options, variant }) {
  const { 'model.json': model, wasm } = downloads;
  return {
    ...(model ? { [options.files['model.json'].url]: model } : {}),
    ...(wasm ? { [/** @type {FileEntry} */ (options.wasm[variant]).url]: wasm } : {}),
  };
}

/** Without its binary a backend is no use; another one may be. @param {Error} error @returns {never} */
function orBackendError(error) {
  throw error instanceof CancelledError ? error : new BackendError(error.message);
}
