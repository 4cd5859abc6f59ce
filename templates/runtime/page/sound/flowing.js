/** Milliseconds in which sound has to flow: Firefox waits without end where a computer has no sound. */
const PATIENCE = 5000;

/**
 * Waits until sound flows. Rejects when none does.
 *
 * @param {AudioContext} context
 */
export const flowing = (context) => Promise.race([context.resume(), silence()]);

/** @returns {Promise<void>} */
const silence = () => new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error('no sound flows')));
