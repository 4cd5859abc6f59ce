/** @import {Demo, OutputModule, Tensor} from './types.js' */
import { showFailure, showOrigin } from './status.js';
import { find } from './widget.js';

const DIM_AFTER = 80;
const ANNOUNCE_AFTER = 800;

/**
 * Mounts every output widget; what is returned shows answers and their absence.
 *
 * @param {Demo} demo
 * @param {Record<string, OutputModule>} modules
 */
export function mountAnswers(demo, modules) {
  const outputs = demo.outputs.map((output) => {
    const root = find(document, `#${output.id}`, HTMLElement);
    return { output, widget: modules[output.widget].mount(root, output.options) };
  });
  const announcement = find(document, '#announcement', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let dimming;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let announcing;

  /** @param {string} text */
  function announceLater(text) {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      announcement.textContent = text;
    }, ANNOUNCE_AFTER);
  }

  return {
    /**
     * @param {Record<string, Tensor>} tensors
     * @param {'python' | 'device'} origin
     * @param {number} [milliseconds]
     */
    show(tensors, origin, milliseconds) {
      clearTimeout(dimming);
      dimming = undefined;
      const known = outputs.filter(({ output }) => output.name in tensors);
      const texts = known.map(({ output, widget }) => `${output.label}: ${widget.show(tensors[output.name])}`);
      if (origin === 'device') showFailure('', '');
      showOrigin(origin, milliseconds);
      announceLater(texts.join('. '));
    },
    /** A new answer is on its way: the old one dims, unless the new one is at once there. */
    wait() {
      dimming ??= setTimeout(showOrigin, DIM_AFTER, 'pending');
    },
    /** No answer is on its way. */
    miss() {
      clearTimeout(dimming);
      dimming = undefined;
      clearTimeout(announcing);
      showOrigin('none');
    },
  };
}
