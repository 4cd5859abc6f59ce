/** @import {Demo, Field, Input, InputModule, InputWidget, TensorValue} from './types.js' */
import { find, pack, WidgetError } from './widget.js';

/** @typedef {{field: Field, root: HTMLElement, widget: InputWidget}} MountedField */

/**
 * Mounts every input widget on the element that the server rendered for it.
 *
 * @param {Demo} demo
 * @param {Record<string, InputModule>} modules
 * @param {(settled: boolean) => void} onInput
 */
export function mountInputs(demo, modules, onInput) {
  const inputs = demo.inputs.map((input) => ({
    input,
    fields: input.fields.map((field) => mountField(field, modules)),
  }));
  const fields = inputs.flatMap((mounted) => mounted.fields);
  for (const { root } of fields) {
    root.addEventListener('input', (event) => {
      // What a widget's own controls send on the way up is the widget's business.
      if (event.target === root && event instanceof CustomEvent) onInput(event.detail.settled);
    });
  }
  return {
    /** @param {boolean} complain whether unusable values are to be shown */
    collect: (complain) => collect(inputs, complain),
    save: () => Object.fromEntries(fields.map(({ field, widget }) => [field.id, widget.save()])),
    /** @param {Record<string, any>} states */
    restore: (states) => restore(fields, states),
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
  return { field, root, widget };
}

/**
 * @param {MountedField[]} fields
 * @param {Record<string, any>} states
 */
async function restore(fields, states) {
  const known = fields.filter(({ field }) => field.id in states);
  await Promise.all(known.map(({ field, widget }) => widget.restore(states[field.id])));
  for (const { root } of known) showProblem(root, null);
}

/**
 * The values of all inputs, or null when a widget has none to give.
 *
 * @param {{input: Input, fields: MountedField[]}[]} inputs
 * @param {boolean} complain
 */
function collect(inputs, complain) {
  /** @type {Record<string, TensorValue>} */
  const values = {};
  let usable = true;
  for (const { input, fields } of inputs) {
    if (input.after) continue;
    const parts = fields.map((mounted) => readField(mounted, complain));
    const found = parts.filter((part) => part !== null);
    if (found.length < parts.length) usable = false;
    else values[input.name] = assemble(input, found);
  }
  return usable ? values : null;
}

/**
 * @param {MountedField} mounted
 * @param {boolean} complain
 */
function readField({ root, widget }, complain) {
  try {
    const value = widget.value();
    showProblem(root, null);
    return value;
  } catch (error) {
    if (!(error instanceof WidgetError)) throw error;
    if (complain) showProblem(root, error);
    return null;
  }
}

/**
 * One tensor of an input: the widget's own, or the numbers and texts of its fields in order.
 *
 * @param {Input} input
 * @param {(number | string | TensorValue)[]} parts
 * @returns {TensorValue}
 */
function assemble(input, parts) {
  const [first] = parts;
  if (typeof first === 'object') return first;
  return { data: pack(input.dtype, parts), shape: input.shape.map((length) => length ?? 1) };
}

/**
 * @param {HTMLElement} root
 * @param {WidgetError | null} problem
 */
function showProblem(root, problem) {
  const message = problem?.message ?? '';
  const slot = find(root, '.field-problem', HTMLElement);
  if (slot.textContent !== message) slot.textContent = message;
  root.classList.toggle('field-empty', problem?.empty ?? false);
  root.classList.toggle('field-wrong', problem !== null && !problem.empty);
  for (const control of root.querySelectorAll('[aria-describedby]')) {
    const wrong = problem !== null && !problem.empty;
    if (wrong) control.setAttribute('aria-invalid', 'true');
    else control.removeAttribute('aria-invalid');
  }
}
