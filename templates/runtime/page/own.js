/** The author's own script, templates/page.js: it is told what happens, with copies of everything. */
/** @import {PageScript} from '../../public/tfjs-demo.js' */
/** @import {Tensor, TensorData, TensorValue} from './types.js' */
/** @import {Page} from './page.js' */

/** The author's script has a word for the visitor about this input. */
class Refusal extends Error {}

/**
 * @param {Page | undefined} page none where nothing can run
 * @param {() => Promise<PageScript>} load
 */
export async function attach(page, load) {
  if (!page) return;
  const { client, predictions: { steps } } = page;
  const { show, explain } = steps;
  // The page's own, whatever becomes of window.tfjsDemo.
  const { predict } = client;
  const loaded = load().catch((error) => /** @type {PageScript} */ (tell(error) ?? {}));
  /** What the answer that comes next is the answer to. @type {Record<string, TensorValue>} */
  let asked = {};

  steps.predict = async (inputs) => {
    const word = await ask(async () => (await loaded).beforePredict?.(copied(inputs)));
    if (typeof word === 'string' && word) throw new Refusal(word);
    asked = inputs;
    return predict(inputs);
  };
  steps.show = (answers, values, milliseconds) => {
    show(answers, values, milliseconds);
    const [given, found] = [copied(asked), copied(answers)];
    ask(async () => (await loaded).afterPredict?.(found, given));
  };
  steps.explain = (error) => (error instanceof Refusal ? error.message : explain(error));
  client.ready.then(
    () => ask(async () => (await loaded).ready?.(client)),
    () => {}, // the page says why
  );
}

/** What the author's script says; its mistakes stop nothing. @param {() => Promise<unknown>} call */
async function ask(call) {
  try {
    return await call();
  } catch (error) {
    tell(error);
  }
}

/** @param {unknown} error */
function tell(error) {
  console.error('templates/page.js:', error);
}

/**
 * @template {TensorValue | Tensor} T
 * @param {Record<string, T>} tensors
 * @returns {Record<string, any>}
 */
function copied(tensors) {
  const copy = (/** @type {T} */ tensor) => ({ ...tensor, data: /** @type {TensorData} */ (tensor.data).slice(), shape: [...tensor.shape] });
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copy(tensor)]));
}
