import { find } from '../../../runtime/page/widget.js';
import { readPicture, Sketchpad } from './widget.js';

export { readPicture };

/**
 * Paper to draw on in colours.
 *
 * @param {HTMLElement} root
 * @param {import('./widget.js').Options} options
 */
export function mount(root, options) {
  const sketchpad = new Sketchpad(root, options);
  const pen = find(root, '.sketch-pencil', HTMLInputElement);
  const free = find(root, '[type=color]', HTMLInputElement);
  const palette = find(root, '.sketch-colours', HTMLElement);
  /** @param {Event} event */
  const take = ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    sketchpad.color = target.value;
    // Who chooses a colour wants to draw with it.
    pen.checked = true;
    free.classList.toggle('is-chosen', target === free);
    for (const one of palette.querySelectorAll('input')) one.checked = one === target;
  };
  palette.addEventListener('input', take);
  // The one that was chosen before is taken by a click, whatever becomes of it.
  free.addEventListener('click', take);
  for (const one of palette.querySelectorAll('input')) one.style.backgroundColor = one.value;
  return sketchpad;
}
