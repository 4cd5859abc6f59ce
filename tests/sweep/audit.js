// Watches every kernel of a backend while a model runs, and has the cpu backend compute the same
// from the same inputs: tells which kernel is to blame for a wrong answer.
//
// Bundled with the engine that it watches (tests/sweep/auditing.py).
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js';
import { complex } from '@tensorflow/tfjs-backend-cpu/dist/kernels/Complex.js';
import { getKernel, getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core/dist/kernel_registry.js';
import { backends } from 'templates/runtime/engine/backends.js';
import { Engine } from 'templates/runtime/engine/engine.js';

const LONGEST = 300;
let calls = [];

/** Call before the engine starts on this backend. */
async function begin(name) {
  const { borrowed } = backends[name];
  for (const kernel of getKernelsForBackend(name)) {
    if (borrowed.includes(kernel.kernelName) || !getKernel(kernel.kernelName, 'cpu')) continue;
    unregisterKernel(kernel.kernelName, name);
    registerKernel({ ...kernel, kernelFunc: (call) => watch(kernel, call) });
  }
}

/** Runs the kernel, and holds on to its inputs and outputs: they can only be read later. */
function watch({ kernelName, kernelFunc }, call) {
  const { inputs, attrs, backend } = call;
  const hold = ({ dataId, shape, dtype }) => {
    backend.incRef(dataId);
    return { dataId, shape: [...shape], dtype, backend };
  };
  const record = { kernelName, attrs, inputs: mapInfos(inputs, hold), outputs: null, failure: '' };
  calls.push(record);
  try {
    const outputs = kernelFunc(call);
    record.outputs = mapInfos(outputs, hold);
    return outputs;
  } catch (error) {
    record.failure = error.message;
    throw error;
  }
}

/** By kernel: how often it ran, its largest error, that of each rank, and the call that had it. */
async function finish() {
  const kernels = {};
  const done = calls;
  calls = [];
  for (const call of done) {
    const { error, note } = await compare(call);
    const row = (kernels[call.kernelName] ??= { runs: 0, error: 0, ranks: {} });
    row.runs += 1;
    if (error === null) continue;
    const finite = Number.isFinite(error) ? error : 1e9;
    const rank = highestRank(call.inputs);
    row.ranks[rank] = Math.max(row.ranks[rank] ?? 0, finite);
    if (finite <= row.error && row.note !== undefined) continue;
    row.error = finite;
    row.note = note;
    row.call = describe(call);
  }
  return kernels;
}

/** The error of a call's outputs over their largest magnitude; null where cpu cannot tell. */
async function compare({ kernelName, attrs, inputs, outputs, failure }) {
  if (failure) return { error: Infinity, note: failure };
  const cpu = new MathBackendCPU();
  let expected;
  try {
    const copies = await mapInfosLater(inputs, async (info) => copy(cpu, info, await info.backend.read(info.dataId)));
    expected = asList(getKernel(kernelName, 'cpu').kernelFunc({ inputs: copies, attrs, backend: cpu }));
  } catch (error) {
    return { error: null, note: `cpu: ${error.message}` };
  }
  const found = asList(outputs);
  let worst = { error: 0, note: '' };
  for (const [index, wanted] of expected.entries()) {
    const got = found[index];
    if (!got || String(got.shape) !== String(wanted.shape)) return { error: Infinity, note: `shape [${got?.shape}] instead of [${wanted.shape}]` };
    if (wanted.dtype === 'string') continue;
    const one = difference(await got.backend.read(got.dataId), cpu.readSync(wanted.dataId));
    if (one.error > worst.error) worst = one;
  }
  return worst;
}

function difference(got, wanted) {
  let largest = 0;
  let magnitude = 0;
  let where = 0;
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [Number(got[index]), Number(wanted[index])];
    if (Number.isFinite(b)) magnitude = Math.max(magnitude, Math.abs(b));
    if (Object.is(a, b) || a === b) continue;
    const distance = Number.isFinite(a - b) ? Math.abs(a - b) : Infinity;
    if (distance > largest) [largest, where] = [distance, index];
  }
  return { error: largest / (magnitude || 1), note: `${got[where]} instead of ${wanted[where]}` };
}

function copy(cpu, { shape, dtype }, values) {
  if (dtype !== 'complex64') return cpu.makeTensorInfo(shape, dtype, values);
  const [real, imag] = [0, 1].map((part) => Float32Array.from({ length: values.length / 2 }, (_, index) => values[2 * index + part]));
  return complex({ inputs: { real: cpu.makeTensorInfo(shape, 'float32', real), imag: cpu.makeTensorInfo(shape, 'float32', imag) }, backend: cpu });
}

function describe({ attrs, inputs }) {
  const shapes = Object.entries(inputs).map(([name, info]) => (info ? `${name} ${info.dtype ?? ''}[${info.shape ?? ''}]` : ''));
  return `${shapes.filter(Boolean).join(', ')} ${JSON.stringify(attrs ?? {})}`.slice(0, LONGEST);
}

/** Kernels that are right for pictures may be wrong for volumes. */
function highestRank(inputs) {
  let rank = 0;
  mapInfos(inputs, ({ shape }) => (rank = Math.max(rank, shape.length)));
  return rank;
}

const asList = (infos) => (Array.isArray(infos) ? infos : [infos]);

/** Of one tensor's info, a list or a record of them; what is not there stays so. */
function mapInfos(infos, change) {
  if (infos == null) return infos;
  if (infos.dataId) return change(infos);
  if (Array.isArray(infos)) return infos.map((info) => mapInfos(info, change));
  return Object.fromEntries(Object.entries(infos).map(([name, info]) => [name, mapInfos(info, change)]));
}

async function mapInfosLater(infos, change) {
  if (infos == null) return infos;
  if (infos.dataId) return change(infos);
  if (Array.isArray(infos)) return Promise.all(infos.map((info) => mapInfosLater(info, change)));
  const changed = Object.entries(infos).map(async ([name, info]) => [name, await mapInfosLater(info, change)]);
  return Object.fromEntries(await Promise.all(changed));
}

Object.assign(globalThis, { tfjsDemoEngine: Engine, tfjsDemoAudit: { begin, finish } });
