// Names what the page's scripts and style sheets use above the floor of supported browsers without
// a test for it, by MDN's browser-compat-data.
//
// Reads { data, acorn, scripts: { name: text }, styles: { name: text }, progressive: { name: why } }
// from standard input and prints a finding a line.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const request = JSON.parse(readFileSync(0, 'utf8'));
const { parse } = createRequire(request.acorn)('acorn');
const { api, css, javascript } = JSON.parse(readFileSync(request.data, 'utf8'));
const FLOOR = { chrome: 94, firefox: 102, safari: 15.4 };

/** Whether a feature is there from the floor on, without prefix or flag. */
function isOld(feature) {
  const support = feature?.__compat?.support;
  if (!support) return true;
  return Object.entries(FLOOR).every(([browser, floor]) =>
    [support[browser] ?? []].flat().some((one) => {
      const plain = !one.prefix && !one.flags && !one.alternative_name && !one.version_removed;
      return plain && parseFloat(String(one.version_added).replace('≤', '')) <= floor;
    }),
  );
}

/** Name of a member -> its features on all interfaces. */
const members = new Map();
const globals = new Map();
for (const table of [api, javascript.builtins]) {
  for (const [name, feature] of Object.entries(table)) {
    globals.set(name, [...(globals.get(name) ?? []), feature]);
    for (const [member, one] of Object.entries(feature)) {
      const plain = member.replace(/_static$/, '');
      if (one?.__compat && /^[A-Za-z]\w*$/.test(plain) && !member.endsWith('_event')) members.set(plain, [...(members.get(plain) ?? []), one]);
    }
  }
}
const isNew = (table, name) => table.has(name) && !table.get(name).some(isOld);

function walk(node, visit, parents = []) {
  if (!node || typeof node.type !== 'string') return;
  visit(node, parents);
  for (const value of Object.values(node)) for (const child of [value].flat()) walk(child, visit, [...parents, node]);
}

/** What the scripts define themselves: whoever calls it so may mean that. */
function defined(tree, names) {
  walk(tree, (node) => {
    if (['Property', 'MethodDefinition', 'PropertyDefinition'].includes(node.type)) names.add(node.key.name ?? node.key.value);
  });
  return names;
}

/** What a script tests for, or has as a name of its own. */
function known(tree) {
  const names = new Set();
  walk(tree, (node) => {
    if (node.type === 'BinaryExpression' && node.operator === 'in') names.add(node.left.value);
    if (node.type === 'UnaryExpression' && node.operator === 'typeof') names.add(node.argument.name ?? node.argument.property?.name);
    if (node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration') names.add(node.id?.name);
    if (node.type.endsWith('Specifier')) names.add(node.local.name);
    if (node.type === 'MemberExpression' && node.optional) names.add(node.property.name).add(node.object.name ?? node.object.property?.name);
    if (node.type === 'CallExpression' && node.optional) names.add(node.callee.name ?? node.callee.property?.name);
    // `if (name)`, `!name`, `name ?? …`: asked before it is used.
    for (const test of [node.test, node.operator === '!' && node.argument, node.type === 'LogicalExpression' && node.left]) {
      if (test) names.add(test.name ?? test.property?.name);
    }
  });
  return names;
}

const trees = Object.entries(request.scripts).map(([name, text]) => [name, parse(text, { ecmaVersion: 'latest', sourceType: 'module' })]);
const own = trees.reduce((names, [, tree]) => defined(tree, names), new Set());

function inScript(name, tree) {
  const names = known(tree);
  const found = new Set();
  walk(tree, (node, parents) => {
    const parent = parents.at(-1);
    const tried = parents.some((one, index) => one.type === 'TryStatement' && one.block === (parents[index + 1] ?? node));
    const member = node.type === 'MemberExpression' && !node.computed && node.property.name;
    const global = node.type === 'Identifier' && !(parent?.type === 'MemberExpression' && parent.property === node) && node.name;
    const made = node.type === 'NewExpression' && node.callee.name;
    if (made && !tried && !names.has(made) && !isOld(api[made]?.[made])) found.add(made);
    // Of what was asked for, all is there.
    if (member && names.has(node.object.name)) return;
    const used = (member && isNew(members, member) && member) || (global && isNew(globals, global) && global);
    if (used && !tried && !names.has(used) && !own.has(used)) found.add(used);
  });
  return [...found].map((used) => `${name}: ${used}`);
}

/** A style sheet's blocks: what is before each declaration or brace. */
function inStyle(name, text) {
  const found = new Set();
  const blocks = [];
  let declared = new Set();
  const supported = () => blocks.some((block) => block.startsWith('@supports'));
  const report = (feature, used) => {
    if (!isOld(feature) && !supported()) found.add(used);
  };
  for (const [, piece, end] of text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{};]*)([{};])/g)) {
    const told = piece.trim();
    if (end === '{') {
      if (!told.startsWith('@supports')) for (const [, pseudo] of told.matchAll(/::?([a-z][-a-z]*)/g)) report(css.selectors[pseudo], `:${pseudo}`);
      for (const [, query] of told.startsWith('@media') ? told.matchAll(/\(([-a-z]+)/g) : []) report(css['at-rules'].media[query], `@media (${query})`);
      blocks.push(told);
      declared = new Set();
      continue;
    }
    const [property, value] = told.split(/:([\s\S]*)/);
    if (value !== undefined && !property.startsWith('--')) report(css.properties[property], property);
    if (value !== undefined && !declared.has(property)) {
      for (const [, unit] of value.matchAll(/\d([a-z]+)\b/g)) report(css.types.length[unit], unit);
      for (const [, kind] of value.matchAll(/\b([a-z-]+)\(/g)) report(css.types.color[kind] ?? css.types[kind], `${kind}()`);
      if (/\(from /.test(value)) report({ __compat: { support: {} } }, 'relative colours');
    }
    declared.add(property);
    if (end === '}') blocks.pop();
  }
  return [...found].map((used) => `${name}: ${used}`);
}

const findings = [
  ...trees.flatMap(([name, tree]) => inScript(name, tree)),
  ...Object.entries(request.styles).flatMap(([name, text]) => inStyle(name, text)),
];
for (const finding of findings) if (!Object.hasOwn(request.progressive, finding.split(': ').at(-1))) console.log(finding);
