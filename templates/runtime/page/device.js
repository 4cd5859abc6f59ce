/** The part of the evidence that only this device can give: speed, memory, and the same answers. */
/** @import {Client} from './client.js' */
/** @import {Measured} from './choice.js' */
import { describe, nameOf } from './backends.js';
import { chooseFastest, compareBackends, isInUse, verifyHere } from './choice.js';
import { durationText } from './status.js';
import { count, numeral, text } from './texts.js';
import { find } from './widget.js';

const byId = (/** @type {string} */ id) => find(document, `#${id}`, HTMLElement);

/** @param {number[]} values ascending @param {number} share */
const percentile = (values, share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];

/** A share as the build writes it. @param {number} error */
const errorText = (error) => {
  const percent = error && Math.max(100 * error, 1e-5);
  const places = -Math.floor(Math.log10(percent || 1));
  return text('{number} %', { number: numeral((Math.ceil(percent * 10 ** places - 1e-6) / 10 ** places).toFixed(Math.max(0, places))) });
};

/** Keeps the panel up to date while it is open, and listens to its buttons. @param {Client} client */
export function showDevice(client) {
  const panel = find(document, '.developers', HTMLDetailsElement);
  const refresh = () => panel.open && refreshFigures(client);
  panel.addEventListener('toggle', refresh);
  listen('verify', byId('checked'), text('Checking …'), async () => {
    const { right, samples, error, tolerance, milliseconds } = await verifyHere(client);
    const found = { right: numeral(right), backend: nameOf(client.backend ?? ''), time: durationText(milliseconds), error: errorText(error), allowed: errorText(tolerance) };
    return right === samples
      ? count('All {count} samples are answered like in Python, on {backend} in {time}: largest error {error}, {allowed} allowed.', 'All {count} samples are answered like in Python, on {backend} in {time}: largest error {error}, {allowed} allowed.', samples, found)
      : count('{right} of {count} samples are answered like in Python, on {backend} in {time}: largest error {error}, {allowed} allowed.', '{right} of {count} samples are answered like in Python, on {backend} in {time}: largest error {error}, {allowed} allowed.', samples, found);
  });
  listen('compare', byId('comparing'), text('Comparing …'), async () => {
    showBackends(await compareBackends(client), client);
    return '';
  });
  return refresh;
}

/** Finds the fastest backend, when nobody waits for anything. @param {Client} client */
export async function settleBackend(client) {
  const found = await chooseFastest(client);
  if (found.length > 1) showBackends(found, client);
  const [current] = found;
  if (!current?.problem || current.backend !== client.backend) return;
  byId('engine').textContent = text('The answers on this device may be wrong');
  byId('checked').textContent = text('On this device the model answers differently than in Python (error {error}).', { error: errorText(current.error) });
}

/** @param {Client} client */
async function refreshFigures(client) {
  const times = [...client.timings.predictions].sort((one, other) => one - other);
  const { bytes } = await client.memory();
  const seconds = (client.timings.ready ?? 0) / 1e3;
  byId('ready-after').textContent = text('{number} s', { number: numeral(seconds.toFixed(1)) });
  byId('holds').textContent = text('{number} MB', { number: numeral((bytes / 1e6).toFixed(1)) });
  const [half, most] = times.length ? [0.5, 0.95].map((share) => durationText(percentile(times, share))) : [];
  byId('latency').textContent = times.length
    ? count('half within {half}, 95 % within {most} ({count} answer)', 'half within {half}, 95 % within {most} ({count} answers)', times.length, { half, most })
    : text('no answer yet');
}

/** @param {string} id of a button @param {HTMLElement} said where it is told @param {string} doing what is said meanwhile @param {() => Promise<string>} work */
function listen(id, said, doing, work) {
  const button = find(document, `#${id}`, HTMLButtonElement);
  button.onclick = async () => {
    button.disabled = true;
    said.textContent = doing;
    try {
      said.textContent = await work();
    } catch (error) {
      console.info(error);
      said.textContent = text('That did not work. Try again.');
    }
    button.disabled = false;
  };
}

/** @param {Measured[]} found @param {Client} client */
function showBackends(found, client) {
  const rows = found.map((one) => {
    const { milliseconds, error, problem } = one;
    const row = document.createElement('tr');
    const verdict = problem || (isInUse(client, one) ? text('in use') : text('right'));
    const texts = [describe(one), Number.isFinite(milliseconds) ? durationText(milliseconds) : '–', Number.isNaN(error) ? '–' : errorText(error), verdict];
    for (const [index, said] of texts.entries()) {
      const cell = document.createElement(index ? 'td' : 'th');
      if (!index) cell.scope = 'row';
      cell.className = index === 1 || index === 2 ? 'number' : '';
      cell.textContent = said;
      row.append(cell);
    }
    return row;
  });
  find(document, '#compared tbody', HTMLElement).replaceChildren(...rows);
  byId('compared').hidden = false;
}
