import { find } from '../../../runtime/page/widget.js';

/**
 * Hands over every file that is chosen, dropped on the widget, or pasted.
 *
 * @param {HTMLElement} root
 * @param {(file: File) => void} take
 */
export function listenToFiles(root, take) {
  const input = find(root, '[type=file]', HTMLInputElement);

  /** @param {DataTransfer | null} transfer */
  function takeFrom(transfer) {
    const file = transfer?.files[0];
    if (file) take(file);
    return Boolean(file);
  }

  input.addEventListener('change', () => {
    if (input.files?.[0]) take(input.files[0]);
    // The same file can be chosen again.
    input.value = '';
  });
  root.addEventListener('dragover', (event) => {
    event.preventDefault();
    root.classList.add('is-target');
  });
  root.addEventListener('dragleave', () => root.classList.remove('is-target'));
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    root.classList.remove('is-target');
    takeFrom(event.dataTransfer);
  });
  document.addEventListener('paste', (event) => {
    const busy = document.activeElement?.matches('textarea, [type=number], [type=text]');
    if (!busy && !event.defaultPrevented && takeFrom(event.clipboardData)) event.preventDefault();
  });
}
