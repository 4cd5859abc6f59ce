/** Reading tensors of numbers; they lie on the CPU when an op of this folder gets them. */

/** @param {import('./node.js').Tensor} tensor @returns {any} a typed array */
export const readNumbers = (tensor) => tensor.dataSync();

/** @param {import('./node.js').Tensor} tensor of one number */
export const readNumber = (tensor) => Number(readNumbers(tensor)[0]);
