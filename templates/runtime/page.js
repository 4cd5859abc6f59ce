/** @import {Client, Demo, EngineStatus, Widgets} from './types.js' */
import { mountAnswers } from './answers.js';
import { connect } from './client.js';
import { mountInputs } from './inputs.js';
import { createPredictions } from './predictions.js';
import { showEngine, showFailure } from './status.js';
import { find } from './widget.js';

/**
 * Brings the page that the server rendered to life.
 *
 * @param {Widgets} widgets the modules of the widgets that this demo uses, by name
 */
export function start(widgets) {
  /** @type {Demo} */
  const demo = JSON.parse(find(document, '#tfjs-demo-data', HTMLScriptElement).text);
  const answers = mountAnswers(demo, widgets.output);
  const inputs = mountInputs(demo, widgets.input, onInput);
  /** @type {Client} */
  const client = connect(demo.engine, onStatus);
  Object.assign(window, { tfjsDemo: client });
  let broken = false;

  const predictions = createPredictions({
    collect: inputs.collect,
    predict: (values) => client.predict(values),
    show: (tensors, milliseconds) => answers.show(tensors, 'device', milliseconds),
    unusable: answers.miss,
    fail(error) {
      answers.miss();
      showFailure(error instanceof Error ? error.message : String(error), '');
    },
  });

  /** @param {EngineStatus} status */
  function onStatus(status) {
    showEngine(status);
    if (status.status !== 'error') return;
    broken = true;
    predictions.close();
    answers.miss();
  }

  /** @param {boolean} settled */
  function onInput(settled) {
    pressExample(null);
    if (!broken) answers.wait();
    predictions.request({ now: settled, complain: settled });
  }

  const starting = wireExamples(demo, inputs, answers, predictions);
  // A client that does not get ready has said so by its status.
  Promise.all([client.ready, starting]).then(predictions.open, () => {});
}

/**
 * Loads the first example, if there is one, and the others when they are chosen.
 *
 * @param {Demo} demo
 * @param {ReturnType<typeof mountInputs>} inputs
 * @param {ReturnType<typeof mountAnswers>} answers
 * @param {ReturnType<typeof createPredictions>} predictions
 */
function wireExamples({ examples }, inputs, answers, predictions) {
  const blank = inputs.save();
  let chosen = 0;

  /** @param {number} index */
  async function choose(index) {
    const choice = ++chosen;
    const example = examples[index];
    predictions.supersede();
    if (example) {
      pressExample(index);
      answers.show(example.answers, 'python');
    }
    await inputs.restore(example ? example.states : blank);
    if (choice === chosen) predictions.request({ now: true, complain: false });
  }

  for (const button of exampleButtons()) {
    button.addEventListener('click', () => {
      choose(Number(button.dataset.example));
      find(document, '#answer', HTMLElement).scrollIntoView({ block: 'nearest' });
    });
  }
  document.querySelector('#reset')?.addEventListener('click', () => choose(0));
  if (!examples.length) {
    predictions.request({ now: false, complain: false });
    return;
  }
  pressExample(0);
  return inputs.restore(examples[0].states);
}

/** @returns {NodeListOf<HTMLButtonElement>} */
const exampleButtons = () => document.querySelectorAll('[data-example]');

/** @param {number | null} index */
function pressExample(index) {
  for (const button of exampleButtons()) {
    button.setAttribute('aria-pressed', String(button.dataset.example === String(index)));
  }
}
