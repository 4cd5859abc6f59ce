/** The page within another page, which public/embed.js puts there: what the two say to each other. */
/** @import {Client} from './client.js' */

/**
 * Tells the page around how high this one is, and lets it ask the model.
 *
 * Whoever frames the demo could download the model as well: there is nothing to hide from it. What
 * the visitor enters is not among the answers.
 *
 * @param {Client} client
 */
export function serveEmbedder(client) {
  const root = document.documentElement;
  if (parent === window || !root.classList.contains('embedded')) return;
  const tell = () => {
    const height = Math.ceil(root.getBoundingClientRect().height);
    parent.postMessage({ type: 'tfjs-demo:height', height, title: document.title }, '*');
  };
  // Frames that are out of sight observe nothing until they are seen.
  tell();
  new ResizeObserver(tell).observe(root);
  addEventListener('message', ({ source, data, ports: [port] }) => {
    if (source === parent && data?.type === 'tfjs-demo:ask' && port) answer(client, data.inputs, port);
  });
}

/** @param {Client} client @param {Record<string, any> | undefined} inputs none to wait for the model @param {MessagePort} port */
async function answer(client, inputs, port) {
  try {
    port.postMessage({ value: await (inputs ? client.predict(inputs) : client.ready) });
  } catch (error) {
    port.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
}
