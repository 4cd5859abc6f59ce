// Runs a site's own engine on samples, in Node, on one backend.
//
// Reads { engine, files: {name: path}, backend, cases: [inputs] } (JSON) from
// standard input, tensors as tensors.mjs has them, and prints
// [outputs | { error }] (JSON) in the same form.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { decode, encode, mapValues } from './tensors.mjs';

const { engine: path, files, backend, cases } = JSON.parse(readFileSync(0, 'utf8'));
// Workers are classic scripts; those of earlier versions were modules.
const { Engine = globalThis.tfjsDemoEngine } = await import(pathToFileURL(path).href);
const read = async (name) => new Uint8Array(await readFile(files[name]));
const results = [];
try {
  const engine = await Engine.start(read, { backend });
  for (const inputs of cases) {
    try {
      results.push(mapValues(await engine.predict(mapValues(inputs, decode)), encode));
    } catch (error) {
      results.push({ error: error.message });
    }
  }
} catch (error) {
  results.push(...cases.map(() => ({ error: error.message })));
}
process.stdout.write(JSON.stringify(results), () => process.exit(0));
