/**
 * A button whose program is loaded when somebody is about to press it.
 *
 * @template T
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {() => Promise<T>} load called again and again
 * @param {(loaded: T) => void} act
 * @param {() => void} fail when it was pressed and could not be loaded
 */
export function whenReached(root, selector, load, act, fail) {
  for (const type of ['pointerover', 'focusin', 'click']) {
    root.addEventListener(type, async ({ target }) => {
      if (!(target instanceof Element && target.closest(selector))) return;
      const isAsked = type === 'click';
      try {
        const loaded = await load();
        if (isAsked) act(loaded);
      } catch {
        if (isAsked) fail();
      }
    });
  }
}
