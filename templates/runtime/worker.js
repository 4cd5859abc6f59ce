/**
 * The engine in a module worker: downloads the model, starts the first backend
 * that works, and answers one prediction after the other.
 */
import { Engine, UnknownBackendError, readModel } from './engine.js';

/**
 * @typedef {import('./client.js').EngineOptions} EngineOptions
 * @typedef {import('./client.js').Status} Status
 */

/** @param {Status} status */
const report = (status) => self.postMessage(status);

/** @type {Promise<Engine> | undefined} */
let started;
let queue = Promise.resolve();

self.onmessage = ({ data }) => {
  if (data.type === 'start') {
    started = start(data.options);
    started.catch((error) => report({ status: 'error', ...explain(error) }));
  } else {
    queue = queue.then(() => answer(data));
  }
};

/** @param {{id: number, inputs: Record<string, any>}} request */
async function answer({ id, inputs }) {
  try {
    const engine = await /** @type {Promise<Engine>} */ (started);
    const begin = performance.now();
    const outputs = await engine.predict(inputs);
    self.postMessage({ id, outputs, milliseconds: performance.now() - begin });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {EngineOptions} options */
async function start(options) {
  const read = downloader(options);
  const model = await readModel(read);
  /** @type {Error[]} */
  const failures = [];
  for (const backend of options.backends) {
    try {
      report({ status: 'warmup', backend });
      const engine = await Engine.start(model, { backend, read });
      const begin = performance.now();
      await engine.warmUp();
      const warmup = performance.now() - begin;
      const reason = failures.length ? `${backendList(options.backends, failures.length)} could not start` : options.reason;
      report({ status: 'ready', backend, warmup, reason, signature: engine.signature });
      return engine;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      failures.push(failure);
      report({ status: 'fallback', backend, reason: failure.message });
    }
  }
  throw failures.find((failure) => failure instanceof DownloadError || failure instanceof UnknownBackendError) ?? new Error(failures.map(({ message }) => message).join('; '));
}

const NAMES = { cpu: 'JavaScript', wasm: 'WebAssembly', webgl: 'WebGL', webgpu: 'WebGPU' };

/** The first of the backends in words. @param {string[]} backends @param {number} count */
const backendList = (backends, count) =>
  backends.slice(0, count).map((name) => NAMES[/** @type {keyof typeof NAMES} */ (name)] ?? name).join(' and ');

class DownloadError extends Error {}

/**
 * A reader that reports the bytes of all files together.
 * @param {EngineOptions} options
 */
function downloader({ files, backends }) {
  const wanted = Object.keys(files).filter((name) => !name.endsWith('.wasm') || (backends[0] === 'wasm' && name.includes('simd')));
  const total = wanted.reduce((sum, name) => sum + files[name].bytes, 0);
  let loaded = 0;
  return async (/** @type {string} */ name) => {
    const chunks = [];
    try {
      const response = await fetch(files[name].url);
      if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks.push(part.value);
        loaded += part.value.length;
        report({ status: 'download', loaded, total });
      }
    } catch (error) {
      throw new DownloadError(`${name}: ${error instanceof Error ? error.message : error}`);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  };
}

/** @param {unknown} error */
function explain(error) {
  if (error instanceof UnknownBackendError) {
    return { message: error.message, hint: 'Choose another one in the address, or leave ?backend= out.', detail: '' };
  }
  if (error instanceof DownloadError) {
    return {
      message: 'The model could not be downloaded.',
      hint: 'Check your connection and reload the page.',
      detail: error.message,
    };
  }
  return {
    message: 'This browser could not run the model.',
    hint: 'Try a current version of Chrome, Edge, Firefox or Safari.',
    detail: error instanceof Error ? error.message : String(error),
  };
}
