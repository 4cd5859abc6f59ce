/** What is said of backends and downloads that failed. */
import { nameOf } from './backends.js';
import { CancelledError, DownloadError } from './downloads.js';
import { list, text } from './texts.js';

/** What went wrong before this backend answered. @param {string} backend @param {string | undefined} stopped @param {{backend: string}[]} failed */
export function tell(backend, stopped, failed) {
  const names = failed.map((one) => nameOf(one.backend)).filter((name) => !stopped || name !== nameOf(stopped));
  return [
    stopped === backend && text('it stopped working and was started again'),
    stopped && stopped !== backend && text('{backend} stopped working', { backend: nameOf(stopped) }),
    names.length && text('{backends} could not start', { backends: list(names) }),
  ]
    .filter(Boolean)
    .join(', ');
}

/** The address asks for a backend that is not there. */
export class ChoiceError extends Error {}

/** In words, with what to do; what developers want to know is the detail. @param {Error} error @param {boolean} forced */
export function explain(error, forced) {
  if (error instanceof CancelledError) return { message: text('The download was stopped.'), hint: '', detail: '', canRetry: true };
  if (error instanceof DownloadError) {
    const [message, hint] = error.isMissing
      ? [text('The model could not be downloaded: a file of it is not on the server.'), text('Load the page again, it may have been replaced; or try again later.')]
      : [text('The model could not be downloaded.'), text('Check your connection and try again.')];
    return { message, hint, detail: error.message, canRetry: true };
  }
  const message = error instanceof ChoiceError ? error.message : text('This browser could not run the model.');
  const hint = forced
    ? text('Choose another one in the address, or leave {setting} out.', { setting: '?backend=' })
    : text('Try again, or try a current version of Chrome, Edge, Firefox or Safari.');
  return { message, hint, detail: error.message, canRetry: !forced };
}
