/**
 * In place of a site's service worker while the demo is being worked on: ends the one that an
 * earlier visit to this address has left, which would go on showing what it has kept.
 */
const sw = /** @type {any} */ (globalThis);

sw.oninstall = () => sw.skipWaiting();
sw.onactivate = (/** @type {any} */ event) => event.waitUntil(leave());

async function leave() {
  const { scope } = sw.registration;
  await caches.delete(`tfjs-demo ${new URL(scope).pathname}`);
  await sw.registration.unregister();
  const pages = await sw.clients.matchAll({ type: 'window' });
  await Promise.all(pages.filter((/** @type {any} */ { url }) => url.startsWith(scope)).map((/** @type {any} */ page) => page.navigate(page.url)));
}
