// Runs parts of graphs, each for some of its graph's outputs, in Node:
// { engine, backend, wasm: {name: path}, cases: [{ folder, inputs, outputs: [name] }] } (JSON, from standard
// input) -> [outputs | { error }] (JSON), tensors as tensors.mjs has them. Cases of a graph stand together.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode, encode, mapValues } from '../bundler/bundle/node/tensors.mjs';

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

const { engine: path, backend, wasm, cases } = JSON.parse(readFileSync(0, 'utf8'));
await import(pathToFileURL(path).href);
const Engine = globalThis.tfjsDemoEngine;
const start = (folder) => Engine.start(async (name) => new Uint8Array(await readFile(wasm[name] ?? join(folder, name))), { backend });
const results = [];
let [current, engine, model] = [''];
for (const { folder, inputs, outputs } of cases) {
  if (folder !== current) {
    engine = await start(folder);
    [current, model] = [folder, engine.model];
  }
  try {
    engine.model = { ...model, inputs: pick(model.inputs, Object.keys(inputs)), outputs: pick(model.outputs, outputs) };
    results.push(mapValues(await engine.predict(mapValues(inputs, decode)), encode));
  } catch (error) {
    results.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
