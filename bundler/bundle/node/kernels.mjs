// Which kernels a bundle can call, and which of them each backend has, lacks or gets wrong.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OPS } from './ops.mjs';
import { CORE, TENSORFLOW, request } from './request.mjs';
import { dropGradients } from './specialise.mjs';
import { memoize, read } from './syntax.mjs';

/** Kernel name -> [export, module] for every kernel that a backend's package has. */
const readKernels = memoize((backend) => {
  const names = new Map();
  for (const [, name, value] of read(join(CORE, 'kernel_names.js')).matchAll(/export const (\w+) = '(\w+)';/g)) names.set(name, value);
  const folder = join(TENSORFLOW, `tfjs-backend-${backend}`, 'dist', 'kernels');
  const kernels = new Map();
  for (const file of readdirSync(folder).filter((file) => /^[^.]+\.js$/.test(file) && !file.endsWith('_test.js'))) {
    const source = read(join(folder, file));
    const config = /export const (\w+Config) =/.exec(source)?.[1];
    const name = /kernelName: '?(\w+)/.exec(source)?.[1] ?? /= create\w+KernelConfig\((\w+)/.exec(source)?.[1];
    if (config && name) kernels.set(names.get(name) ?? name, [config, join(folder, file)]);
  }
  return kernels;
});

const COMPLEX_OPS = ['Complex', 'FFT', 'IFFT', 'RFFT', 'IRFFT'];

/** The kernels that the tfjs-core code in a bundle can call, read off that code. */
export function calledKernels(metafile) {
  const called = new Set();
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  for (const [path, { bytesInOutput }] of inputs) {
    if (bytesInOutput === 0 || !path.includes('tfjs-core/dist/')) continue;
    for (const [, name] of dropGradients(read(join(request.packages, path))).matchAll(/runKernel\(\s*'?(\w+)/g)) called.add(name);
  }
  called.delete('kernelName');
  // Some ops have a branch for complex tensors, which only these ops of a graph can make.
  if (!COMPLEX_OPS.some((name) => OPS.has(name))) {
    for (const name of ['Complex', 'ComplexAbs', 'Imag', 'Real']) called.delete(name);
  }
  return called;
}

/**
 * Adds the kernels whose functions other kernels call and that have to be set
 * up by registration, as those of wasm.
 */
export function withHelpers(kernels, known) {
  const byModule = new Map([...known].map(([name, [, module]]) => [module, name]));
  const all = new Set([...kernels].filter((name) => known.has(name)));
  const waiting = [...all].map((name) => known.get(name)[1]);
  const seen = new Set();
  while (waiting.length) {
    const module = waiting.pop();
    if (seen.has(module)) continue;
    seen.add(module);
    const source = read(module);
    if (byModule.has(module) && /setupFunc|KernelConfig\(/.test(source)) all.add(byModule.get(module));
    for (const [, imported] of source.matchAll(/from '\.\/(\w+)';/g)) waiting.push(join(dirname(module), imported + '.js'));
  }
  return [...all].sort();
}

/** The kernels of a backend, without those that are wrong whatever their inputs. */
export const rightKernels = memoize((backend) => {
  const wrong = request.wrongKernels[backend];
  const always = (name) => wrong[name]?.some((condition) => Object.keys(condition).length === 0);
  return new Map([...readKernels(backend)].filter(([name]) => !always(name)));
});

/** The kernels that a backend borrows from the cpu backend, at least for some inputs. */
export function borrowedKernels(backend, kernels) {
  const wrong = request.wrongKernels[backend];
  return [...kernels].filter((name) => rightKernels('cpu').has(name) && (name in wrong || !rightKernels(backend).has(name))).sort();
}
