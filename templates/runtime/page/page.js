/** @import {Demo, Early, EngineStatus, Widgets} from './types.js' */
/** @import {} from '../../public/tfjs-demo.js' the type of window.tfjsDemo, which others write against */
import { Answers } from './answers.js';
import { Client } from './client.js';
import { settleBackend, showDevice } from './device.js';
import { serveEmbedder } from './embedded.js';
import { listenToExamples, pressExample } from './examples.js';
import { isSame, mountInputs } from './inputs.js';
import { keepOnLeave, recall } from './memory.js';
import { keepForLater, offerNewer } from './offline.js';
import { Predictions } from './predictions.js';
import { Returned } from './returned.js';
import { showEngine } from './status.js';
import { offerAnswers } from './taking.js';
import { text } from './texts.js';
import { find } from './widget.js';

/** Milliseconds until an input that changes all the time is looked at. */
const PAUSE = 50;

/** Milliseconds after which nothing of the start is left to do. */
const SETTLED = 1000;

/** Milliseconds after which a browser that never rests is not waited for. */
const NEVER_IDLE = 5000;

/**
 * Brings the page that the server rendered to life.
 *
 * @param {Widgets} widgets the modules of the widgets that this demo uses, by name
 */
export function start(widgets) {
  const { tfjsDemoEarly } = /** @type {{tfjsDemoEarly: Early}} */ (/** @type {unknown} */ (window));
  // Nothing was begun where nothing can run.
  if (!tfjsDemoEarly) return;
  const demo = JSON.parse(find(document, '#tfjs-demo-data', HTMLScriptElement).text);
  const page = new Page(demo, widgets, tfjsDemoEarly);
  page.client.readers = Object.assign({}, ...Object.values(widgets.input));
  listenToExamples((index) => page.choose(index));
  document.querySelector('#clear')?.addEventListener('click', () => page.inputs.clear(page.blank));
  listenToDownload(page);
  page.prepareTaking = offerAnswers(page.answers);
  settleLater(page);
  keepOnLeave(page.inputs.save, () => page.own, (states) => page.comeBack(states));
  page.begin();
  serveEmbedder(page.client);
  listenToCopies();
  window.tfjsDemo = page.client;
  return page;
}

/** When the visitor has what they came for; without it, a newer page may be what helps. @param {Page} page */
function settleLater(page) {
  page.client.ready.then(() => setTimeout(settle, SETTLED, page), offerNewer);
}

/** What has time until nobody waits for anything. @param {Page} page */
async function settle({ client, prepareTaking }) {
  // What is kept may be much, and nobody says that a service worker has ended.
  await Promise.race([keepForLater(client.unused), new Promise((resolve) => setTimeout(resolve, NEVER_IDLE))]);
  prepareTaking();
  await new Promise((resolve) => ('requestIdleCallback' in globalThis ? requestIdleCallback(resolve, { timeout: NEVER_IDLE }) : setTimeout(resolve)));
  await settleBackend(client).catch(() => {});
}

/** What only developers need is loaded when they open their panel; a citation stands there open. */
function listenToCopies() {
  const load = () => import('./snippets.js').then(({ offerSnippets }) => offerSnippets(), () => {});
  find(document, '.developers', HTMLDetailsElement).addEventListener('toggle', load, { once: true });
  if (document.querySelector('#citation-code')) setTimeout(load, SETTLED);
}

/** @param {Page} page */
function listenToDownload(page) {
  const { client } = page;
  find(document, '#cancel', HTMLButtonElement).onclick = () => client.cancel();
  const retry = find(document, '#retry', HTMLButtonElement);
  retry.onclick = () => {
    client.retry();
    settleLater(page);
  };
  addEventListener('online', () => retry.hidden || retry.click());
}

