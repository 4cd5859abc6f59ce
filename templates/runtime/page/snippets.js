/** The lines that put this demo on another page, for copying. */
import { text } from './texts.js';
import { find } from './widget.js';

/** Milliseconds for which a button says what it did. */
const SAID = 2000;

/** @param {string} plain @returns {string} as HTML, also within an attribute */
const escaped = (plain) => plain.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Writes them, and lets buttons copy, which do nothing before this is loaded. */
export function offerSnippets() {
  write();
  for (const button of document.querySelectorAll('button[data-copies]')) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.onclick = () => copy(button);
    button.disabled = false;
  }
}

function write() {
  // Where the page will be, if its author has said so, else where it is.
  const { url = new URL('./', location.href).href, allow = '' } = find(document, '#embedding', HTMLElement).dataset;
  const [address, title] = [escaped(url), escaped(document.title)];
  find(document, '#element-code', HTMLElement).textContent =
    `<script src="${address}embed.js" defer></script>\n<tfjs-demo src="${address}"${allow}>\n  <a href="${address}">${title}</a>\n</tfjs-demo>`;
  find(document, '#frame-code', HTMLElement).textContent =
    `<iframe src="${address}?embed" title="${title}" width="100%" height="640"${allow} loading="lazy" style="border: 0; border-radius: 12px"></iframe>`;
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const code = find(document, `#${button.dataset.copies}`, HTMLElement);
  const say = (/** @type {string} */ label, /** @type {string} */ status) => {
    /** @type {Text} */ (button.firstChild).data = label;
    find(document, '#copied', HTMLElement).textContent = status;
  };
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    say(text('Copied'), text('Copied'));
  } catch {
    getSelection()?.selectAllChildren(code);
    say(text('Selected'), text('Selected: copy it with Ctrl+C or ⌘C'));
  }
  setTimeout(say, SAID, text('Copy'), '');
}
