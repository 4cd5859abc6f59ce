/** Copies and keeps answers. */
/** @import {Content, Form, Output, OutputModule, OutputWidget, Taken, Tensor} from '../types.js' */
import { text } from '../texts.js';

/** Milliseconds for which it is said what was done, and after which a file is surely kept. */
const SAID = 4000;
const KEPT = 60_000;

/** Of what is no blob. @type {Partial<Record<Form, string>>} */
const TYPES = { csv: 'text/csv', json: 'application/json' };

/** What takes an answer away, by its widget's module. @type {Map<OutputModule, Taken>} */
const loaded = new Map();

/**
 * Takes an answer in the form that a button stands for, if it is the one to what is in the widgets now.
 *
 * @param {HTMLElement} button
 * @param {import('../answers.js').Answers} answers
 * @param {boolean} wanted else it is only likely soon
 */
export async function take(button, answers, wanted) {
  const found = answers.outputs.find(({ root }) => root.contains(button));
  if (!found) return;
  const { module, output, widget } = found;
  const known = loaded.get(module);
  const taken = known ?? (await module.take?.()) ?? {};
  loaded.set(module, taken);
  // One that is of another input, or on its way, is nobody's answer.
  const isCurrent = ['python', 'device'].includes(answers.pane.dataset.origin ?? '');
  const tensor = answers.tensors[output.name];
  if (!wanted || !isCurrent || !tensor) return;
  // WebKit takes what was loaded after the click for no part of it.
  await finish(button, taken, output, tensor, widget, known ? text('This browser does not let the page copy') : text('Press once more, then it is copied'));
}

/** @param {HTMLElement} button @param {Taken} taken @param {Output} output @param {Tensor} tensor @param {OutputWidget} widget @param {string} refused what is said where nothing was copied */
async function finish(button, taken, output, tensor, widget, refused) {
  const form = /** @type {Form} */ (button.dataset.take);
  const make = taken[form];
  if (!make) return;
  if (!isWhole(tensor)) return say(button, text('Only the beginning of this answer is here yet. Choose the example once more, then it is computed.'));
  // What is a text needs no waiting, which would end the click.
  const made = make(tensor, output, widget);
  const content = made instanceof Promise ? await made : made;
  if (form !== 'text') return keep(button, content, nameOf(output.label, form), TYPES[form]);
  const isCopied = await copy(String(content));
  say(button, isCopied ? text('Copied') : refused);
}

/** The build cuts what it writes into the page, and leaves out what it writes into a file. @param {Tensor} tensor */
const isWhole = ({ data, shape }) => !data.length || data.length === shape.reduce((product, length) => product * length, 1);

/** @param {string} written @returns {Promise<boolean>} whether it is in the clipboard */
async function copy(written) {
  try {
    await navigator.clipboard.writeText(written);
    return true;
  } catch {
    // Plain http has no clipboard, and frames of other sites may not use it.
    return copySelected(written);
  }
}

/** As every browser could since long ago. @param {string} written */
function copySelected(written) {
  const before = document.activeElement;
  const area = Object.assign(document.createElement('textarea'), { value: written, readOnly: true, className: 'visually-hidden' });
  // Else tabs become spaces.
  area.style.whiteSpace = 'pre';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isCopied;
}

/** @param {HTMLElement} button @param {Content} content @param {string} name @param {string} [type] */
export function keep(button, content, name, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([/** @type {BlobPart} */ (content)], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  // A browser that keeps no files would show it in the place of the page.
  const keeps = 'download' in HTMLAnchorElement.prototype;
  if (!keeps) link.target = '_blank';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
  say(button, keeps ? text('Saved as {name}', { name }) : text('Opened beside this page'));
}

/** "wine-cultivar.csv": what every system takes for a name. @param {string} label @param {string} form */
function nameOf(label, form) {
  const words = `${document.title} ${label}`.normalize('NFC').toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? ['answer'];
  const ending = form === 'mask' ? 'mask.png' : form;
  return `${Array.from(words.join('-')).slice(0, 80).join('')}.${ending}`;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;

/** Beside the buttons, and to screen readers. @param {HTMLElement} button @param {string} words */
function say(button, words) {
  const place = /** @type {HTMLElement} */ (button.parentElement?.querySelector('[role=status]'));
  place.textContent = words;
  clearTimeout(silence);
  silence = setTimeout(() => (place.textContent = ''), SAID);
}
