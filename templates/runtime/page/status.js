/** @import {EngineStatus} from './types.js' */
import { describe, nameOf } from './backends.js';
import { numeral, text } from './texts.js';
import { find } from './widget.js';

/** @param {string} id */
const byId = (id) => find(document, `#${id}`, HTMLElement);

/** As the build writes it (bundler/site/words.py). @param {number} bytes */
export function bytesText(bytes) {
  if (bytes < 1e3) return text('{number} B', { number: numeral(bytes) });
  if (bytes < 999_500) return text('{number} kB', { number: numeral((bytes / 1e3).toFixed()) });
  return text('{number} MB', { number: numeral((bytes / 1e6).toFixed(1)) });
}

/** @param {EngineStatus & {status: 'download'}} status */
function downloadText({ loaded, total }) {
  if (!total) return text('Downloading the model: {loaded}', { loaded: bytesText(loaded) });
  return text('Downloading the model: {loaded} of {total}', { loaded: bytesText(Math.min(loaded, total)), total: bytesText(total) });
}

/** How many milliseconds, to the digit that means something. @param {number} milliseconds */
export function durationText(milliseconds) {
  if (milliseconds >= 1e4) return text('{number} s', { number: numeral(Math.round(milliseconds / 1e3)) });
  const number = milliseconds < 10 ? Math.max(0.1, milliseconds).toFixed(1) : Math.round(milliseconds);
  return text('{number} ms', { number: numeral(number) });
}

/** @param {EngineStatus} status */
function engineText(status) {
  switch (status.status) {
    case 'starting':
      return text('Starting the model');
    case 'download':
      return downloadText(status);
    case 'warmup':
      return text('Getting ready');
    case 'ready':
      return status.trouble ? text('Ready, after starting again') : text('Ready · runs on this device');
    case 'fallback':
      return text('Something went wrong, starting again');
    case 'error':
      return text('The model is not running');
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
  if (status.status === 'ready') explainBackend(status);
  if (status.status === 'error') console.info(status.detail);
}

/** @param {EngineStatus & {status: 'ready'}} status */
function explainBackend({ backend, warmup, threads, reason, trouble }) {
  // What only developers know by name.
  byId('backend').title = nameOf(backend) + (trouble && `: ${trouble}`);
  byId('backend-reason').textContent = text('In this browser the model runs on {backend} (warm-up {time}): {reason}.', {
    backend: describe({ backend, threads }),
    time: durationText(warmup),
    reason: reason.replace(/\.$/, ''),
  });
}

/** @param {string} message */
export function showFailure(message) {
  const failure = byId('failure');
  // What is said already is not said again.
  if (failure.textContent !== message) failure.textContent = message;
  byId('answer').classList.toggle('has-failed', message !== '');
}
