// Bundles TF.js with just the ops and kernels that one graph needs, or the
// page's own script and style.
//
// Reads a request (JSON) from standard input and prints a result (JSON):
//
//   { kind: "engine", packages, templates, outdir, entries: [{ name, module, backends }], ops, wrongKernels, threads }  ->
//   { files, entries, kernels, borrowed, missing, unknown, threads }
//   { kind: "page", packages, templates, outdir, script, early, gate, embed, style, texts, own, ownStyles }  ->
//   { script, early, gate, embed, style, files, warnings }
//
// The converter's executors are switches over every TensorFlow op, and hand
// the whole of tfjs-core's ops around as one namespace object, so no bundler
// can drop anything by itself. Here the switches are cut down to the ops of
// the graph and the namespace is resolved to single imports; what esbuild then
// keeps of tfjs-core tells which kernels can be called, and only those are
// registered for each backend.
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { own, sheets, told } from './own.mjs';
import { repair } from './repairs.mjs';
import * as texts from './texts.mjs';

const request = JSON.parse(readFileSync(0, 'utf8'));
const require = createRequire(pathToFileURL(join(request.packages, 'package.json')));
const esbuild = require('esbuild');
const acorn = require('acorn');
const TENSORFLOW = join(request.packages, 'node_modules', '@tensorflow');
const OPS = new Set(request.ops);
// Files of templates/ops/ that are no helpers are named like their op.
const OWN_OPS = new Set(readdirSync(join(request.templates, 'ops')).filter((file) => /^[A-Z]/.test(file)).map((file) => file.replace(/\.js$/, '')));
// Stands for the whole layers model in the graph of a layers page.
const LAYERS_OP = 'TfjsDemoLayers';
const CORE = join(TENSORFLOW, 'tfjs-core', 'dist');

const parse = (source) => acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module' });

/** Calls visit(node, parent) for every node below and including node. */
function walk(node, visit, parent = null) {
  if (!node || typeof node.type !== 'string') return;
  visit(node, parent);
  for (const key of Object.keys(node)) {
    const child = node[key];
    if (Array.isArray(child)) child.forEach((item) => walk(item, visit, node));
    else if (child && typeof child.type === 'string') walk(child, visit, node);
  }
}

/** Applies [start, end, text] edits to source. */
function applyEdits(source, edits) {
  for (const [start, end, text] of edits.sort((a, b) => b[0] - a[0])) {
    source = source.slice(0, start) + text + source.slice(end);
  }
  return source;
}

/** A file without its source map, which is most of it; read once. */
const read = memoize((path) => {
  const source = readFileSync(path, 'utf8');
  const end = source.lastIndexOf('\n//# sourceMappingURL=');
  return end < 0 ? source : source.slice(0, end + 1);
});

