/** What was loaded is kept for the next visit, and a newer page is offered; see ../offline/sw.js. */
import { activeOf } from './registration.js';
import { find } from './widget.js';

/** Milliseconds between two questions for a newer page. */
const OFTEN = 60_000;
/** Milliseconds until a service worker that has started serves the page as well. */
const CLAIMED = 2000;

const scope = new URL('./', location.href);
const isPossible = 'caches' in globalThis && 'serviceWorker' in navigator && globalThis.isSecureContext;

/** Whether this site's own service worker answers this page's requests; that of a site above does not. */
const isServed = () => navigator.serviceWorker.controller?.scriptURL === new URL('sw.js', scope).href;

/**
 * Keeps a file of the model that the first visit has transferred, before there is a service worker.
 *
 * @param {{url: string}} file
 * @param {ArrayBuffer} bytes which are copied at once
 * @param {string} type
 * @param {boolean} resumed so that no service worker has seen the whole
 */
export async function keepFile({ url }, bytes, type, resumed) {
  if (!isPossible || (isServed() && !resumed)) return;
  const response = new Response(bytes, { headers: { 'Content-Type': type } });
  try {
    await (await caches.open(`tfjs-demo ${scope.pathname}`)).put(url, response);
  } catch {
    // The disk may be full; then the next visit transfers it again.
  }
}

/** A file that was kept. @param {string} url @returns {Promise<Response | undefined>} */
export async function recallFile(url) {
  return isPossible ? caches.match(url).catch(() => undefined) : undefined;
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
    const active = await activeOf(registration);
    await claimed();
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name).concat(others);
    active.postMessage({ type: 'keep', urls: loaded.filter((name) => name.startsWith(scope.href)) });
  } catch {
    // Private windows may have none; the page works without.
  }
}

/** When what the page asks for from now on is kept, or it is not waited for any longer. */
function claimed() {
  if (isServed()) return;
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true });
    setTimeout(resolve, CLAIMED);
  });
}

/** Where the model did not start: the host may have a newer page by now, and no longer this one's files. */
export async function offerNewer() {
  if (!isPossible || !isServed()) return;
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    if (registration) watchForUpdate(registration);
    await registration?.update();
  } catch {
    // There is no connection.
  }
}

/** @param {ServiceWorkerRegistration} registration */
function watchForUpdate(registration) {
  let served = isServed();
  // Another tab has gone on to the newer page: this one's files are no longer kept.
  navigator.serviceWorker.oncontrollerchange = () => {
    if (served) offer(() => location.reload());
    served = isServed();
  };
  const offerIf = (/** @type {ServiceWorker | null} */ found) => {
    if (found?.state === 'installed' && registration.active && isServed()) offer(() => activate(found));
  };
  const follow = () => {
    const found = registration.installing;
    found?.addEventListener('statechange', () => offerIf(found));
  };
  offerIf(registration.waiting);
  follow();
  registration.onupdatefound = follow;
  askAgain(registration);
}

/** Who comes back to a page that stayed open learns of a newer one too. @param {ServiceWorkerRegistration} registration */
function askAgain(registration) {
  let asked = performance.now();
  document.onvisibilitychange = () => {
    if (document.hidden || performance.now() - asked < OFTEN) return;
    asked = performance.now();
    registration.update().catch(() => {});
  };
}

/** @param {ServiceWorker} found */
function activate(found) {
  navigator.serviceWorker.oncontrollerchange = () => location.reload();
  found.postMessage({ type: 'activate' });
}

/** Says that there is a newer page; the visitor decides when to see it. @param {() => void} show */
function offer(show) {
  const notice = find(document, '#update', HTMLElement);
  notice.hidden = false;
  find(notice, 'button', HTMLButtonElement).onclick = show;
}
