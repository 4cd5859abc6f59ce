// Runs parts of one graph, each for some of its outputs, in Node:
// { engine, backend, folder, wasm: {name: path}, cases: [{ inputs, outputs: [name] }] } (JSON, from standard
// input) -> [outputs | { error }] (JSON), tensors as tensors.mjs has them.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode, encode, mapValues } from '../bundler/bundle/node/tensors.mjs';

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

const { engine: path, backend, folder, wasm, cases } = JSON.parse(readFileSync(0, 'utf8'));
await import(pathToFileURL(path).href);
const Engine = globalThis.tfjsDemoEngine;
const read = async (name) => new Uint8Array(await readFile(wasm[name] ?? join(folder, name)));
const engine = await Engine.start(read, { backend });
const { model } = engine;
const results = [];
for (const { inputs, outputs } of cases) {
  try {
    engine.model = { ...model, inputs: pick(model.inputs, Object.keys(inputs)), outputs: pick(model.outputs, outputs) };
    results.push(mapValues(await engine.predict(mapValues(inputs, decode)), encode));
  } catch (error) {
    results.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
