/** @import {Demo, OutputModule, Tensor} from './types.js' */
import { showFailure, showOrigin } from './status.js';
import { find } from './widget.js';

const DIM_AFTER = 80;
const ANNOUNCE_AFTER = 800;

/** The output widgets, and what is said about the answer that they show. */
export class Answers {
  announcement = find(document, '#announcement', HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  dimming;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  announcing;

  /**
   * Mounts every output widget on the element that the server rendered for it.
   *
   * @param {Demo} demo
   * @param {Record<string, OutputModule>} modules
   */
  constructor(demo, modules) {
    this.outputs = demo.outputs.map((output) => {
      const root = find(document, `#${output.id}`, HTMLElement);
      return { output, widget: modules[output.widget].mount(root, output.options) };
    });
  }

  /**
   * @param {Record<string, Tensor>} tensors by output name
   * @param {'python' | 'device'} origin
   * @param {number} [milliseconds]
   */
  show(tensors, origin, milliseconds) {
    this.stopTimers();
    const known = this.outputs.filter(({ output }) => output.name in tensors);
    const texts = known.map(({ output, widget }) => `${output.label}: ${widget.show(tensors[output.name])}`);
    if (origin === 'device') showFailure('', '');
    showOrigin(origin, milliseconds);
    this.announcing = setTimeout(() => {
      this.announcement.textContent = texts.join('. ');
    }, ANNOUNCE_AFTER);
  }

  /** A new answer is on its way: the old one dims, unless the new one is there at once. */
  wait() {
    this.dimming ??= setTimeout(showOrigin, DIM_AFTER, 'pending');
  }

  /** No answer is on its way. */
  miss() {
    this.stopTimers();
    showOrigin('none');
  }

  stopTimers() {
    clearTimeout(this.dimming);
    this.dimming = undefined;
    clearTimeout(this.announcing);
  }
}
