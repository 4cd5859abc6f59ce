// The modules that the engine imports as "tfjs-demo:…": what is registered for one graph.
import { basename, join } from 'node:path';
import { borrowedKernels, rightKernels, withHelpers } from './kernels.mjs';
import { LAYERS_OP, OPS, makesEmpty, ownOps } from './ops.mjs';
import { CORE, TENSORFLOW, request } from './request.mjs';

/** The text of one of them; `entries` by name, `kernels` are those that the graph can call. */
export function generate(path, { entries, kernels }) {
  if (path === 'tfjs-demo:layers') return layersModule();
  if (path === 'tfjs-demo:ops') return opsModule();
  const name = basename(path);
  if (path.startsWith('tfjs-demo:backend/')) return backendModule(name, kernels);
  const { module, backends } = entries.get(name);
  return path.startsWith('tfjs-demo:entry/') ? entryModule(name, module) : backendsModule(backends, kernels);
}

/** What a file starts with: its backends are there before what uses them. */
const entryModule = (name, module) => `import 'tfjs-demo:backends/${name}';\nexport * from ${JSON.stringify(module)};`;

function backendModule(backend, kernels) {
  const known = rightKernels(backend);
  const present = new Map(withHelpers(kernels, known).map((name) => [name, known.get(name)]));
  const borrowed = borrowedKernels(backend, kernels);
  const base = join(TENSORFLOW, `tfjs-backend-${backend}`, 'dist', 'base.js');
  const plain = [...present].filter(([name]) => !borrowed.includes(name)).map(([, [config]]) => config);
  const borrow = (name) => {
    const conditions = JSON.stringify(request.wrongKernels[backend][name] ?? [{}]);
    const own = present.has(name) ? `, ${present.get(name)[0]}` : '';
    return `registerKernel(borrowKernel('${backend}', '${name}', ${conditions}${own}));`;
  };
  return [
    `export * from ${JSON.stringify(base)};`,
    `import { registerKernel } from ${JSON.stringify(join(CORE, 'kernel_registry.js'))};`,
    `import { borrowKernel } from "templates/runtime/engine/execute.js";`,
    ...[...present.values()].map(([config, module]) => `import { ${config} } from ${JSON.stringify(module)};`),
    `for (const kernel of [${plain.join(', ')}]) registerKernel(kernel);`,
    `export const borrowed = ${JSON.stringify(borrowed)};`,
    ...borrowed.map(borrow),
  ].join('\n');
}

/** Registers the own ops. */
function opsModule() {
  const names = ownOps();
  return [
    `export const ownOps = new Set(${JSON.stringify(names)});`,
    `export const makesEmpty = ${makesEmpty()};`,
    `import { registerOp } from ${JSON.stringify(join(TENSORFLOW, 'tfjs-converter', 'dist', 'operations', 'custom_op', 'register.js'))};`,
    ...names.map((name) => `import ${name} from "templates/ops/${name}.js";`),
    ...names.map((name) => `registerOp('${name}', ${name});`),
  ].join('\n');
}

/** The backends of a file, and the cpu backend where one of them borrows from it. */
function backendsModule(backends, kernels) {
  const borrows = (backend) => backend === 'webgpu' || makesEmpty() || borrowedKernels(backend, kernels).length > 0;
  const all = new Set(backends.some((backend) => backend !== 'cpu' && borrows(backend)) ? ['cpu', ...backends] : backends);
  const imports = [...all].map((backend) => `import * as ${backend} from 'tfjs-demo:backend/${backend}';`);
  const slot = `import { backends } from 'templates/runtime/engine/backends.js';`;
  return [slot, ...imports, `Object.assign(backends, { ${[...all].join(', ')} });`].join('\n');
}

/** What loads the layers model; nothing in other pages. */
const layersModule = () => (OPS.has(LAYERS_OP) ? 'export { loadLayers } from "templates/runtime/engine/layers.js";' : 'export const loadLayers = undefined;');
