import { announce, find, readNumber } from '../../../runtime/page/widget.js';

/**
 * A slider with the number it stands for, which can be typed as well.
 *
 * @param {HTMLElement} root
 * @param {{label: string, dtype: string, min: number, max: number, unit: string | null}} options
 */
export function mount(root, options) {
  const number = find(root, '[type=number]', HTMLInputElement);
  const range = find(root, '[type=range]', HTMLInputElement);

  function fill() {
    const share = (range.valueAsNumber - options.min) / (options.max - options.min);
    range.style.setProperty('--filled', `${100 * share}%`);
  }
  function follow() {
    if (!Number.isNaN(number.valueAsNumber)) range.value = number.value;
    fill();
  }
  function lead() {
    // Enough digits for every step, too few to show how binary fractions end.
    number.value = String(Number(range.valueAsNumber.toPrecision(12)));
    fill();
  }

  number.addEventListener('input', () => {
    follow();
    announce(root, false);
  });
  number.addEventListener('change', () => announce(root, true));
  range.addEventListener('input', () => {
    lead();
    announce(root, false);
  });
  range.addEventListener('change', () => announce(root, true));
  follow();
  return {
    value: () => readNumber(number, options),
    save: () => (Number.isNaN(number.valueAsNumber) ? null : number.valueAsNumber),
    /** @param {number | null} state */
    restore(state) {
      number.value = state === null ? '' : String(state);
      follow();
    },
  };
}