/** Widgets, examples and model together. */
export class Page {
  /** Whether the input is the visitor's own. */
  own = false;
  /** Whether the input changes by degrees, as it is drawn, typed or moved; else what comes is another one. */
  isGesture = false;
  /** Counts what the visitor does, so that what takes longer can tell that it is out of date. */
  turn = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  prepareTaking = () => {};

  /** @param {Demo} demo @param {Widgets} widgets @param {Early} early */
  constructor(demo, widgets, early) {
    this.demo = demo;
    this.answers = new Answers(demo, widgets.output);
    this.inputs = mountInputs(demo, widgets.input, (settled, refusal) => this.input(settled, refusal));
    this.blank = this.inputs.save();
    this.returned = new Returned(demo, early.options.first);
    this.predictions = new Predictions({
      predict: (values) => this.client.predict({ ...values, ...this.returned.values }),
      show: (tensors, values, milliseconds) => {
        this.returned.keep(tensors);
        this.answers.show(tensors, values, milliseconds);
        this.refreshDevice();
      },
      explain(error) {
        // What a kernel said is for developers.
        console.info(error);
        return text('The model could not answer this input. Try another one.');
      },
      render: (state) => {
        this.answers.render(state);
        this.inputs.render(state, this.own);
      },
    });
    this.client = new Client(early, (status) => this.report(status));
    this.refreshDevice = showDevice(this.client);
  }

  /** What was there before a reload, or the first example, whose answer the server has rendered. */
  begin() {
    const kept = recall();
    this.own = kept !== null;
    if (kept) this.comeBack(kept);
    else this.choose(0, false);
  }

  /** The visitor changed the input, or tried to. @param {boolean} settled @param {string} [refusal] */
  input(settled, refusal) {
    this.turn += 1;
    this.own = true;
    this.isGesture ||= !settled;
    if (settled) this.look(true, !refusal && !this.isGesture);
    // An answer that goes in again would, for every letter.
    else if (!this.returned.inputs.length) this.timer ??= setTimeout(() => this.look(false), PAUSE);
  }

  /** Reads the input. @param {boolean} settled @param {boolean} [isNew] whether it is another one whatever is in it */
  look(settled, isNew) {
    this.stopTimer();
    const { predictions, returned } = this;
    const { is, message, values } = this.inputs.collect();
    const same = !isNew && !returned.inputs.length && isSame(values, predictions.values);
    if (!same) pressExample(null);
    predictions.values = values;
    predictions.dispatch({ type: 'input', is, settled, isOther: !this.isGesture, same, message });
    if (settled) this.isGesture = false;
  }

  stopTimer() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Loads an example, or where there is none empties the page. @param {number} index @param {boolean} [isAsked] whether its answer is not there yet */
  choose(index, isAsked = true) {
    const turn = ++this.turn;
    const example = this.demo.examples[index];
    this.isGesture = false;
    this.stopTimer();
    const coming = this.inputs.restore(example?.states ?? this.blank, (isThere) => {
      if (turn === this.turn && isThere) this.put(index, isAsked);
      // Whoever has entered something meanwhile has it beside what came.
      else if (turn === this.turn || this.own) this.look(true);
    });
    if (coming) this.predictions.dispatch({ type: 'coming' });
  }

  /** The input is an example now, or what the page began with. @param {number} index @param {boolean} isAsked */
  put(index, isAsked) {
    const example = this.demo.examples[index];
    this.own = false;
    this.returned.reset();
    if (!example) return this.look(true, true);
    pressExample(index);
    this.predictions.values = this.inputs.collect().values;
    this.predictions.dispatch({ type: 'example', due: isAsked }, () => isAsked && this.answers.show(example.answers, this.predictions.values));
  }

  /** @param {Record<string, any>} states which the inputs had when the visitor left */
  comeBack(states) {
    this.inputs.restore(states, () => this.own && this.look(true));
  }

  /** @param {EngineStatus} status */
  report(status) {
    showEngine(status);
    this.predictions.dispatch({ type: 'model', status });
  }
}
