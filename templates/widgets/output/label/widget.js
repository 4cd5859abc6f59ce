/** @import {Tensor} from '../../../runtime/page/types.js' */
import { numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';

export const take = () => import('./take.js');

/**
 * Class scores: the best few as bars, the winner large.
 *
 * @param {HTMLElement} root
 * @param {{labels: string[]}} options
 */
export function mount(root, { labels }) {
  const rows = [...root.querySelectorAll('li')].map((row) => ({
    name: find(row, '.label-name', HTMLElement),
    score: find(row, '.label-score', HTMLElement),
    bar: find(row, 'rect', SVGRectElement),
  }));
  return {
    /** @param {Tensor} tensor of scores from 0 to 1 */
    show({ data }) {
      const ranks = rank(Array.from(data, Number), labels);
      rows.forEach(({ name, score, bar }, index) => {
        const { label, percent, width } = ranks[index];
        name.textContent = label;
        score.textContent = percent;
        bar.setAttribute('width', width);
      });
      return `${ranks[0].label}, ${ranks[0].percent}`;
    },
  };
}

/** @param {number[]} scores @param {string[]} labels */
export function rank(scores, labels) {
  return scores
    .map((score, index) => ({ score, label: labels[index] ?? String(index) }))
    .sort((one, other) => other.score - one.score)
    .map(({ score, label }) => {
      const percent = (100 * score).toFixed(1);
      return { label, percent: text('{number} %', { number: numeral(percent) }), width: `${Math.min(100, Math.max(0, Number(percent) || 0))}%` };
    });
}
