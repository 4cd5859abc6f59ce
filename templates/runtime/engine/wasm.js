/** The compiled module that TF.js's wasm backend starts from (bundler/bundle/node/repairs.mjs). */
export const wasm = {
  /** @type {WebAssembly.Module | undefined} */
  module: undefined,
  /** The address of what each further thread runs. */
  threadScript: '',
};
