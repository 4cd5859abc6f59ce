/**
 * Hands over every file that is chosen, dropped on the widget, or pasted.
 *
 * @param {HTMLElement} root
 * @param {string[]} sources
 * @param {(file: File) => void} take
 */
export function listenToFiles(root, sources, take) {
  /** @param {DataTransfer | null} transfer */
  function takeFrom(transfer) {
    const file = transfer?.files[0];
    if (file) take(file);
    return Boolean(file);
  }

  root.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement && target.type === 'file')) return;
    if (target.files?.[0]) take(target.files[0]);
    // The same file can be chosen again.
    target.value = '';
  });
  if (sources.includes('upload')) {
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
  }
  if (sources.includes('clipboard')) {
    takers.push({ root, takeFrom });
    if (takers.length === 1) document.addEventListener('paste', paste);
  }
}

/** @typedef {{root: HTMLElement, takeFrom: (transfer: DataTransfer | null) => boolean}} Taker */

/** Those that take what is pasted, in the order of the page. @type {Taker[]} */
const takers = [];

/** What is pasted goes where the visitor is, else where there is nothing yet. @param {ClipboardEvent} event */
function paste(event) {
  const { activeElement } = document;
  if (event.defaultPrevented || activeElement?.matches('textarea, [type=number], [type=text]')) return;
  const meant = takers.find(({ root }) => root.contains(activeElement)) ?? takers.find(({ root }) => root.classList.contains('is-blank')) ?? takers[0];
  if (meant.takeFrom(event.clipboardData)) event.preventDefault();
}
