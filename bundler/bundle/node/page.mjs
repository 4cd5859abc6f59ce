// The page's own scripts and style sheet, with those of its author.
import { basename } from 'node:path';
import { OPTIONS, templates } from './build.mjs';
import { own, sheets, told } from './own.mjs';
import { esbuild, request } from './request.mjs';

export async function bundle({ script, early, gate, embed, style, ownStyles }) {
  const files = new Set();
  const warned = [];
  const build = async (contents, loader, { plugins = [], ...more } = {}) => {
    const stdin = { contents, loader, sourcefile: `page.${loader}` };
    const names = { entryNames: 'page-[hash]', assetNames: '[name]-[hash]', publicPath: 'assets' };
    const { metafile, warnings } = await esbuild.build({ ...OPTIONS, ...names, ...more, stdin, plugins: [own(request), ...plugins, templates] });
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
  return {
    script: await build(script, 'js'),
    early: await build(early, 'js', classic),
    gate: await build(gate, 'js', { ...classic, target: 'es5' }),
    embed: await build(embed, 'js', classic),
    style: await buildStyle(),
    files: [...files],
    warnings: warned,
  };
}
