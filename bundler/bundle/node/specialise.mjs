// TF.js cut down to what one graph needs.
//
// The converter's executors are switches over every TensorFlow op, and hand
// the whole of tfjs-core's ops around as one namespace object, so no bundler
// can drop anything by itself. Here the switches are cut down to the ops of
// the graph and the namespace is resolved to single imports.
import { join } from 'node:path';
import { OPS } from './ops.mjs';
import { repair } from './repairs.mjs';
import { CORE } from './request.mjs';
import { applyEdits, memoize, parse, read, walk } from './syntax.mjs';

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
export function dropGradients(source) {
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

/** A module of TF.js cut down to what a graph with the request's ops needs. */
export const specialise = memoize((path) => {
  const file = path.replaceAll('\\', '/');
  let source = read(path);
  if (/\/executors\/\w+_executor\.js$/.test(file)) source = specialiseExecutor(source, OPS, operations());
  else if (/\/op_list\/\w+\.js$/.test(file)) source = specialiseOpList(source, OPS);
  else if (/tfjs-core\/dist\/ops\//.test(file)) source = dropGradients(source);
  return splitCoreImports(repair(file, source));
});
