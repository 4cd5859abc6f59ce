/**
 * The layers model of a layers page, as one op of the graph around it: preprocessing before
 * it, the answer's form behind it. Only such pages have this module, and tfjs-layers.
 */
import { registerOp } from '@tensorflow/tfjs-converter/dist/operations/custom_op/register.js';
// Every module registers its classes, by which the model names them.
import '@tensorflow/tfjs-layers/dist/layers/advanced_activations.js';
import '@tensorflow/tfjs-layers/dist/layers/convolutional.js';
import '@tensorflow/tfjs-layers/dist/layers/convolutional_depthwise.js';
import '@tensorflow/tfjs-layers/dist/layers/convolutional_recurrent.js';
import '@tensorflow/tfjs-layers/dist/layers/core.js';
import '@tensorflow/tfjs-layers/dist/layers/embeddings.js';
import '@tensorflow/tfjs-layers/dist/layers/merge.js';
import '@tensorflow/tfjs-layers/dist/layers/noise.js';
import '@tensorflow/tfjs-layers/dist/layers/normalization.js';
import '@tensorflow/tfjs-layers/dist/layers/padding.js';
import '@tensorflow/tfjs-layers/dist/layers/pooling.js';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/category_encoding.js';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/center_crop.js';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/image_preprocessing.js';
import '@tensorflow/tfjs-layers/dist/layers/preprocessing/image_resizing.js';
import '@tensorflow/tfjs-layers/dist/layers/recurrent.js';
import '@tensorflow/tfjs-layers/dist/layers/wrappers.js';
import { loadLayersModelFromIOHandler } from '@tensorflow/tfjs-layers/dist/models.js';

const FOLDER = 'layers/';

/** @param {import('./model.js').Reader} read */
export async function loadLayers(read) {
  const json = JSON.parse(new TextDecoder().decode(await read(`${FOLDER}model.json`)));
  const groups = /** @type {{paths: string[], weights: any[]}[]} */ (json.weightsManifest);
  const shards = await Promise.all(groups.flatMap(({ paths }) => paths).map((path) => read(FOLDER + path)));
  const artifacts = {
    modelTopology: json.modelTopology,
    weightSpecs: groups.flatMap(({ weights }) => weights),
    weightData: await new Blob(/** @type {BlobPart[]} */ (shards)).arrayBuffer(),
  };
  const model = await loadLayersModelFromIOHandler({ load: async () => artifacts }, undefined, { strict: true });
  registerOp('TfjsDemoLayers', ({ inputs }) => /** @type {any} */ (model.predict(inputs.length > 1 ? [...inputs] : inputs[0])));
}
