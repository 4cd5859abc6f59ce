/**
 * Reading and making tensors of texts. TensorFlow's texts are bytes, nearly always UTF-8;
 * they lie on the CPU whatever the backend is.
 */
import { getOrMakeEngine } from '@tensorflow/tfjs-core/dist/engine.js';
import { tensor } from '@tensorflow/tfjs-core/dist/ops/tensor.js';

/**
 * @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {Uint8Array} bytes */
export const decode = (bytes) => decoder.decode(bytes);

/** @param {string} text */
export const encode = (text) => encoder.encode(text);

/**
 * Bytes as a text of characters from 0 to 255, for comparing, searching and cutting.
 *
 * @param {Uint8Array} bytes
 */
export function toBinary(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
}

/** @param {string} binary */
export const fromBinary = (binary) => Uint8Array.from(binary, (character) => character.charCodeAt(0));

/**
 * @param {Tensor} input
 * @returns {Uint8Array[]} the bytes of each text
 */
export const readBytes = (input) => /** @type {any} */ (getOrMakeEngine().readSync(input.dataId));

/** @param {Tensor} input */
export const readTexts = (input) => readBytes(input).map(decode);

/** @param {Tensor} input */
export const readBinary = (input) => readBytes(input).map(toBinary);

/**
 * @param {Uint8Array[]} bytes
 * @param {number[]} shape
 */
export const fromBytes = (bytes, shape) => tensor(/** @type {any} */ (bytes), shape, 'string');

/**
 * @param {ArrayLike<number> | ArrayLike<boolean>} values
 * @param {number[]} shape
 * @param {'int32' | 'float32' | 'bool'} [dtype]
 */
export const fromNumbers = (values, shape, dtype = 'int32') => tensor(/** @type {any} */ (Array.from(/** @type {any} */ (values))), shape, dtype);

/**
 * Changes each text as UTF-8.
 *
 * @param {Tensor} input
 * @param {(text: string) => string} change
 */
export const mapTexts = (input, change) => fromBytes(readTexts(input).map((text) => encode(change(text))), input.shape);

/**
 * Changes each text as bytes.
 *
 * @param {Tensor} input
 * @param {(binary: string) => string} change
 */
export const mapBinary = (input, change) => fromBytes(readBinary(input).map((text) => fromBinary(change(text))), input.shape);
