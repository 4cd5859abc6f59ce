/**
 * While a demo is being worked on (`tfjs-demo serve`): loads livereload's client and hears what
 * it is told. A newer build is loaded, a new style sheet exchanged, a build that failed is
 * explained, and a long one shown. The page itself knows nothing of this.
 */
{
  /** @typedef {{message: string, hint: string, place: string}} Problem */
  /** @typedef {{build: number, problem: Problem | null, step: string, restyled?: boolean}} State */

  const PREFIX = 'tfjs-demo:';
  const STYLE = `
    :host { all: initial; color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
    [hidden] { display: none !important; }
    .problem { position: fixed; inset: 0; z-index: 2147483647; display: grid; place-content: start center; overflow: auto; padding: 8vh 16px 16px; background: rgb(0 0 0 / 0.55); }
    .sheet { box-sizing: border-box; width: min(720px, calc(100vw - 32px)); padding: 24px; border-radius: 12px; border-top: 6px solid #dc2626; background: light-dark(#fff, #1f1f23); color: light-dark(#18181b, #f4f4f5); }
    h2 { margin: 0 0 12px; font-size: 20px; line-height: 1.3; }
    pre { margin: 0 0 12px; font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
    .place { color: light-dark(#b91c1c, #fca5a5); }
    p { margin: 0 0 12px; }
    .quiet { margin: 0; color: light-dark(#52525b, #a1a1aa); font-size: 14px; }
    button { float: right; min-height: 32px; padding: 0 12px; border: 1px solid light-dark(#a1a1aa, #71717a); border-radius: 8px; background: none; color: inherit; font: inherit; cursor: pointer; }
    .sign { position: fixed; z-index: 2147483646; left: 16px; bottom: 16px; max-width: calc(100vw - 32px); box-sizing: border-box; padding: 6px 14px; border-radius: 16px; background: light-dark(#18181b, #f4f4f5); color: light-dark(#fff, #18181b); }
  `;

  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  let shown = Number(script.dataset.build);
  let isRestyled = false;

  keepServiceWorkersOff();
  const overlay = makeOverlay();
  Object.assign(globalThis, { LiveReloadPluginTfjsDemo: plugin() });
  document.addEventListener('LiveReloadDisconnect', () => overlay.sign('tfjs-demo serve has stopped: this page may be out of date'));
  load(`/livereload.js?host=${location.hostname}&port=${location.port || 80}&mindelay=250&maxdelay=2000&snipver=${script.dataset.token}`);

  /** What livereload's client asks before it does anything itself (livereload.com/api/protocol). */
  function plugin() {
    return class {
      static identifier = 'tfjs-demo';
      static version = '1';

      /** @param {string} path @returns {boolean} whether nothing else is to be done */
      reload(path) {
        if (!path.startsWith(PREFIX)) return false;
        const message = JSON.parse(path.slice(PREFIX.length));
        if ('style' in message) restyle(message.style);
        else hear(message);
        return true;
      }
    };
  }

  /** @param {State} state */
  function hear({ build, problem, step, restyled }) {
    if (restyled && isRestyled && build === shown + 1) shown = build;
    if (build !== shown) location.reload();
    overlay.problem(problem);
    overlay.sign(step && `Building: ${step.replace(/^\w+: /, '')}`);
  }

  /** Such a style sheet needs no leave of the content policy. @param {string} text */
  function restyle(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    for (const { sheet: old } of document.querySelectorAll('style')) if (old) old.disabled = true;
    document.adoptedStyleSheets = [sheet];
    isRestyled = true;
  }

  /** They would show what they have kept, not what is there. */
  function keepServiceWorkersOff() {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    serviceWorker.register = () => Promise.reject(new Error('there is no service worker while the demo is being worked on'));
    serviceWorker.getRegistrations().then((all) => all.forEach((one) => one.unregister()));
  }

  function makeOverlay() {
    const host = document.createElement('tfjs-demo-live');
    const root = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const problem = add(root, 'div', 'problem');
    problem.setAttribute('role', 'alertdialog');
    problem.setAttribute('aria-label', 'The build failed');
    const body = add(problem, 'div', 'sheet');
    const close = add(body, 'button', '');
    close.textContent = 'Close';
    close.onclick = () => (problem.hidden = true);
    add(body, 'h2', '').textContent = 'The demo could not be built';
    const place = add(body, 'pre', 'place');
    const message = add(body, 'pre', 'message');
    const hint = add(body, 'p', 'hint');
    add(body, 'p', 'quiet').textContent = 'Below is the last one that could. This goes away when it is mended.';
    const sign = add(root, 'div', 'sign');
    sign.setAttribute('role', 'status');
    problem.hidden = sign.hidden = true;
    addEventListener('keydown', ({ key }) => key === 'Escape' && (problem.hidden = true));
    let last = '';
    // Not before the page has a body, and not again: what is moved loses the focus.
    const show = () => host.isConnected || document.documentElement.append(host);

    return {
      /** @param {Problem | null} found */
      problem(found) {
        const text = JSON.stringify(found);
        if (text === last) return;
        last = text;
        place.textContent = found?.place ?? '';
        message.textContent = found?.message ?? '';
        hint.textContent = found?.hint ?? '';
        place.hidden = !found?.place || found.message.startsWith(`${found.place}:`);
        hint.hidden = !found?.hint;
        problem.hidden = !found;
        show();
        if (found) close.focus({ preventScroll: true });
      },
      /** @param {string} text */
      sign(text) {
        sign.textContent = text;
        sign.hidden = !text;
        show();
      },
    };
  }

  /** @template {keyof HTMLElementTagNameMap} Tag @param {ParentNode} parent @param {Tag} tag @param {string} name */
  function add(parent, tag, name) {
    const element = document.createElement(tag);
    element.className = name;
    parent.append(element);
    return element;
  }

  /** @param {string} url */
  function load(url) {
    const client = document.createElement('script');
    client.src = url;
    document.head.append(client);
  }
}
