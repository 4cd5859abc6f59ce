/** The page's side of the worker; what `window.tfjsDemo` is. */

/**
 * @typedef {{url: string, bytes: number}} FileEntry
 * @typedef {{worker: string, files: Record<string, FileEntry>, backends: string[], reason: string}} EngineOptions
 * @typedef {{dtype: string, shape: (number | null)[]}} Spec
 * @typedef {{inputs: Record<string, Spec>, outputs: Record<string, Spec>}} Signature
 * @typedef {{data: Float32Array | Int32Array | Uint8Array | string[], shape: number[], dtype: string}} Answer
 * @typedef {{status: 'starting'}
 *   | {status: 'download', loaded: number, total: number}
 *   | {status: 'warmup', backend: string}
 *   | {status: 'fallback', backend: string, reason: string}
 *   | {status: 'ready', backend: string, warmup: number, reason: string, signature: Signature}
 *   | {status: 'error', message: string, hint: string, detail: string}} Status
 */

/**
 * Starts the worker.
 * @param {EngineOptions} options with URLs relative to the page
 * @param {(status: Status) => void} onStatus
 */
export function connect(options, onStatus) {
  const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href;
  const forced = new URL(location.href).searchParams.get('backend');
  const worker = new Worker(absolute(options.worker), { type: 'module' });
  /** @type {Map<number, {resolve: (outputs: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  /** @type {(signature: Signature) => void} */
  let becomeReady = () => {};
  /** @type {(error: Error) => void} */
  let fail = () => {};
  let lastId = 0;
  /** @type {Error | undefined} */
  let failure;
  const client = {
    /** Resolves when the model answers; rejects when no backend can run it. */
    ready: new Promise((resolve, reject) => {
      becomeReady = () => resolve(undefined);
      fail = reject;
    }),
    /** @type {Signature | undefined} Names, dtypes and shapes; known once ready. */
    signature: undefined,
    /** @type {string | undefined} The backend in use: cpu, wasm, webgl or webgpu. */
    backend: undefined,
    /** Milliseconds. @type {{ready?: number, warmup?: number, predictions: number[]}} */
    timings: { predictions: [] },
    /**
     * Runs the model; calls queue and draw nothing.
     * @param {Record<string, any>} inputs by name: nested arrays, typed arrays or {data, shape}, batch dimension included
     * @returns {Promise<Record<string, Answer>>}
     */
    predict(inputs) {
      if (failure) return Promise.reject(failure);
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ type: 'predict', id, inputs });
      });
    },
  };
  client.ready.catch(() => {});

  /** @param {any} message */
  function settle({ id, outputs, error, milliseconds }) {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error) return request?.reject(new Error(error));
    client.timings.predictions.push(milliseconds);
    if (client.timings.predictions.length > 1000) client.timings.predictions.shift();
    request?.resolve(outputs);
  }

  /** @param {Status} status */
  function receive(status) {
    if (status.status === 'ready') {
      client.signature = status.signature;
      client.backend = status.backend;
      client.timings.ready = performance.now();
      client.timings.warmup = status.warmup;
      becomeReady(status.signature);
    } else if (status.status === 'error') {
      failure = new Error(`${status.message} ${status.detail}`.trim());
      fail(failure);
      for (const { reject } of waiting.values()) reject(failure);
      waiting.clear();
    }
    onStatus(status);
  }

  worker.onmessage = ({ data }) => (data.status ? receive(data) : settle(data));
  worker.onerror = (event) => {
    event.preventDefault();
    const detail = event.message ?? 'the worker could not be loaded';
    receive({ status: 'error', message: 'The program of this page could not be loaded.', hint: 'Check your connection and reload the page.', detail });
  };
  onStatus({ status: 'starting' });
  const files = Object.fromEntries(
    Object.entries(options.files).map(([name, { url, bytes }]) => [name, { url: absolute(url), bytes }]),
  );
  worker.postMessage({
    type: 'start',
    options: { ...options, files, backends: forced ? [forced] : options.backends, reason: forced ? `asked for by ?backend=${forced}` : options.reason },
  });
  return client;
}
