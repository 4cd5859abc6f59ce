/**
 * Runs inline in the head of the page, before anything else is there: starts the worker and the
 * first downloads, so that they travel while the page is still being read.
 */

/** @import {Early, EngineOptions, FileEntry} from './types.js' */
import { text } from './texts.js';

/** A module with one SIMD instruction (github.com/GoogleChromeLabs/wasm-feature-detect). */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

const MOST_THREADS = 4;

/** There is none in Lockdown Mode, and where an administrator does not want it. */
const hasWasm = typeof WebAssembly === 'object';

/** Whether it can be started at once, as far as is known without trying. @param {EngineOptions} options @param {string} backend */
const isHere = ({ workers }, backend) => Object.hasOwn(workers, backend) && (backend !== 'wasm' || hasWasm);

/** The variant of the wasm binary for one thread that this browser can run. */
const single = () => (hasWasm && WebAssembly.validate(new Uint8Array(SIMD)) ? 'simd' : 'plain');

/** How many threads wasm can have here. @param {EngineOptions} options */
function countThreads({ wasm }) {
  // Some browsers isolate a page, and have no memory to share.
  const canShare = globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function';
  return wasm.threads && canShare && single() === 'simd' ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
}

/** What turned out to be fastest for this model in this browser. @param {EngineOptions} options */
function remembered(options) {
  try {
    const { browser, ...kept } = JSON.parse(localStorage.getItem(`tfjs-demo:backend:${options.model}`) ?? '{}');
    return browser === navigator.userAgent && isHere(options, kept.backend) ? kept : null;
  } catch {
    return null; // storage may be forbidden
  }
}

/**
 * Each download can be given up; whoever takes it over sees its errors.
 *
 * @param {FileEntry} file
 */
function download({ url }) {
  const aborter = new AbortController();
  const response = fetch(url, { signal: aborter.signal });
  response.catch(() => {});
  return { response, aborter };
}

/** Loads the page again. What came in place of a script, a cache may keep: that is asked for past all caches. */
async function anew() {
  const scripts = [...document.scripts].filter(({ src }) => src);
  await Promise.allSettled(scripts.map(async ({ src }) => (await fetch(src, { cache: 'reload' })).arrayBuffer()));
  location.reload();
}

/** Without the page's own script nobody else could say that it did not come. */
function watchScript() {
  const tell = () => {
    const [engine, failure, retry] = ['engine', 'failure', 'retry'].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
    engine.textContent = text('The page could not start');
    failure.textContent = text('A part of this page could not be loaded. Check your connection and try again.');
    retry.hidden = false;
    retry.onclick = anew;
  };
  const listen = (/** @type {Event} */ { target }) => target instanceof HTMLScriptElement && tell();
  // Errors of elements do not rise to the window, but come down past it.
  addEventListener('error', listen, true);
}

/** The compact page, from its first paint; and the page around it learns that there is one. */
function embed() {
  document.documentElement.classList.add('embedded');
  parent.postMessage({ type: 'tfjs-demo:here' }, '*');
}

/** @param {EngineOptions} options @param {() => void} [then] what only some pages do */
export function begin(options, then) {
  const { searchParams } = new URL(location.href);
  if (searchParams.has('embed')) embed();
  const { classList } = document.documentElement;
  if (location.protocol === 'file:') classList.add('from-disk');
  if (classList.contains('from-disk') || classList.contains('too-old')) return;
  watchScript();
  const forced = searchParams.get('backend');
  const kept = forced ? null : remembered(options);
  const backend = forced ?? kept?.backend ?? /** @type {string} */ (options.backends.find((one) => isHere(options, one)));
  const mostThreads = countThreads(options);
  const threads = kept?.threads === 1 ? 1 : mostThreads;
  const variant = threads > 1 ? 'threads' : single();
  /** @type {Early} */
  const early = { options, backend, forced: forced !== null, remembered: kept !== null, single: single(), variant, threads, mostThreads, downloads: {} };
  if (isHere(options, backend)) {
    early.worker = new Worker(options.workers[backend], { name: 'tfjs-demo' });
    // The page's own script starts another one; until it is here, nobody else could say so.
    early.worker.onerror = (event) => {
      event.preventDefault();
      early.failed = true;
    };
    const binary = backend === 'wasm' && options.wasm[variant];
    if (binary) early.downloads.wasm = download(binary);
    early.downloads['model.json'] = download(options.files['model.json']);
  }
  Object.assign(window, { tfjsDemoEarly: early });
  then?.();
}
