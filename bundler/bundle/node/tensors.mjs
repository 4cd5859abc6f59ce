// Tensors as JSON: { dtype, shape, data: base64 or texts }, as bundler/ground/tensors.py writes them.
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

export function decode({ dtype, shape, data }) {
  if (dtype === 'string') return { data, shape };
  const bytes = new Uint8Array(Buffer.from(data, 'base64'));
  return { data: new ARRAYS[dtype](bytes.buffer), shape };
}

export function encode({ dtype, shape, data }) {
  if (dtype === 'string') return { dtype, shape, data: [...data] };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, data: bytes.toString('base64') };
}

export const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
