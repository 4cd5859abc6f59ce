/** @import {Tensor} from '../../../runtime/page/types.js' */

/** @typedef {{label: string, score: number}} Step */

/** The likeliest class of each step, of equal ones the first. @param {Tensor} tensor @param {string[]} labels @returns {Step[]} */
export function steps({ data }, labels) {
  const scores = Array.from(data, Number);
  return Array.from({ length: Math.floor(scores.length / labels.length) }, (_, step) => {
    const row = scores.slice(step * labels.length, (step + 1) * labels.length);
    const best = row.reduce((at, score, index) => (score > row[at] ? index : at), 0);
    return { label: labels[best], score: row[best] };
  });
}

/** How many equal ones begin at each step that begins a run. @param {Step[]} all */
export function runs(all) {
  /** @type {{label: string, first: number, count: number}[]} */
  const found = [];
  all.forEach(({ label }, first) => {
    const last = found.at(-1);
    if (last?.label === label) last.count += 1;
    else found.push({ label, first, count: 1 });
  });
  return found;
}
