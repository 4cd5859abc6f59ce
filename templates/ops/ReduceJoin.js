import { textAttribute } from './node.js';
import { encode, fromBinary, fromBytes, readBinary, toBinary } from './texts.js';

/** Joins the texts along some axes. @param {import('./node.js').Node} node */
export default function (node) {
  const [input, axes] = node.inputs;
  const { rank, shape } = input;
  const separator = toBinary(encode(textAttribute(node, 'separator')));
  const joined = [...axes.dataSync()].map((axis) => (axis + rank) % rank);
  if (!joined.length) return input.clone();
  const kept = shape.map((_, axis) => axis).filter((axis) => !joined.includes(axis));
  const texts = readBinary(input);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  /** @param {number[]} order @returns {number[]} the places along these axes, the last running fastest */
  const places = (order) =>
    order.reduce((/** @type {number[]} */ found, axis) => found.flatMap((place) => Array.from({ length: shape[axis] }, (_, index) => place + index * strides[axis])), [0]);
  const within = places(joined);
  const results = places(kept).map((start) => fromBinary(within.map((place) => texts[start + place]).join(separator)));
  const keepDims = node.attrs.keep_dims === true;
  return fromBytes(results, keepDims ? shape.map((side, axis) => (joined.includes(axis) ? 1 : side)) : kept.map((axis) => shape[axis]));
}
