import { activeOf } from './registration.js';

/**
 * Threads need an isolated page, which the service worker makes of it when it is loaded again:
 * once, and not where that is known to break (iOS) or decided by another page (frames).
 */
export async function isolate() {
  const { serviceWorker, userAgent, maxTouchPoints, platform } = navigator;
  const isTouchApple = /iP(hone|ad|od)/.test(userAgent) || (platform === 'MacIntel' && maxTouchPoints > 1);
  if (globalThis.crossOriginIsolated || isTouchApple || window.parent !== window || !serviceWorker) return;
  try {
    if (sessionStorage.getItem('tfjs-demo:isolate')) return;
    sessionStorage.setItem('tfjs-demo:isolate', 'tried');
    await activeOf(await serviceWorker.register('sw.js', { updateViaCache: 'none' }));
    location.reload();
  } catch {
    // The page works with one thread.
  }
}
