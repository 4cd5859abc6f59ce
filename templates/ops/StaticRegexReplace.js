import { textAttribute } from './node.js';
import { mapTexts } from './texts.js';

/** The pattern is JavaScript's: bundler/graph/regex.py translates it. @param {import('./node.js').Node} node */
export default function (node) {
  const pattern = new RegExp(textAttribute(node, 'pattern'), 'gu');
  const rewrite = textAttribute(node, 'rewrite');
  const once = node.attrs.replace_global === false;
  return mapTexts(node.inputs[0], (text) => replace(text, pattern, rewrite, once));
}

/**
 * Unlike JavaScript, RE2 finds no empty text where the last match ended.
 *
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string} rewrite
 * @param {boolean} once
 */
function replace(text, pattern, rewrite, once) {
  let result = '';
  let end = -1;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '' && match.index === end) continue;
    result += text.slice(Math.max(end, 0), match.index) + rewrite.replace(/\\(\d|\\)/g, (_, group) => (group === '\\' ? group : match[group] ?? ''));
    end = match.index + match[0].length;
    if (once) break;
  }
  return result + text.slice(Math.max(end, 0));
}
