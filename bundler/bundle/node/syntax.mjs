// JavaScript as a tree, and changes of it; the sources of packages, each read once.
import { readFileSync } from 'node:fs';
import { acorn } from './request.mjs';

export const parse = (source) => acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module' });

/** Calls visit(node, parent) for every node below and including node. */
export function walk(node, visit, parent = null) {
  if (!node || typeof node.type !== 'string') return;
  visit(node, parent);
  for (const key of Object.keys(node)) {
    const child = node[key];
    if (Array.isArray(child)) child.forEach((item) => walk(item, visit, node));
    else if (child && typeof child.type === 'string') walk(child, visit, node);
  }
}

/** Applies [start, end, text] edits to source. */
export function applyEdits(source, edits) {
  for (const [start, end, text] of edits.sort((a, b) => b[0] - a[0])) {
    source = source.slice(0, start) + text + source.slice(end);
  }
  return source;
}

export function memoize(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

/** A file without its source map, which is most of it; read once. */
export const read = memoize((path) => {
  const source = readFileSync(path, 'utf8');
  const end = source.lastIndexOf('\n//# sourceMappingURL=');
  return end < 0 ? source : source.slice(0, end + 1);
});
