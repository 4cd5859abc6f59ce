/** What was loaded is kept for the next visit, and a newer page is offered; see ../offline/sw.js. */
import { find } from './widget.js';

const scope = new URL('./', location.href);
const isPossible = 'caches' in globalThis && 'serviceWorker' in navigator && globalThis.isSecureContext;

/**
 * Keeps a file of the model that the first visit has transferred, before there is a service worker.
 *
 * @param {{url: string}} file
 * @param {ArrayBuffer} bytes which are copied at once
 * @param {string} type
 */
export async function keepFile({ url }, bytes, type) {
  if (!isPossible || navigator.serviceWorker.controller) return;
  const response = new Response(bytes, { headers: { 'Content-Type': type } });
  try {
    await (await caches.open(`tfjs-demo ${scope.pathname}`)).put(url, response);
  } catch {
    // The disk may be full; then the next visit transfers it again.
  }
}

/** A file that was kept. @param {string} url @returns {Promise<Response | undefined>} */
export async function recallFile(url) {
  return isPossible ? caches.match(url) : undefined;
}

/**
 * Installs the service worker, once the page has nothing more urgent to do.
 *
 * @param {string[]} others addresses that are loaded by workers, of which the page does not know
 */
export async function keepForLater(others) {
  if (!isPossible) return;
  try {
    const registration = await navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' });
    watchForUpdate(registration);
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name).concat(others);
    active?.postMessage({ type: 'keep', urls: loaded.filter((name) => name.startsWith(scope.href)) });
  } catch {
    // Private windows may have none; the page works without.
  }
}

/** @param {ServiceWorkerRegistration} registration */
function watchForUpdate(registration) {
  const offerIf = (/** @type {ServiceWorker | null} */ found) => {
    if (found?.state === 'installed' && navigator.serviceWorker.controller) offer(found);
  };
  offerIf(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const found = registration.installing;
    found?.addEventListener('statechange', () => offerIf(found));
  });
}

/** Says that there is a newer page; the visitor decides when to see it. @param {ServiceWorker} found */
function offer(found) {
  const notice = find(document, '#update', HTMLElement);
  notice.hidden = false;
  find(notice, 'button', HTMLButtonElement).onclick = () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    found.postMessage({ type: 'activate' });
  };
}
