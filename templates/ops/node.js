/**
 * What the ops of this folder share. Each file is an op that TF.js lacks, named like it:
 * `export default` takes a node and returns its output, or a list of outputs. Only ops that
 * no rewrite of the graph can replace are here (bundler/graph/lowerings/): those on texts, and those
 * that choose boxes one after the other.
 */

/**
 * @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor
 * @typedef {{inputs: Tensor[], attrs: Record<string, any>, node: {rawAttrs: Record<string, any>}}} Node
 */

/**
 * A text attribute as it stands in the graph: TF.js's own reader makes it lower case.
 *
 * @param {Node} node
 * @param {string} name
 */
export function textAttribute(node, name) {
  const bytes = Uint8Array.from(atob(node.node.rawAttrs[name]?.s ?? ''), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
