// The engine: TF.js with just the ops and kernels that one graph needs, a file for each backend.
//
// What esbuild keeps of a first bundle without backends tells which kernels
// can be called, and only those are registered for each backend.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OPTIONS, templates } from './build.mjs';
import { generate } from './generated.mjs';
import { borrowedKernels, calledKernels, rightKernels } from './kernels.mjs';
import { LAYERS_OP, OPS, unknownOps } from './ops.mjs';
import { repair } from './repairs.mjs';
import { TENSORFLOW, esbuild, request } from './request.mjs';
import { specialise } from './specialise.mjs';
import { read } from './syntax.mjs';

/** esbuild plug-in: TF.js as one graph needs it. */
function tfjs(needed) {
  return {
    name: 'tfjs',
    setup(build) {
      build.onResolve({ filter: /^tfjs-demo:/ }, ({ path }) => ({ path, namespace: 'generated' }));
      build.onLoad({ filter: /.*/, namespace: 'generated' }, ({ path }) => ({
        contents: generate(path, needed),
        resolveDir: request.packages,
      }));
      // Threads need cross-origin isolation, which a plain static host cannot send; their script
      // is a file of its own (bundleThreads).
      build.onResolve({ filter: request.threads ? /threaded-simd\.worker/ : /tfjs-backend-wasm-threaded-simd/ }, () => ({ path: 'threads', namespace: 'absent' }));
      build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'export const wasmWorkerContents = ""; export default () => {};' }));
      // Resolved by esbuild from the full path, as imports within the packages are: which of two
      // ways came first would else decide whether a module has side effects.
      build.onResolve({ filter: /^@tensorflow\// }, async ({ path, kind }) => {
        const module = path === '@tensorflow/tfjs-core' ? join(path, 'dist', 'base.js') : path;
        const file = join(request.packages, 'node_modules', module);
        const found = await build.resolve(file.endsWith('.js') ? file : file + '.js', { kind, resolveDir: request.packages });
        // Layers are registered by importing them, whatever the package says of side effects.
        return path.startsWith('@tensorflow/tfjs-layers/') ? { ...found, sideEffects: true } : found;
      });
      build.onLoad({ filter: /[\\/]tfjs-[a-z-]+[\\/](dist|wasm-out)[\\/].*\.js$/ }, ({ path }) => ({ contents: specialise(path) }));
    },
  };
}

/**
 * Every entry as one file: a worker that had to ask for a second one would start a round trip later.
 * All in one go: their modules are nearly the same, and are read once.
 */
export async function bundle({ entries }) {
  const build = (entries, kernels, more) => {
    const entryPoints = entries.map(({ name }) => ({ in: `tfjs-demo:entry/${name}`, out: name }));
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    return esbuild.build({ ...OPTIONS, format: 'iife', ...more, entryPoints, plugins: [templates, tfjs({ entries: byName, kernels })] });
  };
  const modules = [...new Set(entries.map(({ module }) => module))];
  const surveyed = modules.map((module, index) => ({ name: `survey-${index}`, module, backends: [] }));
  const kernels = calledKernels((await build(surveyed, new Set(), { write: false, minify: false })).metafile);
  const { outputs } = (await build(entries, kernels)).metafile;
  const made = new Map(Object.entries(outputs).map(([file, { entryPoint }]) => [basename(entryPoint), basename(file)]));
  const files = entries.map(({ name }) => made.get(name));
  const whole = (backend) => borrowedKernels(backend, kernels).filter((name) => !rightKernels(backend).has(name));
  const backends = entries.flatMap((entry) => entry.backends);
  // tfjs-layers can call any kernel; which ones a model needs shows when it runs.
  const missing = OPS.has(LAYERS_OP) ? [] : [...kernels].filter((name) => !rightKernels('cpu').has(name)).sort();
  return {
    files,
    entries: Object.fromEntries(entries.map(({ name }, index) => [name, files[index]])),
    kernels: [...kernels].sort(),
    borrowed: Object.fromEntries(backends.map((backend) => [backend, whole(backend)])),
    missing,
    unknown: unknownOps(OPS),
    threads: request.threads ? await bundleThreads(request) : null,
  };
}

/** What each of wasm's further threads runs, a classic script: TF.js's module, and what starts it. */
async function bundleThreads({ outdir }) {
  const folder = join(TENSORFLOW, 'tfjs-backend-wasm', 'wasm-out');
  const [main, holder] = ['.js', '.worker.js'].map((end) => join(folder, 'tfjs-backend-wasm-threaded-simd' + end));
  const exported = new Function('module', `${read(holder)}; return module.exports.wasmWorkerContents;`)({ exports: {} });
  // As TF.js does itself: the line ends within its strings have become real ones.
  const code = `var exports, module;\n${specialise(main)}\n${repair(holder, exported.replaceAll('\n', '\\n'))}`;
  const built = await esbuild.transform(code, { minify: true, legalComments: 'none' });
  const name = `threads-${createHash('sha256').update(built.code).digest('hex').slice(0, 8)}.js`;
  writeFileSync(join(outdir, name), built.code);
  return name;
}
