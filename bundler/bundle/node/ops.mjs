// The ops of the graph: what they mean for a bundle, and which of them nobody has.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TENSORFLOW, request } from './request.mjs';
import { read } from './syntax.mjs';

export const OPS = new Set(request.ops);
// Files of templates/ops/ that are no helpers are named like their op.
const OWN_OPS = new Set(readdirSync(join(request.templates, 'ops')).filter((file) => /^[A-Z]/.test(file)).map((file) => file.replace(/\.js$/, '')));
// Stands for the whole layers model in the graph of a layers page.
export const LAYERS_OP = 'TfjsDemoLayers';

/** The tool's own ops that the graph has. */
export const ownOps = () => [...OWN_OPS].filter((name) => OPS.has(name)).sort();

// What they answer may be nothing: masks that keep nothing, pictures in which nothing is found.
const SELECTING = ['Where', 'NonMaxSuppressionV2', 'NonMaxSuppressionV3', 'Unique', 'UniqueV2', 'ListDiff'];
/** Whether the graph makes tensors without elements, which other backends than cpu cannot handle. */
export const makesEmpty = () => ownOps().length > 0 || SELECTING.some((name) => OPS.has(name));

/** The ops that neither the converter's lists nor templates/ops/ have. */
export function unknownOps(ops) {
  const folder = join(TENSORFLOW, 'tfjs-converter', 'dist', 'operations', 'op_list');
  const lists = readdirSync(folder).filter((file) => /^\w+\.js$/.test(file));
  const known = new Set(lists.flatMap((file) => [...read(join(folder, file)).matchAll(/'tfOpName': '(\w+)'/g)].map(([, name]) => name)));
  return [...ops].filter((name) => !known.has(name) && !OWN_OPS.has(name) && name !== LAYERS_OP).sort();
}
