// Bundles TF.js with just the ops and kernels that one graph needs, or the
// page's own script and style.
//
// Reads a request (JSON) from standard input and prints a result (JSON):
//
//   { kind: "engine", packages, templates, outdir, entries: [{ name, module, backends }], ops, wrongKernels, threads }  ->
//   { files, entries, kernels, borrowed, missing, unknown, threads }
//   { kind: "page", packages, templates, outdir, script, early, gate, embed, style, texts, own, ownStyles, widgetPackages }  ->
//   { script, early, gate, embed, style, files, warnings }
import { request } from './request.mjs';

try {
  const { bundle } = await import(request.kind === 'engine' ? './engine.mjs' : './page.mjs');
  process.stdout.write(JSON.stringify(await bundle(request)));
} catch (error) {
  // esbuild's own text names file, line and column.
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
