// Modules that bundler/node/bundle.mjs makes for each graph.
declare module 'tfjs-demo:backends' {
  export const backends: Record<string, () => Promise<any>>;
}
