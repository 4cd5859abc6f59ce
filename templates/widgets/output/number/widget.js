/** @import {Tensor} from '../../../runtime/page/types.js' */
import { numeral } from '../../../runtime/page/texts.js';
import { find } from '../../../runtime/page/widget.js';

export const take = () => import('./take.js');

/**
 * One number with its unit.
 *
 * @param {HTMLElement} root
 * @param {{unit: string | null, decimals: number | null}} options
 */
export function mount(root, { unit, decimals }) {
  const figure = find(root, '.number-figure', HTMLElement);
  return {
    /** @param {Tensor} tensor */
    show({ data }) {
      const number = Number(data[0]);
      figure.textContent = numeral(decimals === null ? Number(number.toPrecision(4)) : number.toFixed(decimals));
      return unit ? `${figure.textContent} ${unit}` : figure.textContent;
    },
  };
}
