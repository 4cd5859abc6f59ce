/** @import {Tensor} from '../../../runtime/page/types.js' */
import { figure } from '../../../runtime/page/numbers.js';
import { find } from '../../../runtime/page/widget.js';

export const take = () => import('./take.js');

/**
 * One number with its unit.
 *
 * @param {HTMLElement} root
 * @param {{unit: string | null, decimals: number | null}} options
 */
export function mount(root, { unit, decimals }) {
  const written = find(root, '.number-figure', HTMLElement);
  return {
    /** @param {Tensor} tensor */
    show({ data, dtype }) {
      const said = figure(Number(data[0]), decimals, dtype);
      written.textContent = said;
      return unit ? `${said} ${unit}` : said;
    },
  };
}
