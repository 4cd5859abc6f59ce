/** The visitor's input, kept while the page is reloaded: by hand, or because the demo was rebuilt. */

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
 * What was kept before this reload.
 *
 * @returns {Record<string, any> | null}
 */
export function recall() {
  const [navigation] = performance.getEntriesByType('navigation');
  const reloaded = navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload';
  try {
    return reloaded ? JSON.parse(sessionStorage.getItem(key) ?? 'null') : null;
  } catch {
    return null;
  }
}
