/** ONNX Runtime Web in a module worker, as our engine is. */
import * as ort from './ort.wasm.min.mjs';

/** @param {{threads: number, side: number, channels: number, warmup: number, count: number}} options */
async function measure({ threads, side, channels, warmup, count }) {
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create('model.onnx', { executionProviders: ['wasm'] });
  const pixels = new Float32Array(side * side * channels).fill(0.5);
  const inputs = { [session.inputNames[0]]: new ort.Tensor('float32', pixels, [1, side, side, channels]) };
  const times = [];
  for (let index = 0; index < warmup + count; index += 1) {
    const began = performance.now();
    await session.run(inputs);
    times.push(performance.now() - began);
  }
  return { times: times.slice(warmup), threads: ort.env.wasm.numThreads };
}

self.onmessage = ({ data }) =>
  measure(data).then(
    (result) => self.postMessage(result),
    (error) => self.postMessage({ error: String(error) }),
  );
