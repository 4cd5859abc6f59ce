/** The visitor's input, kept while the page is loaded again: by hand, because the demo was rebuilt, or by the back button. */

const key = `tfjs-demo:${location.pathname}`;

/**
 * Keeps what `save` gives when the page goes away, unless that is null.
 *
 * @param {() => Record<string, any> | null} save
 */
export function keepOnLeave(save) {
  addEventListener('pagehide', () => {
    try {
      const states = save();
      if (states) sessionStorage.setItem(key, JSON.stringify(states));
      else sessionStorage.removeItem(key);
    } catch {
      // Storage may be full or forbidden; then the page starts afresh.
    }
  });
}

/**
 * What was kept, if this page is loaded again.
 *
 * @returns {Record<string, any> | null}
 */
export function recall() {
  const [navigation] = performance.getEntriesByType('navigation');
  const isAgain = navigation instanceof PerformanceNavigationTiming && ['reload', 'back_forward'].includes(navigation.type);
  try {
    return isAgain ? JSON.parse(sessionStorage.getItem(key) ?? 'null') : null;
  } catch {
    return null;
  }
}
