// Puts the page's words into its scripts, in the page's language: templates/runtime/page/texts.js
// has what does it where nothing is bundled. A call becomes the text itself, so that a page carries
// its own language's words, just those it uses, and nothing that looks them up.
//
//   text('{loaded} of {total}', { loaded: a, total: b })  ->  `${a} von ${b}`
//   count('{count} row', '{count} rows', n)               ->  [`${n} Zeile`, `${n} Zeilen`][form(n)]
//
// texts: { messages: English -> [the forms in the language], plural, numerals, group }

const FUNCTIONS = ['text', 'count', 'numeral'];
/** What a call becomes may need what its module has not imported. */
const [FORM, NUMERAL] = ['form_of_texts', 'numeral_of_texts'];
const RULE = '(n) => Number(n !== 1)';
const NUMERALS = 'NUMERALS = {}';
const GROUPS = '(\\d{3})*';
const LETTERS = "\n    .replace(/[-.,\\d]/g, (letter) => NUMERALS[letter] ?? letter)";

/** The module in which the language's rules are filled in. */
export const MODULE = 'runtime/page/texts.js';

export function rules(source, { plural, numerals, group }) {
  for (const wanted of [RULE, NUMERALS, GROUPS, LETTERS]) if (!source.includes(wanted)) throw new Error(`${MODULE} has no ${wanted}`);
  return source
    .replace(RULE, `(n) => Number(${plural})`)
    .replace(NUMERALS, `NUMERALS = ${JSON.stringify(numerals)}`)
    .replace(GROUPS, `(\\d{${group}})*`)
    // Some languages write numbers as scripts do.
    .replace(LETTERS, (letters) => (Object.keys(numerals).length ? letters : ''));
}

/** @param source of a script @param tools { parse, walk, applyEdits } of bundle.mjs */
export function inlined(source, texts, { parse, walk, applyEdits }) {
  if (!source.includes('/texts.js')) return source;
  const calls = [];
  const tree = parse(source);
  walk(tree, (node) => {
    const isOurs = node.type === 'CallExpression' && node.callee.type === 'Identifier' && FUNCTIONS.includes(node.callee.name);
    if (isOurs) calls.push(node);
  });
  const isWithin = (inner, { start, end }) => inner.start >= start && inner.end <= end;

  /** The source of a node, what is called within it in place. */
  const write = (node) => {
    if (calls.includes(node)) return replace(node);
    const inner = calls.filter((call) => isWithin(call, node));
    const outermost = inner.filter((call) => !inner.some((other) => other !== call && isWithin(call, other)));
    const edits = outermost.map((call) => [call.start - node.start, call.end - node.start, replace(call)]);
    return applyEdits(source.slice(node.start, node.end), edits);
  };

  const replace = (call) => {
    const { name } = call.callee;
    const [first, second, third] = call.arguments;
    if (name === 'numeral') return `${NUMERAL}(${write(first)})`;
    if (name === 'text') return fill(formsOf(texts, first)[0], valuesOf(second, write));
    const [several, given] = [second, third].map((node) => (node.type === 'Literal' ? node.value : write(node)));
    const number = `${NUMERAL}(${given})`;
    const others = valuesOf(call.arguments[3], write);
    const values = (name) => (name === 'count' ? number : others(name));
    const forms = (texts.messages[first.value] ?? [first.value, several]).map((form) => fill(form, values));
    return `[${forms}][${FORM}(${given})]`;
  };

  const from = tree.body.find((node) => node.type === 'ImportDeclaration' && node.source.value.endsWith('/texts.js'));
  if (!from) return source;
  return `import { form as ${FORM}, numeral as ${NUMERAL} } from ${from.source.raw};${write({ start: 0, end: source.length })}`;
}

function formsOf(texts, node) {
  if (node?.type !== 'Literal' || typeof node.value !== 'string') throw new Error('the words of text() have to stand in its call');
  return texts.messages[node.value] ?? [node.value];
}

/** The source of a value by its name; of an object that is made elsewhere, its property. */
function valuesOf(node, write) {
  if (node?.type === 'Identifier') return (name) => `${node.name}.${name}`;
  const values = new Map((node?.properties ?? []).map(({ key, value }) => [key.name, write(value)]));
  return (name) => values.get(name);
}

/** A template literal, or a plain text where there is nothing to fill in. */
function fill(message, values) {
  const parts = message.split(/\{(\w+)\}/);
  if (parts.length === 1) return JSON.stringify(message);
  const written = parts.map((part, index) => {
    if (index % 2 === 0) return part.replace(/[\\`]|\$\{/g, '\\$&');
    const value = values(part);
    if (value === undefined) throw new Error(`“${message}” has no value for ${part}`);
    return `\${${value}}`;
  });
  return `\`${written.join('')}\``;
}
