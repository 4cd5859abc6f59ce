import { textAttribute } from './node.js';
import { decode, encode, fromBinary, fromBytes, readBytes, toBinary } from './texts.js';

/** A part of each text by position and length, in bytes or characters. @param {import('./node.js').Node} node */
export default function (node) {
  const [input, position, length] = node.inputs;
  const characters = textAttribute(node, 'unit') === 'UTF8_CHAR';
  const [positions, lengths] = [position.dataSync(), length.dataSync()];
  const shape = input.rank >= position.rank ? input.shape : position.shape;
  const size = shape.reduce((product, side) => product * side, 1);
  const texts = readBytes(input);
  const parts = Array.from({ length: size }, (_, index) => {
    const bytes = texts[place(index, shape, input.shape)];
    const start = positions[place(index, shape, position.shape)];
    const count = lengths[place(index, shape, length.shape)];
    const all = characters ? [...decode(bytes)] : [...toBinary(bytes)];
    if (Math.abs(start) > all.length) throw new Error(`position ${start} is out of a text of length ${all.length}`);
    const from = start < 0 ? all.length + start : start;
    const part = all.slice(from, from + Math.max(0, count)).join('');
    return characters ? encode(part) : fromBinary(part);
  });
  return fromBytes(parts, shape);
}

/**
 * Where an element of a broadcast tensor comes from.
 *
 * @param {number} index
 * @param {number[]} shape of the result
 * @param {number[]} own shape
 */
function place(index, shape, own) {
  let found = 0;
  let step = 1;
  for (let axis = shape.length - 1, left = index; axis >= 0; axis--) {
    const side = own[axis - shape.length + own.length];
    if (side > 1) found += (left % shape[axis]) * step;
    step *= side ?? 1;
    left = Math.floor(left / shape[axis]);
  }
  return found;
}
