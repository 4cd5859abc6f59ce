/** Which backends a browser has, what they are called, and which was the fastest before. */
/** @import {EngineOptions} from './types.js' */

/** @type {Record<string, string>} */
const NAMES = { cpu: 'JavaScript', wasm: 'WebAssembly', webgl: 'WebGL', webgpu: 'WebGPU' };

/** @param {string} backend */
export const nameOf = (backend) => NAMES[backend] ?? backend;

/** Without trying: what fails for another reason says so when it starts. @type {Record<string, () => boolean | Promise<boolean>>} */
const TESTS = {
  wasm: () => typeof WebAssembly === 'object',
  webgl: () => 'OffscreenCanvas' in globalThis && 'WebGL2RenderingContext' in globalThis,
  webgpu: async () => Boolean(await navigator.gpu?.requestAdapter()),
};

/** Whether this page and this browser have a backend. @param {string} backend @param {EngineOptions} options */
export const isAvailable = async (backend, { workers }) => Object.hasOwn(workers, backend) && ((await TESTS[backend]?.()) ?? true);

/** Keeps the choice for the next visit, for this model in this browser (early.js reads it). @param {EngineOptions} options @param {string} backend */
export function remember({ model }, backend) {
  try {
    localStorage.setItem(`tfjs-demo:backend:${model}`, JSON.stringify({ backend, browser: navigator.userAgent }));
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
