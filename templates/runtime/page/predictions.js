/** @import {Tensor, TensorValue} from './types.js' */
/** @import {Event, State} from './state.js' */
import { next, START } from './state.js';

/**
 * What is asked of the page.
 *
 * @typedef {object} Steps
 * @property {(inputs: Record<string, TensorValue>) => Promise<Record<string, Tensor>>} predict
 * @property {(answers: Record<string, Tensor>, values: Record<string, TensorValue>, milliseconds: number) => void} show
 * @property {(error: unknown) => string} explain
 * @property {(state: State) => void} render
 */

/** Milliseconds that the stages last which do not stay. */
const BRIEF = 1000;

/** Keeps the state of input and answer, and asks the model one question at a time, always the newest. */
export class Predictions {
  state = START;
  /** The input, where it is usable. @type {Record<string, TensorValue> | undefined} */
  values;
  asking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  clock;

  /** @param {Steps} steps */
  constructor(steps) {
    this.steps = steps;
  }

  /** @param {Event} event @param {() => unknown} [show] shows what the event brings, unless that is out of date */
  dispatch(event, show = () => undefined) {
    const before = this.state;
    const after = next(before, event);
    if (after === before) return;
    show();
    this.state = after;
    // How a download goes on is no reason to wait longer.
    if (event.type !== 'model') {
      clearTimeout(this.clock);
      this.clock = setTimeout(() => this.dispatch({ type: 'late' }), BRIEF);
    }
    this.steps.render(after);
    this.ask();
  }

  async ask() {
    const { state, values } = this;
    if (state.model !== 'ready' || !state.due || !values || this.asking) return;
    this.asking = true;
    const began = performance.now();
    try {
      const answers = await this.steps.predict(values);
      this.dispatch({ type: 'answer', turn: state.turn }, () => this.steps.show(answers, values, performance.now() - began));
    } catch (error) {
      this.dispatch({ type: 'failure', turn: state.turn, message: this.steps.explain(error) });
    }
    this.asking = false;
    this.ask();
  }
}
