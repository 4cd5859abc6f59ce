// Runs what the official converter made of a model in plain TensorFlow.js, as its tutorials do.
//
// Reads { packages, folder, backend, feeds: {name: tensor} } (JSON) from standard input; prints
// { results: [tensor] } or { error } (JSON), tensors as bundler/ground/tensors.py writes them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { decode, encode, mapValues } from '../../bundler/bundle/node/tensors.mjs';

const { packages, folder, backend, feeds } = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(join(packages, 'package.json'));
const tf = require('@tensorflow/tfjs-core');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
const { setWasmPaths } = require(`@tensorflow/tfjs-backend-${backend}`);
console.warn = () => {};

/** The files of a model as loadGraphModel wants them. */
function read() {
  const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const shards = model.weightsManifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(folder, path))));
  const data = new Uint8Array(Buffer.concat(shards)).buffer;
  const specs = model.weightsManifest.flatMap(({ weights }) => weights);
  return { ...model, weightSpecs: specs, weightData: data, modelInitializer: model.modelInitializer, initializerSignature: model.initializerSignature };
}

try {
  setWasmPaths?.(join(packages, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist') + '/');
  await tf.setBackend(backend);
  const model = await loadGraphModel(tf.io.fromMemory(read()));
  const inputs = mapValues(feeds, (tensor) => {
    const { data, shape } = decode(tensor);
    return tf.tensor(data, shape, tensor.dtype);
  });
  const answers = await model.executeAsync(inputs);
  const list = Array.isArray(answers) ? answers : answers.dataSync ? [answers] : Object.values(answers);
  const results = list.map((tensor) => encode({ dtype: tensor.dtype, shape: tensor.shape, data: tensor.dataSync() }));
  process.stdout.write(JSON.stringify({ results }), () => process.exit(0));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: error?.message ?? String(error) }), () => process.exit(0));
}
