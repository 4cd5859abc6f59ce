/** @import {Tensor} from '../../../runtime/page/types.js' */
/** @import {Step} from './runs.js' */
import { count, list, numeral, text } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';
import { runs, steps } from './runs.js';

export const take = () => import('./take.js');

/** Steps that are shown at a time: more take long, and nobody reads them. */
const PAGE = 100;
/** Runs that are announced. */
const SAID = 6;

/**
 * Classes step by step: equal ones that follow each other stand together.
 *
 * @param {HTMLElement} root
 * @param {{labels: string[]}} options
 * @param {Tensor} [first] what the server has rendered
 */
export function mount(root, { labels }, first) {
  const view = find(root, '.sequence-view', HTMLElement);
  const body = find(root, 'table', HTMLTableElement);
  const row = find(root, 'template', HTMLTemplateElement).content;
  const foot = find(root, '.sequence-count', HTMLElement);
  const pages = find(root, '.sequence-pages', HTMLElement);
  const place = find(root, '.sequence-place', HTMLElement);
  let all = first ? steps(first, labels) : [];
  let begin = 0;

  function draw() {
    for (const old of [...body.tBodies]) old.remove();
    const shown = all.slice(begin, begin + PAGE);
    body.append(...runs(shown).map((run) => group(run.label, shown.slice(run.first, run.first + run.count), begin + run.first, row)));
    pages.hidden = all.length <= PAGE;
    place.textContent = text('{first} to {last}', { first: numeral(begin + 1), last: numeral(begin + shown.length) });
    for (const button of pages.querySelectorAll('button')) {
      const next = begin + Number(button.dataset.by) * PAGE;
      button.disabled = next < 0 || next >= all.length;
    }
  }

  pages.addEventListener('click', ({ target }) => {
    const by = Number(/** @type {HTMLElement} */ (target).dataset.by);
    if (!by) return;
    begin += by * PAGE;
    draw();
    view.scrollTop = 0;
  });
  return {
    /** @param {Tensor} tensor of scores, batch, steps, classes */
    show(tensor) {
      all = steps(tensor, labels);
      begin = 0;
      draw();
      const found = runs(all);
      foot.textContent = text('{steps} in {runs}', {
        steps: count('{count} step', '{count} steps', tensor.shape[1]),
        runs: count('{count} run', '{count} runs', found.length),
      });
      return `${foot.textContent}: ${list(found.slice(0, SAID).map(({ label }) => label))}`;
    },
  };
}

/** The rows of equal classes. @param {string} label @param {Step[]} steps @param {number} first @param {DocumentFragment} row */
function group(label, steps, first, row) {
  const body = document.createElement('tbody');
  body.append(
    ...steps.map(({ score }, index) => {
      const made = document.createElement('tr');
      made.append(row.cloneNode(true));
      const percent = (100 * score).toFixed(1);
      find(made, '.sequence-step', HTMLElement).textContent = numeral(first + index + 1);
      find(made, '.sequence-score', HTMLElement).textContent = text('{number} %', { number: numeral(percent) });
      find(made, 'rect', SVGRectElement).setAttribute('width', `${Math.min(100, Math.max(0, Number(percent) || 0))}%`);
      return made;
    }),
  );
  const head = document.createElement('th');
  const name = document.createElement('span');
  name.className = 'sequence-name';
  name.textContent = label;
  head.scope = 'rowgroup';
  head.rowSpan = steps.length;
  head.append(name);
  body.rows[0].prepend(head);
  return body;
}
