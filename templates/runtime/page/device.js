/** The part of the evidence that only this device can give: speed, memory, and the same answers. */
/** @import {Client} from './client.js' */
/** @import {Measured} from './choice.js' */
import { describe, nameOf } from './backends.js';
import { chooseFastest, compareBackends, isInUse, verifyHere } from './choice.js';
import { durationText } from './status.js';
import { find } from './widget.js';

const byId = (/** @type {string} */ id) => find(document, `#${id}`, HTMLElement);

/** @param {number[]} values ascending @param {number} share */
const percentile = (values, share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];

/** @param {number} error */
const errorText = (error) => (error === 0 ? '0' : error.toExponential(0));

/** Keeps the panel up to date while it is open, and listens to its buttons. @param {Client} client */
export function showDevice(client) {
  const panel = find(document, '.evidence', HTMLDetailsElement);
  const refresh = () => panel.open && refreshFigures(client);
  panel.addEventListener('toggle', refresh);
  listen('verify', 'Checking', async () => {
    const { right, samples, error, tolerance, milliseconds } = await verifyHere(client);
    const all = right === samples ? `All ${samples} samples are answered` : `${right} of ${samples} samples are answered`;
    return `${all} like in Python, on ${nameOf(client.backend ?? '')} in ${durationText(milliseconds)}: largest error ${errorText(error)}, ${errorText(tolerance)} allowed.`;
  });
  listen('compare', 'Comparing', async () => {
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
  const text = 'On this device the model answers differently than in Python';
  byId('engine').textContent = text;
  byId('checked').textContent = `${text} (error ${errorText(current.error)}).`;
}

/** @param {Client} client */
async function refreshFigures(client) {
  const times = [...client.timings.predictions].sort((one, other) => one - other);
  const { bytes } = await client.memory();
  const seconds = (client.timings.ready ?? 0) / 1e3;
  byId('ready-after').textContent = `${seconds.toFixed(1)} s`;
  byId('holds').textContent = `${(bytes / 1e6).toFixed(1)} MB`;
  byId('latency').textContent = times.length
    ? `half within ${durationText(percentile(times, 0.5))}, 95 % within ${durationText(percentile(times, 0.95))} (${times.length === 1 ? '1 answer' : `${times.length} answers`})`
    : 'no answer yet';
}

/** @param {string} id of a button @param {string} doing @param {() => Promise<string>} work */
function listen(id, doing, work) {
  const button = find(document, `#${id}`, HTMLButtonElement);
  button.onclick = async () => {
    button.disabled = true;
    byId('checked').textContent = `${doing} …`;
    try {
      byId('checked').textContent = await work();
    } catch (error) {
      byId('checked').textContent = `That did not work: ${error instanceof Error ? error.message : error}.`;
    }
    button.disabled = false;
  };
}

/** @param {Measured[]} found @param {Client} client */
function showBackends(found, client) {
  const rows = found.map((one) => {
    const { milliseconds, error, problem } = one;
    const row = document.createElement('tr');
    const verdict = problem || (isInUse(client, one) ? 'in use' : 'right');
    const texts = [describe(one), Number.isFinite(milliseconds) ? durationText(milliseconds) : '–', Number.isNaN(error) ? '–' : errorText(error), verdict];
    for (const [index, text] of texts.entries()) {
      const cell = document.createElement(index ? 'td' : 'th');
      if (!index) cell.scope = 'row';
      cell.className = index === 1 || index === 2 ? 'number' : '';
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  });
  find(document, '#compared tbody', HTMLElement).replaceChildren(...rows);
  byId('compared').hidden = false;
}
