/**
 * Sets up tfjs-core: what its own base_side_effects.js does, with one platform
 * that is the same in a browser's worker and in Node, and without model stores.
 */
import '@tensorflow/tfjs-converter/dist/flags.js';
import { getOrMakeEngine } from '@tensorflow/tfjs-core/dist/engine.js';
import { env } from '@tensorflow/tfjs-core/dist/environment.js';
import '@tensorflow/tfjs-core/dist/flags.js';
import { buffer } from '@tensorflow/tfjs-core/dist/ops/buffer.js';
import { cast } from '@tensorflow/tfjs-core/dist/ops/cast.js';
import { clone } from '@tensorflow/tfjs-core/dist/ops/clone.js';
import { print } from '@tensorflow/tfjs-core/dist/ops/print.js';
import { setOpHandler } from '@tensorflow/tfjs-core/dist/tensor.js';

export const engine = getOrMakeEngine();

setOpHandler({ buffer, cast, clone, print });
env().set('IS_NODE', false);
env().setPlatform('tfjs-demo', {
  fetch: async (name) => new Response(null, { status: 404, statusText: `${name} is not read by TF.js` }),
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  isTypedArray: /** @type {(value: unknown) => value is Float32Array} */ (
    (value) => ArrayBuffer.isView(value) && !(value instanceof DataView)
  ),
});

export { env };
