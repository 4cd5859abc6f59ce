/** @import {Demo, Early, EngineStatus, Widgets} from './types.js' */
/** @import {} from '../../public/tfjs-demo.js' the type of window.tfjsDemo, which others write against */
import { Answers } from './answers.js';
import { Client } from './client.js';
import { settleBackend, showDevice } from './device.js';
import { serveEmbedder } from './embedded.js';
import { listenToExamples, pressExample } from './examples.js';
import { mountInputs } from './inputs.js';
import { keepOnLeave, recall } from './memory.js';
import { keepForLater, offerNewer } from './offline.js';
import { Predictions } from './predictions.js';
import { Returned } from './returned.js';
import { offerSnippets } from './snippets.js';
import { showEngine, showFailure } from './status.js';
import { text } from './texts.js';
import { find } from './widget.js';

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
  page.client.readPicture = Object.values(widgets.input).find((one) => one.readPicture)?.readPicture;
  listenToExamples((index) => page.choose(index));
  listenToDownload(page.client);
  settleLater(page.client);
  keepOnLeave(page.inputs.save, () => page.touched, (states) => page.comeBack(states));
  page.begun = page.begin().catch(() => page.choose(0));
  serveEmbedder(page.client);
  offerSnippets();
  window.tfjsDemo = page.client;
  return page;
}

/** When the visitor has what they came for; without it, a newer page may be what helps. @param {Client} client */
function settleLater(client) {
  client.ready.then(() => setTimeout(settle, SETTLED, client), offerNewer);
}

/** What has time until nobody waits for anything. @param {Client} client */
async function settle(client) {
  // What is kept may be much, and nobody says that a service worker has ended.
  await Promise.race([keepForLater(client.unused), new Promise((resolve) => setTimeout(resolve, NEVER_IDLE))]);
  await new Promise((resolve) => ('requestIdleCallback' in globalThis ? requestIdleCallback(resolve, { timeout: NEVER_IDLE }) : setTimeout(resolve)));
  await settleBackend(client).catch(() => {});
}

/** @param {Client} client */
function listenToDownload(client) {
  find(document, '#cancel', HTMLButtonElement).onclick = () => client.cancel();
  const retry = find(document, '#retry', HTMLButtonElement);
  retry.onclick = () => {
    client.retry();
    settleLater(client);
  };
  addEventListener('online', () => retry.hidden || retry.click());
}

/** Widgets, examples and model together. */
export class Page {
  /** Whether the input is the visitor's own. */
  touched = false;
  broken = false;
  /** Whether what was asked has found no model. */
  missed = false;
  /** Why the input in the widgets has no answer. */
  problem = '';
  /** When the widgets have their first input. @type {Promise<void>} */
  begun = Promise.resolve();
  /** Counts what the visitor does, so that what takes longer can tell that it is out of date. */
  turn = 0;

  /** @param {Demo} demo @param {Widgets} widgets @param {Early} early */
  constructor(demo, widgets, early) {
    this.demo = demo;
    this.answers = new Answers(demo, widgets.output);
    this.inputs = mountInputs(demo, widgets.input, (settled) => this.input(settled));
    this.blank = this.inputs.save();
    this.returned = new Returned(demo, early.options.first);
    this.predictions = new Predictions({
      collect: this.inputs.collect,
      predict: (values) => this.client.predict({ ...values, ...this.returned.values }),
      show: (tensors, milliseconds) => {
        this.problem = '';
        this.returned.keep(tensors);
        this.answers.show(tensors, 'device', milliseconds);
        this.refreshDevice();
      },
      unusable: () => this.answers.miss(),
      fail: (error) => this.fail(error instanceof Error ? error.message : String(error)),
    });
    this.client = new Client(early, (status) => this.report(status));
    this.refreshDevice = showDevice(this.client);
  }

  /** What was there before a reload, or the first example, whose answer the server has rendered. */
  async begin() {
    const kept = recall();
    const [first] = this.demo.examples;
    await this.inputs.restore(kept ?? first?.states ?? {});
    if (kept) this.input(true);
    else if (first) pressExample(0);
    else this.predictions.request({ now: true, complain: false });
  }

  /** The visitor changed the input. @param {boolean} settled */
  input(settled) {
    this.touched = true;
    this.turn += 1;
    pressExample(null);
    if (!this.broken) this.answers.wait();
    this.predictions.request({ now: settled, complain: settled });
  }

  /** Loads an example, or where there is none empties the page. @param {number} index */
  async choose(index) {
    const turn = ++this.turn;
    const example = this.demo.examples[index];
    this.touched = false;
    this.predictions.supersede();
    this.returned.reset();
    if (example) {
      pressExample(index);
      this.answers.show(example.answers, 'python');
    }
    try {
      await this.inputs.restore(example?.states ?? this.blank);
      if (turn === this.turn) this.predictions.request({ now: true, complain: false });
    } catch {
      showFailure(text('The example could not be loaded.'), text('Check your connection and try again.'));
    }
  }

  /** @param {Record<string, any>} states which the inputs had when the visitor left */
  async comeBack(states) {
    await this.inputs.restore(states);
    if (this.touched) this.input(true);
  }

  /** @param {string} message what a kernel said, which is for developers */
  fail(message) {
    this.answers.miss();
    this.problem = text('The model could not answer this input. Try another one.');
    console.info(message);
    if (!this.broken) showFailure(this.problem, '');
  }

  /** @param {EngineStatus} status */
  report(status) {
    showEngine(status);
    this.broken = status.status === 'error';
    if (status.status === 'ready') {
      if (this.problem) showFailure(this.problem, '');
      this.begun.then(() => this.resume());
    }
    if (!this.broken) return;
    this.missed = true;
    this.problem = '';
    this.predictions.close();
    this.answers.miss();
  }

  /** The model answers, perhaps again: what the visitor has entered meanwhile is not lost. */
  resume() {
    const missed = this.missed || (!this.predictions.opened && this.touched);
    this.missed = false;
    this.predictions.open();
    if (missed) this.predictions.request({ now: true, complain: false });
  }
}
