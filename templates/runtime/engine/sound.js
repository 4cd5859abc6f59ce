/** What graphics cards only report, and what would be wrong answers if nobody asked. */
import { engine as tfjs } from './tfjs.js';

/**
 * Runs what asks a graphics card, and throws if that has failed meanwhile: a kernel that WebGPU
 * refuses leaves zeros, and so does everything after a context of WebGL was lost.
 *
 * @template Result
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
export async function refusingBroken(run) {
  const backend = /** @type {any} */ (tfjs.backend);
  if (tfjs.backendName === 'webgpu') return refusingReported(backend.device, run);
  if (tfjs.backendName !== 'webgl') return run();
  const { gl } = backend.gpgpu;
  const result = await unlessLost(gl, run);
  if (gl.getError() === gl.OUT_OF_MEMORY) throw new Error('the graphics card is out of memory');
  return result;
}

/** Contexts whose loss is listened to. */
const watched = new WeakSet();
let onLoss = () => {};

/**
 * Of a context that is lost meanwhile TF.js would wait for ever.
 *
 * @template Result
 * @param {any} gl
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
function unlessLost(gl, run) {
  if (!watched.has(gl)) gl.canvas.addEventListener('webglcontextlost', () => onLoss());
  watched.add(gl);
  return new Promise((resolve, reject) => {
    onLoss = () => reject(new Error('its graphics context was lost'));
    if (gl.isContextLost()) onLoss();
    else run().then((result) => (gl.isContextLost() ? onLoss() : resolve(result)), reject);
  });
}

/**
 * @template Result
 * @param {any} device
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
async function refusingReported(device, run) {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let problem;
  try {
    return await run();
  } finally {
    const found = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    problem = found.find(Boolean);
    if (problem) throw new Error(`webgpu refused a kernel: ${problem.message}`);
  }
}
