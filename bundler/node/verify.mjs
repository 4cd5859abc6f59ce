// Runs a site's own engine on samples, in Node, on one backend.
//
// Reads { engine, files: {name: path}, backend, cases: [inputs] } (JSON) from
// standard input, tensors as { dtype, shape, data: base64 or texts }, and
// prints [outputs | { error }] (JSON) in the same form.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function decode({ dtype, shape, data }) {
  if (dtype === 'string') return { data, shape };
  const bytes = new Uint8Array(Buffer.from(data, 'base64'));
  return { data: new ARRAYS[dtype](bytes.buffer), shape };
}

function encode({ dtype, shape, data }) {
  if (dtype === 'string') return { dtype, shape, data: [...data] };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, data: bytes.toString('base64') };
}

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

const { engine: path, files, backend, cases } = JSON.parse(readFileSync(0, 'utf8'));
const { Engine, readModel } = await import(pathToFileURL(path).href);
const read = async (name) => new Uint8Array(await readFile(files[name]));
const results = [];
try {
  const engine = await Engine.start(await readModel(read), { backend, read });
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
