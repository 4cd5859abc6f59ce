/** What was loaded is kept for the next visit, and a newer page is offered; see ../offline/sw.js. */
import { activeOf } from './registration.js';
import { nextTask } from './tasks.js';
import { count, text } from './texts.js';
import { find } from './widget.js';

/** Milliseconds between two questions for a newer page. */
const OFTEN = 60_000;
/** Milliseconds until a service worker that has started serves the page as well. */
const CLAIMED = 2000;

const scope = new URL('./', location.href);
const isPossible = 'caches' in globalThis && 'serviceWorker' in navigator && globalThis.isSecureContext;

/** Whether this site's own service worker answers this page's requests; that of a site above does not. */
const isServed = () => navigator.serviceWorker.controller?.scriptURL === new URL('sw.js', scope).href;

/** What is on its way into the cache. @type {Promise<void>[]} */
const keeping = [];

/**
 * Keeps a file of the model that the first visit has transferred, before there is a service worker.
 *
 * @param {{url: string}} file
 * @param {ArrayBuffer} bytes
 * @param {string} type
 * @param {boolean} resumed so that no service worker has seen the whole
 */
export function keepFile({ url }, bytes, type, resumed) {
  if (!isPossible || (isServed() && !resumed)) return;
  // The bytes go to a worker at once. A blob has a copy of them, a response has none in WebKit.
  const response = new Response(new Blob([bytes]), { headers: { 'Content-Type': type } });
  // The disk may be full; then the next visit transfers it again.
  keeping.push(put(url, response).catch(() => {}));
}

/** @param {string} url @param {Response} response */
async function put(url, response) {
  // The model waits for its bytes.
  await nextTask();
  await (await caches.open(`tfjs-demo ${scope.pathname}`)).put(url, response);
}

/** A file that was kept. @param {string} url @returns {Promise<Response | undefined>} */
export async function recallFile(url) {
  return isPossible ? caches.match(url).catch(() => undefined) : undefined;
}

/**
 * Installs the service worker, once the page has nothing more urgent to do, which keeps all of the
 * site, and says when that works without a connection.
 *
 * @param {string[]} unused addresses of what another browser would use: they are not kept
 */
export async function keepForLater(unused) {
  let told = text('no: this browser keeps nothing for this page');
  try {
    if (!isPossible) return;
    const registration = await navigator.serviceWorker.register('sw.js', { updateViaCache: 'none' });
    watchForUpdate(registration);
    const active = await activeOf(registration);
    await claimed();
    await Promise.all(keeping);
    const missing = await askToKeep(active, unused);
    told = missing
      ? count('no: {count} of its files could not be kept', 'no: {count} of its files could not be kept', missing)
      : text('yes, all of it is kept in this browser');
  } catch {
    // Private windows may have none; the page works without.
  } finally {
    find(document, '#offline', HTMLElement).textContent = told;
  }
}

/** How many files could not be kept. @param {ServiceWorker} active @param {string[]} unused @returns {Promise<number>} */
function askToKeep(active, unused) {
  const { port1, port2 } = new MessageChannel();
  active.postMessage({ type: 'keep', unused }, [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
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