function memoize(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

const operations = memoize(readOperations);

/** Maps "relu" or "image.resizeBilinear" to [name of the export, its module]. */
function readOperations() {
  const operations = new Map();
  const add = (prefix, name, module) => operations.set(prefix + name, [name, join(CORE, 'ops', module)]);
  const namespaces = new Map();
  const imported = new Map();
  const tree = parse(read(join(CORE, 'ops', 'ops.js')));
  for (const node of tree.body) {
    const module = node.source?.value;
    if (node.type === 'ExportNamedDeclaration' && module) {
      for (const { exported } of node.specifiers) add('', exported.name, module + '.js');
    } else if (node.type === 'ExportAllDeclaration') {
      for (const name of exportedNames(join(CORE, 'ops', module + '.js'))) add('', name, module + '.js');
    } else if (node.type === 'ImportDeclaration') {
      for (const { type, local } of node.specifiers) {
        if (type === 'ImportNamespaceSpecifier') namespaces.set(local.name, module);
        else imported.set(local.name, module);
      }
    } else if (node.type === 'VariableDeclaration') {
      const [{ id, init }] = node.declarations;
      for (const { key } of init.properties) add(id.name + '.', key.name, imported.get(key.name) + '.js');
    }
  }
  for (const [namespace, module] of namespaces) {
    const tree = parse(read(join(CORE, 'ops', module + '.js')));
    for (const node of tree.body.filter((node) => node.type === 'ImportDeclaration')) {
      for (const { local } of node.specifiers) add(namespace + '.', local.name, node.source.value + '.js');
    }
  }
  return operations;
}

function exportedNames(path) {
  const names = [];
  for (const node of parse(read(path)).body) {
    if (node.type !== 'ExportNamedDeclaration') continue;
    names.push(...node.specifiers.map(({ exported }) => exported.name));
    if (node.declaration?.id) names.push(node.declaration.id.name);
    names.push(...(node.declaration?.declarations ?? []).map(({ id }) => id.name));
  }
  return names;
}

/** Cuts an executor's switch down to `ops`, and imports each tfjs-core op by itself. */
function specialiseExecutor(source, ops, operations) {
  const tree = parse(source);
  const edits = [];
  const imports = new Map();
  const dropped = [];
  walk(tree, (node) => {
    if (node.type !== 'SwitchStatement' || source.slice(node.discriminant.start, node.discriminant.end) !== 'node.op') return;
    let labels = [];
    node.cases.forEach((option, index) => {
      labels.push(option);
      if (option.consequent.length === 0 && index + 1 < node.cases.length) return;
      const kept = labels.some(({ test }) => test === null || ops.has(test.value));
      if (!kept) dropped.push([labels[0].start, option.end]);
      labels = [];
    });
  });
  const isDropped = (node) => dropped.some(([start, end]) => node.start >= start && node.end <= end);
  walk(tree, (node, parent) => {
    if (isDropped(node)) return;
    if (node.type === 'AssignmentPattern' && node.left.name === 'ops') {
      edits.push([source.lastIndexOf(',', node.start), node.end, '']);
    }
    if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier' || node.object.name !== 'ops') return;
    const first = node.property.name;
    const whole = operations.has(first) ? node : parent;
    const path = operations.has(first) ? first : `${first}.${parent.property.name}`;
    const [name, module] = operations.get(path) ?? fail(`tfjs-core exports no op ${path}`);
    const local = 'op_' + path.replace('.', '_');
    imports.set(local, `import { ${name} as ${local} } from ${JSON.stringify(module)};\n`);
    edits.push([whole.start, whole.end, local]);
  });
  edits.push(...dropped.map(([start, end]) => [start, end, '']));
  return [...imports.values()].join('') + applyEdits(source, edits);
}

/** Keeps the rows of an op list that describe `ops`. */
function specialiseOpList(source, ops) {
  const edits = [];
  walk(parse(source), (node) => {
    if (node.type !== 'ObjectExpression') return;
    const name = node.properties.find(({ key }) => (key.value ?? key.name) === 'tfOpName');
    if (name && !ops.has(name.value.value)) {
      const end = source[node.end] === ',' ? node.end + 1 : node.end;
      edits.push([node.start, end, '']);
    }
  });
  return applyEdits(source, edits);
}

/** A page never trains: gradient closures would keep the kernels that they call. */
function dropGradients(source) {
  if (!/\bgrad\w* = \(/.test(source)) return source;
  const edits = [];
  walk(parse(source), (node) => {
    if (node.type !== 'VariableDeclarator' || !/^grad/.test(node.id.name ?? '')) return;
    if (node.init?.type === 'ArrowFunctionExpression') edits.push([node.init.start, node.init.end, '() => {}']);
  });
  return applyEdits(source, edits);
}

const NAMESPACES = (() => {
  const modules = new Map();
  for (const node of parse(read(join(CORE, 'base.js'))).body) {
    if (node.type !== 'ImportDeclaration') continue;
    const [specifier] = node.specifiers;
    if (specifier.type === 'ImportNamespaceSpecifier') modules.set(specifier.local.name, join(CORE, node.source.value + '.js'));
  }
  return modules;
})();

/** Imports tfjs-core's nested namespaces (util, backend_util, ...) from their modules, so that unused members go. */
function splitCoreImports(source) {
  source = source.replace(/import \* as tfc from '@tensorflow\/tfjs-core';/, `import * as tfc from ${JSON.stringify(join(CORE, 'base.js'))};`);
  return source.replace(/import \{([^}]*)\} from '@tensorflow\/tfjs-core';/g, (_, list) => {
    const names = list.split(',').map((name) => name.trim()).filter(Boolean);
    const spaces = names.filter((name) => NAMESPACES.has(name));
    const others = names.filter((name) => !NAMESPACES.has(name));
    const lines = spaces.map((name) => `import * as ${name} from ${JSON.stringify(NAMESPACES.get(name))};`);
    if (others.length) lines.push(`import { ${others.join(', ')} } from ${JSON.stringify(join(CORE, 'base.js'))};`);
    return lines.join(' ');
  });
}

function fail(message) {
  throw new Error(message);
}

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
function calledKernels(metafile) {
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
function withHelpers(kernels, known) {
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
const rightKernels = memoize((backend) => {
  const wrong = request.wrongKernels[backend];
  const always = (name) => wrong[name]?.some((condition) => Object.keys(condition).length === 0);
  return new Map([...readKernels(backend)].filter(([name]) => !always(name)));
});

/** The kernels that a backend borrows from the cpu backend, at least for some inputs. */
function borrowedKernels(backend, kernels) {
  const wrong = request.wrongKernels[backend];
  return [...kernels].filter((name) => rightKernels('cpu').has(name) && (name in wrong || !rightKernels(backend).has(name))).sort();
}

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

/** The tool's own ops that the graph has. */
const ownOps = () => [...OWN_OPS].filter((name) => OPS.has(name)).sort();

// What they answer may be nothing: masks that keep nothing, pictures in which nothing is found.
const SELECTING = ['Where', 'NonMaxSuppressionV2', 'NonMaxSuppressionV3', 'Unique', 'UniqueV2', 'ListDiff'];
/** Whether the graph makes tensors without elements, which other backends than cpu cannot handle. */
const makesEmpty = () => ownOps().length > 0 || SELECTING.some((name) => OPS.has(name));

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
  return [...imports, `export const backends = { ${[...all].join(', ')} };`].join('\n');
}

/** What loads the layers model; nothing in other pages. */
const layersModule = () => (OPS.has(LAYERS_OP) ? 'export { loadLayers } from "templates/runtime/engine/layers.js";' : 'export const loadLayers = undefined;');

/** A module of TF.js cut down to what a graph with the request's ops needs. */
const specialise = memoize((path) => {
  const file = path.replaceAll('\\', '/');
  let source = read(path);
  if (/\/executors\/\w+_executor\.js$/.test(file)) source = specialiseExecutor(source, OPS, operations());
  else if (/\/op_list\/\w+\.js$/.test(file)) source = specialiseOpList(source, OPS);
  else if (/tfjs-core\/dist\/ops\//.test(file)) source = dropGradients(source);
  return splitCoreImports(repair(file, source));
});

/** esbuild plug-in: TF.js as one graph needs it. */
function tfjs({ backends, kernels }) {
  const generate = (path) => {
    if (path === 'tfjs-demo:backends') return backendsModule(backends, kernels);
    if (path === 'tfjs-demo:layers') return layersModule();
    return path === 'tfjs-demo:ops' ? opsModule() : backendModule(basename(path), kernels);
  };
  return {
    name: 'tfjs',
    setup(build) {
      build.onResolve({ filter: /^tfjs-demo:/ }, ({ path }) => ({ path, namespace: 'generated' }));
      build.onLoad({ filter: /.*/, namespace: 'generated' }, ({ path }) => ({
        contents: generate(path),
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
 * esbuild plug-in: the tool's own modules, named by their place in templates/.
 *
 * esbuild's hashes take in the modules' names, so the names of the output would
 * change with the folder that the tool is installed in.
 */
const templates = {
  name: 'templates',
  setup(build) {
    const place = (path) => ({ path: path.replaceAll('\\', '/'), namespace: 'templates' });
    build.onResolve({ filter: /^templates\// }, ({ path }) => place(path.slice('templates/'.length)));
    build.onResolve({ filter: /^\.\.?\//, namespace: 'templates' }, ({ path, importer }) => place(join(dirname(importer), path)));
    build.onLoad({ filter: /.*/, namespace: 'templates' }, ({ path }) => ({ contents: readOwn(path), resolveDir: request.packages }));
  },
};

/** A module of templates/; those of a page with the words of its language. */
function readOwn(path) {
  const source = readFileSync(join(request.templates, path), 'utf8');
  if (!request.texts) return source;
  return path === texts.MODULE ? texts.rules(source, request.texts) : texts.inlined(source, request.texts, { parse, walk, applyEdits });
}

const OPTIONS = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  // The oldest browsers that the page supports (README): what they lack is written otherwise.
  target: ['chrome94', 'firefox102', 'safari15.4'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'silent',
  absWorkingDir: request.packages,
  nodePaths: [join(request.packages, 'node_modules')],
  outdir: request.outdir,
  entryNames: '[name]-[hash]',
};

/** Every entry as one file: a worker that had to ask for a second one would start a round trip later. */
async function bundleEngine({ entries }) {
  const build = ({ name, module }, plugin, more) =>
    esbuild.build({ ...OPTIONS, format: 'iife', ...more, entryPoints: [{ in: module, out: name }], plugins: [templates, plugin] });
  const plain = tfjs({ backends: [], kernels: new Set() });
  const modules = [...new Set(entries.map(({ module }) => module))];
  const surveys = await Promise.all(modules.map((module) => build({ name: 'survey', module }, plain, { write: false, minify: false })));
  const kernels = new Set(surveys.flatMap(({ metafile }) => [...calledKernels(metafile)]));
  const built = await Promise.all(entries.map((entry) => build(entry, tfjs({ backends: entry.backends, kernels }))));
  const files = built.map(({ metafile }) => basename(Object.keys(metafile.outputs)[0]));
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

/** The ops that neither the converter's lists nor templates/ops/ have. */
function unknownOps(ops) {
  const folder = join(TENSORFLOW, 'tfjs-converter', 'dist', 'operations', 'op_list');
  const lists = readdirSync(folder).filter((file) => /^\w+\.js$/.test(file));
  const known = new Set(lists.flatMap((file) => [...read(join(folder, file)).matchAll(/'tfOpName': '(\w+)'/g)].map(([, name]) => name)));
  return [...ops].filter((name) => !known.has(name) && !OWN_OPS.has(name) && name !== LAYERS_OP).sort();
}

async function bundlePage({ script, early, gate, embed, style, ownStyles }) {
  const files = new Set();
  const warned = [];
  const build = async (contents, loader, { plugins = [], ...more } = {}) => {
    const stdin = { contents, loader, sourcefile: `page.${loader}` };
    const names = { entryNames: 'page-[hash]', assetNames: '[name]-[hash]', publicPath: 'assets' };
    const { metafile, warnings } = await esbuild.build({ ...OPTIONS, ...names, ...more, stdin, plugins: [own(request), ...plugins, templates] });
    warned.push(...told(warnings));
    const outputs = Object.entries(metafile.outputs);
    const [made] = outputs.find(([, { entryPoint }]) => entryPoint);
    for (const [path] of outputs) if (path !== made) files.add(basename(path));
    return basename(made);
  };
  const buildStyle = () => {
    if (!ownStyles.length) return build(style, 'css');
    const { contents, plugin } = sheets(style, ownStyles);
    return build(contents, 'css', { plugins: [plugin] });
  };
  const classic = { format: 'iife' };
  return {
    script: await build(script, 'js'),
    early: await build(early, 'js', classic),
    gate: await build(gate, 'js', { ...classic, target: 'es5' }),
    embed: await build(embed, 'js', classic),
    style: await buildStyle(),
    files: [...files],
    warnings: warned,
  };
}

try {
  const bundle = request.kind === 'engine' ? bundleEngine : bundlePage;
  process.stdout.write(JSON.stringify(await bundle(request)));
} catch (error) {
  // esbuild's own text names file, line and column.
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
