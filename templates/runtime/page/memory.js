/** The visitor's input, kept while the page is loaded again: by hand, because the demo was rebuilt, or by the back button. */

const key = `tfjs-demo:${location.pathname}`;

/**
 * Keeps the input when the page goes away: what is the visitor's own for its next load, and all
 * for the page itself, whose fields WebKit empties before the back button brings it back whole.
 *
 * @param {() => Record<string, any>} save
 * @param {() => boolean} isOwn whether it is the visitor's own
 * @param {(states: Record<string, any>) => void} restore
 */
export function keepOnLeave(save, isOwn, restore) {
  /** @type {Record<string, any>} */
  let states = {};
  addEventListener('pagehide', () => {
    try {
      states = save();
      if (isOwn()) sessionStorage.setItem(key, JSON.stringify(states));
      else sessionStorage.removeItem(key);
    } catch {
      // Storage may be full or forbidden; then the page starts afresh.
    }
  });
  // It empties them only after this event.
  addEventListener('pageshow', ({ persisted }) => persisted && setTimeout(restore, 0, states));
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
