// Runs a site's own engine on cases in a module worker, as a page does.
//
// Gets { engine, files: {name: URL}, backend, cases: [inputs], audit? }, tensors as { dtype,
// shape, data: base64 or texts }; posts { results: [outputs], kernels? } in the same form, or
// { error, kernels? }; kernels are what audit.js, whose URL `audit` is, has seen.
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

function decode({ dtype, shape, data }) {
  if (dtype === 'string') return { data, shape };
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return { data: new ARRAYS[dtype](bytes.buffer), shape };
}

function encode({ dtype, shape, data }) {
  if (dtype === 'string') return { dtype, shape, data: [...data] };
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let text = '';
  for (let start = 0; start < bytes.length; start += 4096) text += String.fromCharCode(...bytes.subarray(start, start + 4096));
  return { dtype, shape, data: btoa(text) };
}

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
const explain = (error, kernels) => self.postMessage({ error: error?.message ?? String(error), kernels });

self.addEventListener('unhandledrejection', ({ reason }) => explain(reason));

self.onmessage = async ({ data: { engine: url, files, backend, cases, audit } }) => {
  let watching;
  try {
    if (audit) await import(audit);
    watching = globalThis.tfjsDemoAudit;
    await watching?.begin(backend);
    await import(url);
    const Engine = globalThis.tfjsDemoEngine;
    const read = async (name) => new Uint8Array(await (await fetch(files[name])).arrayBuffer());
    const engine = await Engine.start(read, { backend });
    const results = [];
    for (const inputs of cases) results.push(mapValues(await engine.predict(mapValues(inputs, decode)), encode));
    self.postMessage({ results, kernels: await watching?.finish() });
  } catch (error) {
    explain(error, await watching?.finish());
  }
};
