/** @import {Tensor, TensorValue} from './types.js' */

/**
 * What the loop asks of the page.
 *
 * @typedef {object} Steps
 * @property {(complain: boolean) => Record<string, TensorValue> | null} collect
 * @property {(inputs: Record<string, TensorValue>) => Promise<Record<string, Tensor>>} predict
 * @property {(answers: Record<string, Tensor>, milliseconds: number) => void} show
 * @property {() => void} unusable
 * @property {(error: unknown) => void} fail
 */

const PAUSE = 150;

/**
 * Predicts one input at a time, always the newest, and never shows an answer
 * that is older than the one on show. Nothing runs before `open` is called.
 */
export class Predictions {
  opened = false;
  running = false;
  /** Counts requests; those up to `settled` are answered or out of date. */
  newest = 0;
  settled = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;

  /** @param {Steps} steps */
  constructor(steps) {
    this.steps = steps;
  }

  /** The model is ready. */
  open() {
    this.opened = true;
    if (this.newest > this.settled) this.run(false);
  }

  /** There will be no answers any more. */
  close() {
    this.opened = false;
    this.supersede();
  }

  /** The input changed. @param {{now: boolean, complain: boolean}} urgency */
  request({ now, complain }) {
    this.newest += 1;
    if (now) this.run(complain);
    else this.timer ??= setTimeout(() => this.run(false), PAUSE);
  }

  /** Whatever was asked so far is out of date. */
  supersede() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.settled = this.newest;
  }

  /** @param {boolean} complain */
  run(complain) {
    clearTimeout(this.timer);
    this.timer = undefined;
    const inputs = this.steps.collect(complain);
    if (!inputs) {
      this.supersede();
      this.steps.unusable();
    } else if (this.opened && !this.running) this.predict(inputs, this.newest);
  }

  /** @param {Record<string, TensorValue>} inputs @param {number} asked */
  async predict(inputs, asked) {
    this.running = true;
    const began = performance.now();
    try {
      const answers = await this.steps.predict(inputs);
      if (asked > this.settled) this.steps.show(answers, performance.now() - began);
    } catch (error) {
      if (asked > this.settled) this.steps.fail(error);
    }
    this.running = false;
    this.settled = Math.max(this.settled, asked);
    if (this.newest > this.settled && this.timer === undefined) this.run(false);
  }
}
