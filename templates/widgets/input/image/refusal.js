import { text } from '../../../runtime/page/texts.js';

/** @typedef {{featurePolicy: {allowsFeature(name: string): boolean}}} Policed */

/** Whether the page around this one lets it have the camera; where browsers do not say, it does. */
const isPermitted = () => !('featurePolicy' in document) || /** @type {Policed} */ (/** @type {unknown} */ (document)).featurePolicy.allowsFeature('camera');

/** Why there is no camera, and what can be done. @param {unknown} error what the browser said */
export function refusal(error) {
  if (!isSecureContext) return text('Browsers give the camera only to pages that come by https://. This one came by http://.');
  if (!navigator.mediaDevices) return text('This browser gives pages no camera.');
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    if (!isPermitted()) return text('The page around this one does not let it use the camera. Open this page by itself.');
    if (parent !== window) return text('The camera was refused. Allow it beside the address, or open this page by itself: the page around it may not let it use the camera.');
    return text('The camera was refused. Allow it beside the address or in the settings of the browser, then try again.');
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return text('There is no camera. Connect one, then try again.');
  if (name === 'NotReadableError' || name === 'AbortError') return text('The camera cannot be started: another program may be using it. Close that one, then try again.');
  console.info(error);
  return text('The camera cannot be started. Try again.');
}
