/** The button that draws values: of all fields of its group that want it, each within what it takes. */
/** @import {InputWidget} from './types.js' */
import { list, numeral } from './texts.js';
import { announce, find } from './widget.js';

/**
 * @typedef {object} Options
 * @property {string} label
 * @property {boolean} [generate] whether the button draws it
 * @property {{label: string, value: number | string}[] | null} [choices]
 * @property {number} [min]
 * @property {number} [max]
 * @property {number | null} [step]
 * @property {string | null} [unit]
 *
 * @typedef {{root: HTMLElement, options: Options, widget: InputWidget}} Drawn
 */

/** From end to end, where nobody says how far apart values are. */
const STEPS = 1000;

/** What the button of a group draws. @type {WeakMap<Element, Drawn[]>} */
const groups = new WeakMap();

/** A widget's `mount`, for fields some of which the button draws. @param {(root: HTMLElement, options: any) => InputWidget} mount */
export const generated = (mount) => (/** @type {HTMLElement} */ root, /** @type {Options} */ options) => {
  const widget = mount(root, options);
  if (options.generate) drawnOf(root).push({ root, options, widget });
  return widget;
};

/** What the button beside a field draws; the first field finds it. @param {HTMLElement} root */
function drawnOf(root) {
  const group = /** @type {Element} */ (root.closest('.input'));
  const known = groups.get(group);
  if (known) return known;
  /** @type {Drawn[]} */
  const fields = [];
  groups.set(group, fields);
  const said = find(group, '.generated', HTMLElement);
  find(group, '.generate', HTMLButtonElement).addEventListener('click', () => {
    said.textContent = list(fields.map(drawAnew));
    // The page reads them all, and asks once.
    announce(fields[0].root, true);
    // On phones it is below what it was made of.
    document.querySelector('.outputs')?.scrollIntoView({ block: 'nearest' });
  });
  return fields;
}

/** Gives a field another value, and says which. @param {Drawn} field */
function drawAnew({ options, widget }) {
  const { label, choices, unit } = options;
  const choice = choices && choices[Math.floor(Math.random() * choices.length)];
  const value = choice ? choice.value : drawNumber(options);
  widget.restore(value);
  return `${label} ${choice ? choice.label : numeral(value)}${unit ? ` ${unit}` : ''}`;
}

/** @param {Options} options */
function drawNumber({ min = 0, max = 0, step }) {
  const by = step ?? (max - min) / STEPS;
  // What is a whole number of steps may fall short of it by the last binary digit.
  const steps = Math.floor((max - min) / by + 1e-6);
  return Number((min + by * Math.floor(Math.random() * (steps + 1))).toPrecision(12));
}
