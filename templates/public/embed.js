/**
 * <tfjs-demo src="https://example.org/demo/">: a demo on any page, as high as it wants to be.
 *
 * Attributes: `src`, the demo's address; `title`, what the frame is called (else the demo's own
 * title); `backend`, what computes; `height`, pixels until the demo has said how high it is; `allow`,
 * what the demo may use, as an iframe's.
 */

/** @import {Inputs, Model, Tensor} from './tfjs-demo.js' */
import { text } from '../runtime/page/texts.js';

const STYLE = `
  :host { display: block }
  :host([hidden]), [hidden] { display: none }
  iframe { display: block; width: 100%; border: 0; border-radius: 12px }
  p { margin: 0; padding: 1em; border: 1px solid; border-radius: 12px; font: inherit }
`;
const HEIGHT = 480;
/** What a hostile demo could make of a page. */
const MOST_HEIGHT = 10_000;
/** Milliseconds from the end of loading to a demo's first word. */
const PATIENCE = 3000;

/** @implements {Model} */
class DemoElement extends HTMLElement {
  static observedAttributes = ['src', 'title', 'backend', 'height'];

  /** What the element shows now: a new one for every address. @type {Shown | undefined} */
  #shown;
  #root = this.attachShadow({ mode: 'open' });
  /** What has to stay in the shadow. @type {HTMLStyleElement[]} */
  #style;

  constructor() {
    super();
    this.#style = styleOf(this.#root);
  }

  connectedCallback() {
    this.#show();
  }

  disconnectedCallback() {
    this.#shown?.end();
    this.#shown = undefined;
  }

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (!this.isConnected || old === value) return;
    if (name === 'src' || name === 'backend') this.#show();
    else this.#shown?.dress();
  }

  /** Resolves when the model answers; rejects when it cannot. @returns {Promise<void>} */
  get ready() {
    return this.#ask();
  }

  /**
   * Runs the demo's model; draws nothing.
   *
   * @param {Inputs} inputs by name: nested arrays, typed arrays or {data, shape}, batch dimension included
   * @returns {Promise<Record<string, Tensor>>}
   */
  predict(inputs) {
    return this.#ask(inputs);
  }

  /** @param {Inputs} [inputs] @returns {Promise<any>} */
  async #ask(inputs) {
    if (!this.#shown) throw new Error('the element is on no page yet');
    return this.#shown.ask(inputs);
  }

  #show() {
    this.#shown?.end();
    this.#root.replaceChildren(...this.#style);
    this.#shown = new Shown(this, this.#root);
  }
}

/** Gives the shadow its style: as elements where a browser cannot do without. @param {ShadowRoot} root @returns {HTMLStyleElement[]} */
function styleOf(root) {
  try {
    // Where a page forbids style elements, it allows these.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    return [];
  } catch {
    const element = document.createElement('style');
    element.textContent = STYLE;
    return [element];
  }
}

/** One demo in its frame. */
class Shown {
  /** Ends all that waits for this demo. */
  #ending = new AbortController();
  /** Settled by the demo's first word of its script, or its absence. @type {{resolve(): void, reject(error: Error): void}} */
  #arrival = { resolve() {}, reject() {} };
  /** @type {Promise<void>} */
  #arrived = new Promise((resolve, reject) => (this.#arrival = { resolve, reject }));
  height = 0;
  ownTitle = '';

  /** @param {DemoElement} element @param {ShadowRoot} root */
  constructor(element, root) {
    this.element = element;
    this.frame = document.createElement('iframe');
    this.failure = document.createElement('p');
    this.failure.setAttribute('role', 'alert');
    this.failure.hidden = true;
    this.url = address(element);
    root.append(this.failure);
    this.#arrived.catch(() => {});
    if (this.url) this.load(this.url, root);
    else this.fail(text('There is no demo here: src has to be the address of one.'));
  }

  /** @param {URL} url @param {ShadowRoot} root */
  load(url, root) {
    const { signal } = this.#ending;
    addEventListener('message', (event) => this.receive(event), { signal });
    this.frame.addEventListener('load', () => this.expect(), { signal });
    this.frame.loading = 'lazy';
    this.frame.allow = this.element.getAttribute('allow') ?? '';
    this.dress();
    this.frame.src = url.href;
    root.append(this.frame);
  }

  /** Title and height, by the attributes and by what the demo has said. */
  dress() {
    const { element, frame } = this;
    frame.title = element.getAttribute('title') || this.ownTitle || text('Demo of a model');
    frame.style.height = `${this.height || Number(element.getAttribute('height')) || HEIGHT}px`;
  }

  /** @param {MessageEvent} event */
  receive({ source, origin, data }) {
    if (source !== this.frame.contentWindow || origin !== this.url?.origin) return;
    if (data?.type !== 'tfjs-demo:here' && data?.type !== 'tfjs-demo:height') return;
    this.failure.hidden = true;
    this.frame.hidden = false;
    clearTimeout(this.timer);
    this.isHere = true;
    if (data.type !== 'tfjs-demo:height') return;
    const { height, title } = data;
    if (Number.isFinite(height) && height > 0) this.height = Math.min(height, MOST_HEIGHT);
    this.ownTitle = String(title ?? '');
    this.dress();
    this.#arrival.resolve();
  }

  /** Browsers say of every page that it has loaded, also of the one that says that there is none. */
  expect() {
    if (this.isHere) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail(`${text('The demo could not be loaded.')} `), PATIENCE);
  }

  /** @param {string} reason */
  fail(reason) {
    this.failure.textContent = reason;
    this.failure.hidden = false;
    this.frame.hidden = true;
    this.#arrival.reject(new Error(reason.trim()));
    if (!this.url) return;
    const link = document.createElement('a');
    link.href = new URL('./', this.url).href;
    link.textContent = text('Open it by itself');
    this.failure.append(link);
  }

  /** @param {Inputs} [inputs] @returns {Promise<any>} */
  async ask(inputs) {
    const { signal } = this.#ending;
    // Whoever asks does not wait until it is scrolled to.
    this.frame.loading = 'eager';
    await Promise.race([this.#arrived, ended(signal)]);
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve, reject) => {
      port1.onmessage = ({ data }) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value));
    });
    const { origin } = /** @type {URL} */ (this.url);
    this.frame.contentWindow?.postMessage({ type: 'tfjs-demo:ask', inputs }, origin, [port2]);
    return Promise.race([answer, ended(signal)]).finally(() => port1.close());
  }

  end() {
    clearTimeout(this.timer);
    this.#ending.abort();
  }
}

/** @param {AbortSignal} signal @returns {Promise<never>} rejects when it is aborted */
const ended = (signal) =>
  new Promise((_, reject) => {
    const end = () => reject(new Error('another demo took its place'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });

/** @param {string} src @returns {URL | null} */
function urlOf(src) {
  try {
    return new URL(src, document.baseURI);
  } catch {
    return null;
  }
}

/** The compact page of the demo; none where there is no address of the web. @param {DemoElement} element */
function address(element) {
  const src = element.getAttribute('src');
  const url = src && urlOf(src);
  if (!url) return null;
  url.searchParams.set('embed', '');
  const backend = element.getAttribute('backend');
  if (backend) url.searchParams.set('backend', backend);
  return ['http:', 'https:'].includes(url.protocol) ? url : null;
}

// Several demos may bring it to one page.
if (!customElements.get('tfjs-demo')) customElements.define('tfjs-demo', DemoElement);
