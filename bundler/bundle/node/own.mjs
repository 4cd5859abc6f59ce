// The files of an author's templates/, which may be a stranger's: they reach each other and the
// page's own parts, and nothing else. `request.own` is a copy of them without links.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { worded } from './build.mjs';

/** How a file becomes part of a page. A picture that could hold scripts never gets an address of its own. */
const LOADERS = {
  '.js': 'js', '.mjs': 'js', '.css': 'css', '.json': 'json', '.svg': 'dataurl',
  '.png': 'file', '.jpg': 'file', '.jpeg': 'file', '.webp': 'file', '.gif': 'file', '.avif': 'file', '.woff2': 'file',
};
/** What an author's scripts may take of ours: what our widgets take. */
const SHARED = /^(runtime\/page|widgets)\//;
const STYLES = new Set(['import-rule', 'url-token', 'composes-from']);
/** Mistakes of a style sheet, which esbuild passes on to browsers, which pass them over. */
const MISTAKES = new Set(['css-syntax-error', 'invalid-@import', 'js-comment-in-css']);

/** Scripts that say what the page says, as ours do; of one that cannot be read, esbuild will tell. */
function spoken(source) {
  if (!source.includes('/runtime/page/texts.js')) return source;
  try {
    return worded(source);
  } catch (error) {
    if (error instanceof SyntaxError) return source;
    throw error;
  }
}

/** @returns an esbuild plugin that finds "own/…" and what these files import */
export function own(request) {
  const isFile = (folder, path) => existsSync(join(folder, path)) && statSync(join(folder, path)).isFile();
  const refuse = (text) => ({ errors: [{ text }] });

  /** Where a path leads that one of the files names. */
  function resolve({ path, importer, kind }) {
    const inStyle = STYLES.has(kind);
    if (kind === 'url-token' && /^(data:|#)/i.test(path)) return { path, external: true };
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(path)) return refuse(`${path} is not in templates/: the page asks nobody else for anything`);
    if (!inStyle && !/^\.\.?\//.test(path)) return refuse(`${path} is no path: write ./${path} for a file of templates/`);
    const place = posix.join(posix.dirname(importer), path);
    if (place.startsWith('../') || path.startsWith('/')) return refuse(`${path} leads out of templates/`);
    if (isFile(request.own, place)) return { path: place, namespace: 'own' };
    if (SHARED.test(place) && isFile(request.templates, place)) return { path: place, namespace: 'templates' };
    return refuse(`there is no ${place} in templates/`);
  }

  function load({ path }) {
    const loader = LOADERS[extname(path).toLowerCase()];
    if (!loader) return refuse(`${path} cannot be part of a page: ${Object.keys(LOADERS).join(', ')} can`);
    const contents = readFileSync(join(request.own, path));
    return { contents: loader === 'js' ? spoken(contents.toString('utf8')) : contents, loader };
  }

  return {
    name: 'own',
    setup(build) {
      build.onResolve({ filter: /.*/, namespace: 'own' }, resolve);
      build.onLoad({ filter: /.*/, namespace: 'own' }, load);
      build.onResolve({ filter: /^own\// }, ({ path }) => ({ path: path.slice('own/'.length), namespace: 'own' }));
    },
  };
}

/** The sheets as one: the page's own before those of the author. */
export function sheets(style, paths) {
  const lines = ['ours', ...paths.map((path) => `own/${path}`)].map((path) => `@import ${JSON.stringify(path)};`);
  const plugin = {
    name: 'sheets',
    setup(build) {
      build.onResolve({ filter: /^ours$/ }, () => ({ path: 'ours', namespace: 'sheets' }));
      build.onLoad({ filter: /.*/, namespace: 'sheets' }, () => ({ contents: style, loader: 'css' }));
    },
  };
  return { contents: lines.join('\n'), plugin };
}

/** What esbuild has to say of the author's files, as `path:line: text`; throws for what cannot be meant. */
export function told(warnings) {
  const found = warnings.filter(({ location }) => location?.file.startsWith('own:'));
  const mistake = found.find(({ id }) => MISTAKES.has(id));
  if (mistake) throw new Error(`${mistake.location.file}:${mistake.location.line}:${mistake.location.column}: ERROR: ${mistake.text}`);
  return found.map(({ location, text }) => ({ file: location.file.slice('own:'.length), line: location.line, text }));
}
