// Words in the page's scripts that no text() or count() says. Reads { acorn, scripts } from standard
// input, sources by their names; prints a line for each. What is thrown is for developers.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { acorn: place, scripts } = JSON.parse(readFileSync(0, 'utf8'));
const acorn = createRequire(place)('acorn');
const WORDS = /[A-Za-z’]{2,} [a-z]{2,}/;
const OTHER = /^[#.[]|[<{]/; // selectors, markup, style sheets

const says = ({ type, callee }) => type === 'NewExpression' || (type === 'CallExpression' && ['text', 'count'].includes(callee.name));

function walk(node, tell) {
  if (!node || typeof node.type !== 'string' || says(node)) return;
  const words = node.type === 'TemplateElement' ? node.value.raw : node.type === 'Literal' && typeof node.value === 'string' ? node.value : '';
  if (WORDS.test(words) && !OTHER.test(words.trim())) tell(node, words);
  for (const child of Object.values(node).flat()) walk(child, tell);
}

for (const [name, source] of Object.entries(scripts)) {
  const tree = acorn.parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  walk(tree, ({ loc }, words) => console.log(`${name}:${loc.start.line}: no text() says ${JSON.stringify(words)}`));
}
