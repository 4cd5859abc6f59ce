/** @import {Tensor} from '../../../runtime/page/types.js' */
import { control } from '../../../runtime/page/control.js';
import { count, list, numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import * as ranks from './widget.js';

export const { take } = ranks;

/**
 * Scores of labels of which several can be true: those that reach the threshold are marked, and a slider moves it.
 *
 * @param {HTMLElement} root
 * @param {{labels: string[], threshold: number | null}} options
 * @param {Tensor} [first] what the server has rendered
 */
export function mount(root, options, first) {
  const { labels } = options;
  if (options.threshold === null) return ranks.mount(root, options);
  let { threshold } = options;
  let scores = first ? sorted(first) : [];
  const foot = find(root, '.several-count', HTMLElement);
  const rows = [...root.querySelectorAll('li')].map((row) => ({
    row,
    name: find(row, '.several-name', HTMLElement),
    yes: find(row, '.several-yes', HTMLElement),
    score: find(row, '.several-score', HTMLElement),
    bar: find(row, 'rect', SVGRectElement),
    line: find(row, 'line', SVGLineElement),
  }));

  function judge() {
    rows.forEach(({ row, yes, line }, index) => {
      yes.hidden = !(scores[index] >= threshold);
      row.classList.toggle('is-yes', !yes.hidden);
      for (const end of ['x1', 'x2']) line.setAttribute(end, `${100 * threshold}%`);
    });
    const reaching = scores.filter((score) => score >= threshold).length;
    foot.textContent = count('{count} label of {all} reaches it', '{count} labels of {all} reach it', reaching, { all: numeral(labels.length) });
    return reaching;
  }

  control(root, 'threshold', (value) => {
    threshold = value;
    judge();
    return foot.textContent ?? '';
  });
  return {
    /** @param {Tensor} tensor of scores from 0 to 1 */
    show(tensor) {
      const best = ranks.rank(Array.from(tensor.data, Number), labels);
      scores = sorted(tensor);
      rows.forEach(({ name, score, bar }, index) => {
        name.textContent = best[index].label;
        score.textContent = best[index].percent;
        bar.setAttribute('width', best[index].width);
      });
      const said = best.slice(0, judge()).map(({ label, percent }) => `${label}, ${percent}`);
      return said.length ? list(said) : text('none of the labels');
    },
  };
}

/** The highest first. @param {Tensor} tensor */
const sorted = ({ data }) => Array.from(data, Number).sort((one, other) => other - one);
