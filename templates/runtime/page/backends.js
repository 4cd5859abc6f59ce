/** Which backends a browser has, what they are called, and which was the fastest before. */
/** @import {EngineOptions} from './types.js' */
import { count } from './texts.js';

/** @type {Record<string, string>} */
const NAMES = { cpu: 'JavaScript', wasm: 'WebAssembly', webgl: 'WebGL', webgpu: 'WebGPU' };

/** @param {string} backend */
export const nameOf = (backend) => NAMES[backend] ?? backend;

/** What computes: the threads are those of wasm. @typedef {{backend: string, threads: number}} Computing */

/** @param {Computing} computing */
export const describe = ({ backend, threads }) => (threads > 1 ? count('{backend} with {count} thread', '{backend} with {count} threads', threads, { backend: nameOf(backend) }) : nameOf(backend));

/** Without trying: what fails for another reason says so when it starts. @type {Record<string, () => boolean | Promise<boolean>>} */
const TESTS = {
  wasm: () => typeof WebAssembly === 'object',
  webgl: () => 'OffscreenCanvas' in globalThis && 'WebGL2RenderingContext' in globalThis,
  webgpu: async () => Boolean(await navigator.gpu?.requestAdapter()),
};

/** Whether this page and this browser have a backend. @param {string} backend @param {EngineOptions} options */
export const isAvailable = async (backend, { workers }) => Object.hasOwn(workers, backend) && ((await TESTS[backend]?.()) ?? true);

/** Those that are there. @param {EngineOptions} options */
export async function availableOf(options) {
  const found = [];
  for (const backend of options.backends) if (await isAvailable(backend, options)) found.push(backend);
  return found;
}

/** Keeps the choice for the next visit, for this model in this browser (early.js reads it). @param {EngineOptions} options @param {Computing} computing */
export function remember({ model }, { backend, threads }) {
  try {
    localStorage.setItem(`tfjs-demo:backend:${model}`, JSON.stringify({ backend, threads, browser: navigator.userAgent }));
  } catch {
    // Storage may be full or forbidden; then the next visit finds out anew.
  }
}

/** @param {EngineOptions} options */
export function forget({ model }) {
  try {
    localStorage.removeItem(`tfjs-demo:backend:${model}`);
  } catch {
    // Nothing was kept.
  }
}
