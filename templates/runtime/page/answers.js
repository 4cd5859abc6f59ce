/** @import {State} from './state.js' */
/** @import {Demo, OutputModule, Tensor, TensorValue} from './types.js' */
import { isAnswered } from './state.js';
import { durationText, showFailure } from './status.js';
import { find } from './widget.js';

const ANNOUNCE_AFTER = 800;

/** The output widgets, and what is said about the answer that they show. */
export class Answers {
  pane = find(document, '#answer', HTMLElement);
  announcement = find(document, '#announcement', HTMLElement);
  origin = find(document, '#origin', HTMLElement);
  word = find(document, '#word', HTMLElement);
  duration = '';
  /** What the answer on show belongs to. @type {Record<string, TensorValue> | undefined} */
  inputs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  announcing;

  /**
   * Mounts every output widget on the element that the server rendered for it.
   *
   * @param {Demo} demo
   * @param {Record<string, OutputModule>} modules
   */
  constructor(demo, modules) {
    /** What is on show, first what the server has rendered. */
    this.tensors = demo.examples[0]?.answers ?? {};
    this.outputs = demo.outputs.map((output) => {
      const root = find(document, `#${output.id}`, HTMLElement);
      const module = modules[output.widget];
      const over = demo.inputs.find(({ fields }) => fields.some(({ id }) => id === output.options.over))?.name;
      return { output, root, module, over, widget: module.mount(root, output.options, this.tensors[output.name]) };
    });
  }

  /**
   * @param {Record<string, Tensor>} tensors by output name
   * @param {Record<string, TensorValue>} [inputs] that they belong to
   * @param {number} [milliseconds] that this device took
   */
  show(tensors, inputs = {}, milliseconds = 0) {
    const isAgain = inputs === this.inputs;
    this.tensors = tensors;
    this.inputs = inputs;
    const known = this.outputs.filter(({ output }) => output.name in tensors);
    const words = known.map(({ output, widget, over }) => widget.show(tensors[output.name], inputs[over ?? ''], isAgain));
    this.duration = durationText(milliseconds);
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => {
      this.announcement.textContent = known.map(({ output }, index) => `${output.label}: ${words[index]}`).join('. ');
    }, ANNOUNCE_AFTER);
    this.pane.dispatchEvent(new CustomEvent('answer', { detail: words }));
  }

  /** Words that are always the same stand in the page, by stage. @param {State} state */
  render({ stage: reached, coming, turn, message, complaint, trouble }) {
    const stage = coming ? 'coming' : reached;
    const answered = !coming && isAnswered(reached);
    const isBusy = ['coming', 'computing', 'previous'].includes(stage);
    const { pane, origin, word } = this;
    if (!answered) clearTimeout(this.announcing);
    pane.dataset.stage = stage;
    pane.dataset.origin = answered ? stage : 'none';
    pane.setAttribute('aria-busy', String(isBusy));
    word.textContent = (!coming && message) || ((turn || coming) && word.dataset[stage]) || '';
    // What is hidden soon, if it is hidden at all, stays as it was.
    if (!isBusy) origin.textContent = /** @type {string} */ (origin.dataset[stage] ?? origin.dataset.none).replace('{time}', this.duration);
    showFailure(`${complaint} ${trouble}`.trim());
  }
}
