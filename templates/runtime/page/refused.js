/** @typedef {{featurePolicy: {allowsFeature(name: string): boolean}}} Policed */
/** @typedef {'insecure' | 'lacking' | 'outside' | 'framed' | 'refused' | 'missing' | 'busy' | 'other'} Refusal */

/** Whether the page around this one lets it have a device; where browsers do not say, it does. @param {string} device */
const isPermitted = (device) => !('featurePolicy' in document) || /** @type {Policed} */ (/** @type {unknown} */ (document)).featurePolicy.allowsFeature(device);

/** Why there is no camera or microphone. @param {'camera' | 'microphone'} device @param {unknown} error what the browser said @returns {Refusal} */
export function refused(device, error) {
  if (!isSecureContext) return 'insecure';
  if (!navigator.mediaDevices) return 'lacking';
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    if (!isPermitted(device)) return 'outside';
    return parent === window ? 'refused' : 'framed';
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  console.info(error);
  return 'other';
}
