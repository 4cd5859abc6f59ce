// How everything is built: esbuild's options, and the tool's own modules.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { request } from './request.mjs';
import { applyEdits, parse, walk } from './syntax.mjs';
import * as texts from './texts.mjs';

export const OPTIONS = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  // The oldest browsers that the page supports (README): what they lack is written otherwise.
  target: ['chrome94', 'firefox102', 'safari15.4'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'silent',
  absWorkingDir: request.packages,
  nodePaths: [join(request.packages, 'node_modules')],
  outdir: request.outdir,
  entryNames: '[name]-[hash]',
};

/**
 * esbuild plug-in: the tool's own modules, named by their place in templates/.
 *
 * esbuild's hashes take in the modules' names, so the names of the output would
 * change with the folder that the tool is installed in.
 */
export const templates = {
  name: 'templates',
  setup(build) {
    const place = (path) => ({ path: path.replaceAll('\\', '/'), namespace: 'templates' });
    build.onResolve({ filter: /^templates\// }, ({ path }) => place(path.slice('templates/'.length)));
    build.onResolve({ filter: /^\.\.?\//, namespace: 'templates' }, ({ path, importer }) => place(join(dirname(importer), path)));
    build.onLoad({ filter: /.*/, namespace: 'templates' }, ({ path }) => ({ contents: readOwn(path), resolveDir: request.packages }));
  },
};

/** A module of templates/; those of a page with the words of its language. */
function readOwn(path) {
  const source = readFileSync(join(request.templates, path), 'utf8');
  if (!request.texts) return source;
  return path === texts.MODULE ? texts.rules(source, request.texts) : worded(source);
}

/** A script with the words of the page's language. */
export const worded = (source) => texts.inlined(source, request.texts, { parse, walk, applyEdits });
