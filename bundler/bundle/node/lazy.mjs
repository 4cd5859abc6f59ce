// What a page loads only when it is needed: `import('./decoder.js')` of the tool's own modules, and
// `import('package')` of a widget whose part.toml names the package. Each is a file of its own, so
// that the script of a page that has it, and of one that has not, is the same.
import { basename, posix } from 'node:path';
import { OPTIONS } from './build.mjs';
import { esbuild } from './request.mjs';

const RELATIVE = /^\.\.?\//;

/** @param {string} importer a module's place in templates/ @returns the widget's folder that holds it */
const widgetOf = (importer) => /^widgets\/[^/]+\/[^/]+/.exec(importer)?.[0];

/**
 * esbuild plug-in for the modules of templates/; `files` gets the names of what was bundled.
 *
 * @param {{packages: Record<string, string[]>, files: Set<string>, plugins: () => import('esbuild').Plugin[]}} options
 *   the packages by the widget's folder, and what reads the tool's own modules
 */
export function lazy({ packages, files, plugins }) {
  const made = new Map();

  /** Bundles one entry by itself, once. @returns {Promise<string>} the file's name */
  function bundled(entry, name) {
    if (!made.has(entry)) made.set(entry, build(entry, name));
    return made.get(entry);
  }

  async function build(entry, name) {
    const { metafile } = await esbuild.build({ ...OPTIONS, charset: 'utf8', entryPoints: { [name]: entry }, plugins: plugins() });
    const [file] = Object.keys(metafile.outputs).map((path) => basename(path));
    files.add(file);
    return file;
  }

  return {
    name: 'lazy',
    setup(build) {
      build.onResolve({ filter: /.*/, namespace: 'templates' }, async ({ path, importer, kind }) => {
        const isOwn = RELATIVE.test(path);
        if (!isOwn && !packages[widgetOf(importer)]?.includes(path)) {
          return { errors: [{ text: `${importer} imports ${path}: only a widget may, whose part.toml names it under packages` }] };
        }
        if (kind !== 'dynamic-import') {
          return isOwn ? undefined : { errors: [{ text: `${importer} loads ${path} with the page: write await import('${path}')` }] };
        }
        const entry = isOwn ? `templates/${posix.join(posix.dirname(importer), path)}` : path;
        const name = (isOwn ? basename(path, '.js') : path).replaceAll(/[^a-z0-9]+/gi, '-').replace(/^-/, '');
        return { path: `./${await bundled(entry, name)}`, external: true };
      });
    },
  };
}
