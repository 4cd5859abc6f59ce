/**
 * The site's service worker: what was loaded once comes from the cache, by the content hashes in
 * the names, also offline. index.html is the one of this build; that of the next build comes
 * with the next service worker, which waits until the visitor wants it.
 */

/** Written by the build: the SHA-256 of index.html and of all other files, and whether pages are isolated. @type {{page: string, files: Record<string, string>, isolate: boolean}} */
const SITE = /** @type {any} */ (globalThis).TFJS_DEMO_SITE;
const worker = /** @type {any} */ (globalThis);
const scope = worker.registration.scope;
const absolute = (/** @type {string} */ path) => new URL(path, scope).href;

const PAGES = new Set(['./', 'index.html'].map(absolute));
/** Under which the cache has the page of this build. */
const PAGE = absolute(`./?build=${SITE.page}`);
/** What is kept, by its address: the SHA-256, or as much of it as nothing else will have. */
const FILES = new Map(Object.entries(SITE.files).map(([path, digest]) => [absolute(path), digest]));
/** One cache for each place of a site: several demos of one host do not meet. */
const ownCache = () => caches.open(`tfjs-demo ${new URL(scope).pathname}`);

worker.oninstall = (/** @type {any} */ event) => event.waitUntil(install());
worker.onactivate = (/** @type {any} */ event) => event.waitUntil(activate());
worker.onfetch = serve;
worker.onmessage = (/** @type {any} */ event) => {
  if (event.data.type === 'activate') worker.skipWaiting();
  // A page that this worker brought up while it left has registered it again.
  if (event.data.type === 'keep') event.waitUntil(gone ? leave() : keep(event.data.unused.map(absolute), event.ports[0]));
};

/** Whether this site is no more: nothing is looked up or kept from then on. */
let gone = false;

/** What is kept; nothing where the browser's cache does not work. @param {string} url */
async function recall(url) {
  try {
    return gone ? undefined : await (await ownCache()).match(url);
  } catch {
    return undefined;
  }
}

/** Whether these are the bytes that were built: neither nothing, nor what a host sent instead. @param {ArrayBuffer} bytes @param {string} url */
async function isRight(bytes, url) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('').startsWith(FILES.get(url) ?? SITE.page);
}

/** Keeps a file of this build; false where it is another one, or cannot be kept. @param {string} url @param {Response} response */
async function store(url, response) {
  const bytes = await response.arrayBuffer();
  // Asked last, with nothing waited for in between: a cache that is opened after leave() has
  // deleted it would be there for ever.
  if (response.status !== 200 || !(await isRight(bytes, url)) || gone) return false;
  await (await ownCache()).put(url, new Response(bytes, { headers: response.headers }));
  return true;
}

/** Fails, to be tried again with the next visit, when the host has another page by now. */
async function install() {
  const response = await fetch(absolute('./'), { cache: 'no-cache' });
  if (!(await store(PAGE, response))) throw new Error('this is not the page that this service worker was built for');
}

async function activate() {
  const cache = await ownCache();
  const requests = await cache.keys();
  const old = requests.filter(({ url }) => url !== PAGE && !FILES.has(url));
  await Promise.all(old.map((request) => cache.delete(request)));
  await worker.clients.claim();
}

/** @param {any} event */
function serve(event) {
  const { request } = event;
  const url = new URL(request.url);
  url.search = url.hash = '';
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate' && PAGES.has(url.href)) event.respondWith(page(event));
  else if (FILES.has(url.href) && !request.headers.has('range')) event.respondWith(file(event, url.href));
}

/** @param {any} event */
async function page(event) {
  event.waitUntil(leaveIfReplaced());
  return isolated((await recall(PAGE)) ?? (await fetch(event.request)));
}

/** Where something else than a demo of this tool stands now, the service worker is in its way. */
async function leaveIfReplaced() {
  const response = await fetch(absolute('./'), { cache: 'no-cache' }).catch(() => null);
  if (!response || response.status >= 500) return;
  if (response.ok && (await response.text()).includes('name="generator" content="tfjs-demo')) return;
  await leave();
}

async function leave() {
  gone = true;
  await worker.registration.unregister();
  await caches.delete(`tfjs-demo ${new URL(scope).pathname}`);
}

/** @param {any} event @param {string} url */
async function file(event, url) {
  // Who asks past all caches was given something wrong before.
  const kept = event.request.cache === 'reload' ? undefined : await recall(url);
  if (kept) return isolated(kept);
  const response = await fetch(event.request);
  if (response.status === 200) event.waitUntil(store(url, response.clone()).catch(() => {}));
  return isolated(response);
}

/**
 * Keeps all that the page can show, and tells how much of it is missing.
 *
 * @param {string[]} unused what it does not need in this browser
 * @param {MessagePort} port
 */
async function keep(unused, port) {
  const urls = [PAGE, ...FILES.keys()].filter((url) => !unused.includes(url)).values();
  let missing = 0;
  const lane = async () => {
    for (const url of urls) if (!(await keepOne(url).catch(() => false))) missing += 1;
  };
  // A few at once: of large models not everything is in the memory.
  await Promise.all([lane(), lane(), lane()]);
  port.postMessage(missing);
}

/** @param {string} url @returns {Promise<boolean>} whether it is kept */
async function keepOne(url) {
  const kept = await recall(url);
  if (kept && (await isRight(await kept.arrayBuffer(), url))) return true;
  const source = url === PAGE ? absolute('./') : url;
  const load = (/** @type {RequestCache} */ cache) => fetch(source, { cache }).then((response) => store(url, response));
  // What the browser's own cache has may be wrong as well.
  return (await load('force-cache').catch(() => false)) || load('reload');
}

/** With the headers that let wasm have threads, which hosts such as GitHub Pages cannot send. @param {Response} response */
function isolated(response) {
  if (!SITE.isolate || response.type === 'opaqueredirect') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
