/** @import {Demo, Field, Input, InputModule, InputWidget, TensorValue} from './types.js' */
/** @import {Condition, State} from './state.js' */
import { isBrief } from './state.js';
import { text } from './texts.js';
import { announce, find, pack, WidgetError } from './widget.js';

/**
 * @typedef {object} MountedField
 * @property {Field} field
 * @property {HTMLElement} root
 * @property {InputWidget} widget
 * @property {WidgetError | null} problem why it has no value
 * @property {WidgetError | null} refusal why it has not taken what it was given last
 *
 * @typedef {number | string | TensorValue} Part
 * @typedef {{is: Condition, message?: string, values?: Record<string, TensorValue>}} Collected
 */

/** The worst comes first. */
const CONDITIONS = ['invalid', 'partial', 'empty'];

/**
 * Mounts every input widget on the element that the server rendered for it.
 *
 * @param {Demo} demo
 * @param {Record<string, InputModule>} modules
 * @param {(settled: boolean, refusal?: string) => void} onInput
 */
export function mountInputs(demo, modules, onInput) {
  const inputs = demo.inputs.map((input) => ({
    input,
    fields: input.fields.map((field) => mountField(field, modules)),
  }));
  const fields = inputs.flatMap((mounted) => mounted.fields);
  for (const mounted of fields) {
    const { root } = mounted;
    root.addEventListener('input', (event) => {
      // What a widget's own controls send on the way up is the widget's business.
      if (event.target !== root || !(event instanceof CustomEvent)) return;
      const { settled, refusal } = event.detail;
      mounted.refusal = refusal ? new WidgetError(refusal) : null;
      onInput(settled, refusal);
    });
  }
  return {
    collect: () => collect(inputs),
    save: () => Object.fromEntries(fields.map(({ field, widget }) => [field.id, widget.save()])),
    /** Empties every widget, or gives it what it began with, and tells of it as if the visitor had done it. @param {Record<string, any>} blank */
    clear: (blank) => clear(fields, blank),
    /** @param {Record<string, any>} states @param {(isThere: boolean) => void} then */
    restore: (states, then) => restore(fields, states, then),
    /** @param {State} state @param {boolean} own */
    render: (state, own) => fields.forEach((mounted) => showProblem(mounted, state, own)),
  };
}

/**
 * @param {Field} field
 * @param {Record<string, InputModule>} modules
 * @returns {MountedField}
 */
function mountField(field, modules) {
  const root = find(document, `#${field.id}`, HTMLElement);
  const widget = modules[field.widget].mount(root, { ...field.options, label: field.label });
  return { field, root, widget, problem: null, refusal: null };
}

/**
 * @param {MountedField[]} fields
 * @param {Record<string, any>} blank the states that they began with
 */
async function clear(fields, blank) {
  await Promise.all(fields.map(({ field, widget }) => (widget.clear ? widget.clear() : widget.restore(blank[field.id]))));
  // Each sees what all have become.
  for (const { root } of fields) announce(root, true);
}

/**
 * Gives fields their states; a promise where that takes time.
 *
 * @param {MountedField[]} fields
 * @param {Record<string, any>} states
 * @param {(isThere: boolean) => void} then told whether all have taken them
 */
function restore(fields, states, then) {
  const known = fields.filter(({ field }) => field.id in states);
  const coming = known.flatMap((mounted) => {
    mounted.refusal = null;
    const refuse = () => {
      mounted.refusal = new WidgetError(text('The example could not be loaded. Check your connection and try again.'));
      mounted.root.classList.toggle('is-blank', !readField(mounted));
    };
    return mounted.widget.restore(states[mounted.field.id])?.catch(refuse) ?? [];
  });
  const finish = () => then(known.every(({ refusal }) => !refusal));
  return coming.length ? Promise.all(coming).then(finish) : finish();
}

/**
 * The values of all inputs, or what is first to be mended, or to be entered.
 *
 * @param {{input: Input, fields: MountedField[]}[]} inputs
 * @returns {Collected}
 */
function collect(inputs) {
  const own = inputs.filter(({ input }) => !input.after);
  const parts = own.map(({ fields }) => fields.map(readField));
  const problems = own.flatMap(({ fields }) => fields.flatMap(({ problem }) => problem ?? []));
  const [worst] = CONDITIONS.flatMap((is) => problems.filter(({ condition }) => condition === is));
  if (worst) return { is: worst.condition, message: worst.message };
  return { is: 'usable', values: Object.fromEntries(own.map(({ input }, index) => [input.name, assemble(input, /** @type {Part[]} */ (parts[index]))])) };
}

/** @param {MountedField} mounted */
function readField(mounted) {
  mounted.problem = null;
  try {
    return mounted.widget.value();
  } catch (error) {
    if (!(error instanceof WidgetError)) throw error;
    mounted.problem = mounted.refusal ?? error;
  }
}

/**
 * One tensor of an input: the widget's own, or the numbers and texts of its fields in order.
 *
 * @param {Input} input
 * @param {Part[]} parts
 * @returns {TensorValue}
 */
function assemble(input, parts) {
  const [first] = parts;
  if (typeof first === 'object') return first;
  return { data: pack(input.dtype, parts), shape: input.shape.map((length) => length ?? 1) };
}

/**
 * Beside a field, what is wrong with it: at once, but for what is in the midst of being typed, and for
 * what nobody has emptied.
 *
 * @param {MountedField} mounted
 * @param {State} state
 * @param {boolean} own
 */
function showProblem({ root, problem, refusal }, { stage }, own) {
  const told = refusal ?? problem;
  const isEmpty = told?.condition === 'empty';
  const isLater = isEmpty ? !own : told?.condition === 'partial' && isBrief(stage);
  const message = (!isLater && told?.message) || '';
  const isWrong = Boolean(message) && !isEmpty;
  const slot = find(root, '.field-problem', HTMLElement);
  if (slot.textContent !== message) slot.textContent = message;
  root.classList.toggle('field-empty', isEmpty);
  root.classList.toggle('field-wrong', isWrong);
  for (const control of root.querySelectorAll('[aria-describedby]')) {
    if (isWrong) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
}

/**
 * Whether two inputs are the same.
 *
 * @param {Record<string, TensorValue>} [one]
 * @param {Record<string, TensorValue>} [other]
 */
export const isSame = (one, other) =>
  one &&
  other &&
  Object.entries(one).every(([name, { data, shape }]) => `${shape}` === `${other[name].shape}` && data.every((/** @type {any} */ value, /** @type {number} */ index) => value === other[name].data[index]));
