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
 *
 * @param {Steps} steps
 */
export function createPredictions(steps) {
  let opened = false;
  let running = false;
  let newest = 0;
  let settled = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function supersede() {
    clearTimeout(timer);
    timer = undefined;
    settled = newest;
  }

  /** @param {boolean} complain */
  function run(complain) {
    clearTimeout(timer);
    timer = undefined;
    const inputs = steps.collect(complain);
    if (!inputs) {
      supersede();
      steps.unusable();
    } else if (opened && !running) predict(inputs, newest);
  }

  /** @param {Record<string, TensorValue>} inputs @param {number} asked */
  async function predict(inputs, asked) {
    running = true;
    const began = performance.now();
    try {
      const answers = await steps.predict(inputs);
      if (asked > settled) steps.show(answers, performance.now() - began);
    } catch (error) {
      if (asked > settled) steps.fail(error);
    }
    running = false;
    settled = Math.max(settled, asked);
    if (newest > settled && timer === undefined) run(false);
  }

  return {
    /** The input changed. @param {{now: boolean, complain: boolean}} urgency */
    request({ now, complain }) {
      newest += 1;
      if (now) run(complain);
      else timer ??= setTimeout(run, PAUSE, false);
    },
    /** Whatever was asked so far is out of date. */
    supersede,
    /** The model is ready. */
    open() {
      opened = true;
      if (newest > settled) run(false);
    },
    /** There will be no answers any more. */
    close() {
      opened = false;
      supersede();
    },
  };
}
