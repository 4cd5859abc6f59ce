// The page's own scripts and style sheet, with those of its author.
import { basename } from 'node:path';
import { OPTIONS, templates } from './build.mjs';
import { lazy } from './lazy.mjs';
import { own, sheets, told } from './own.mjs';
import { esbuild, request } from './request.mjs';

export async function bundle({ script, early, gate, embed, style, ownStyles, widgetPackages }) {
  const files = new Set();
  const later = lazy({ packages: widgetPackages, files, plugins: () => [later, templates] });
  const warned = [];
  const build = async (contents, loader, { plugins = [], ...more } = {}) => {
    const stdin = { contents, loader, sourcefile: `page.${loader}` };
    const names = { entryNames: 'page-[hash]', assetNames: '[name]-[hash]', publicPath: 'assets' };
    const { metafile, warnings } = await esbuild.build({ ...OPTIONS, ...names, ...more, stdin, plugins: [own(request), ...plugins, later, templates] });
    warned.push(...told(warnings));
    const outputs = Object.entries(metafile.outputs);
    const [made] = outputs.find(([, { entryPoint }]) => entryPoint);
    for (const [path] of outputs) if (path !== made) files.add(basename(path));
    return basename(made);
  };
  const buildStyle = () => {
    if (!ownStyles.length) return build(style, 'css');
    const { contents, plugin } = sheets(style, ownStyles);
    return build(contents, 'css', { plugins: [plugin] });
  };
  const classic = { format: 'iife' };
  // Letters as they are, and half as long in most languages: a module is UTF-8, and so is the page.
  // What stands in somebody else's page may be read in another way.
  const utf8 = { charset: 'utf8' };
  return {
    script: await build(script, 'js', utf8),
    early: await build(early, 'js', { ...classic, ...utf8 }),
    gate: await build(gate, 'js', { ...classic, target: 'es5' }),
    embed: await build(embed, 'js', classic),
    style: await buildStyle(),
    files: [...files],
    warnings: warned,
  };
}
