/** @import {EngineStatus} from './types.js' */
import { describe, nameOf } from './backends.js';
import { find } from './widget.js';

/** @param {string} id */
const byId = (id) => find(document, `#${id}`, HTMLElement);

/** @param {number} bytes */
function bytesText(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {EngineStatus & {status: 'download'}} status */
function downloadText({ loaded, total }) {
  if (!total) return `Downloading the model: ${bytesText(loaded)}`;
  return `Downloading the model: ${bytesText(Math.min(loaded, total))} of ${bytesText(total)}`;
}

/** How many milliseconds, to the digit that means something. @param {number} milliseconds */
export function durationText(milliseconds) {
  if (milliseconds < 10) return `${Math.max(0.1, milliseconds).toFixed(1)} ms`;
  return milliseconds < 1e4 ? `${Math.round(milliseconds)} ms` : `${Math.round(milliseconds / 1e3)} s`;
}

/** @param {EngineStatus} status */
function engineText(status) {
  switch (status.status) {
    case 'starting':
      return 'Starting the model';
    case 'download':
      return downloadText(status);
    case 'warmup':
      return `Warming up ${nameOf(status.backend)}`;
    case 'ready':
      return `Ready, on ${nameOf(status.backend)}${status.trouble && `: ${status.trouble}`}`;
    case 'fallback':
      return `${nameOf(status.backend)} failed, starting anew`;
    case 'error':
      return 'The model could not answer';
  }
}

/** Shows what the engine is doing, in the last line below the answer. @param {EngineStatus} status */
export function showEngine(status) {
  byId('engine').textContent = engineText(status);
  const progress = find(document, '#progress', HTMLProgressElement);
  progress.classList.toggle('active', ['starting', 'download', 'warmup'].includes(status.status));
  if (status.status === 'download' && status.total) progress.value = Math.min(1, status.loaded / status.total);
  else progress.removeAttribute('value');
  byId('cancel').hidden = status.status !== 'download';
  byId('retry').hidden = status.status !== 'error' || !status.canRetry;
  if ('backend' in status) byId('backend').textContent = nameOf(status.backend);
  if (status.status === 'ready') {
    explainBackend(status);
    showFailure('', '');
  }
  if (status.status === 'error') showFailure(status.message, status.hint);
}

/** @param {EngineStatus & {status: 'ready'}} status */
function explainBackend({ backend, warmup, threads, reason }) {
  byId('backend-reason').textContent =
    `In this browser the model runs on ${describe({ backend, threads })} (warm-up ${durationText(warmup)}): ${reason.replace(/\.$/, '')}.`;
}

/** @param {string} message @param {string} hint What to do about it. */
export function showFailure(message, hint) {
  byId('failure').textContent = [message, hint].filter(Boolean).join(' ');
}

/** @typedef {'python' | 'device' | 'pending' | 'none'} Origin */

/** @type {Record<Origin, string>} */
const ORIGINS = {
  python: 'Computed in Python at build time',
  device: 'Computed on your device',
  pending: 'Computing on your device',
  none: 'No answer yet',
};

/**
 * Says where the answer on show comes from.
 *
 * @param {Origin} origin
 * @param {number} [milliseconds]
 */
export function showOrigin(origin, milliseconds) {
  const answer = byId('answer');
  answer.dataset.origin = origin;
  answer.setAttribute('aria-busy', String(origin === 'pending'));
  byId('origin').textContent =
    milliseconds === undefined ? ORIGINS[origin] : `${ORIGINS[origin]} in ${durationText(milliseconds)}`;
}
