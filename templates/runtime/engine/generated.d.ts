// Modules that bundler/node/bundle.mjs makes for each graph.
declare module 'tfjs-demo:ops' {
  export const ownOps: Set<string>;
  export const makesEmpty: boolean;
}
declare module 'tfjs-demo:layers' {
  export const loadLayers: ((read: (name: string) => Promise<Uint8Array>) => Promise<void>) | undefined;
}
