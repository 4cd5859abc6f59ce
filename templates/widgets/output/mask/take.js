/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
/** @import {Shown} from './paint.js' */
import { encodePng } from '../../../runtime/page/taken/png.js';
import * as table from '../../../runtime/page/taken/table.js';
import { painted } from './paint.js';

/** @typedef {{shown: Shown | null}} Widget */

/** @param {Widget} widget */
function found({ shown }) {
  if (!shown) throw new Error('There is no mask yet.');
  return shown;
}

/** Each class with its share. @param {Output} output @param {Widget} widget */
const rows = (output, widget) => [output.columns, ...found(widget).shares.map(({ name, share }) => [name || output.label, Number(share.toFixed(6))])];

/** @param {Tensor} _ @param {Output} output @param {Widget} widget */
export const text = (_, output, widget) => table.tabbed(rows(output, widget));

/** @param {Tensor} _ @param {Output} output @param {Widget} widget */
export const csv = (_, output, widget) => table.csv(rows(output, widget));

/** The picture with the mask, as it is shown. @param {Tensor} _ @param {Output} _output @param {Widget} widget */
export function png(_, _output, widget) {
  const { base, levels, part, colours, opacity } = found(widget);
  const { data, width, height } = painted(base, levels, part, colours, opacity);
  return encodePng(data, width, height, 3);
}

/** The mask alone, in the picture's size: classes in their colours, one thing white, what is left black. @param {Tensor} _ @param {Output} output @param {Widget} widget */
export function mask(_, { options }, widget) {
  const { base, levels, part, colours } = found(widget);
  const black = { ...base, data: new Int32Array(base.data.length) };
  const alone = options.threshold === null ? colours : colours.map((colour) => colour && /** @type {[number, number, number]} */ ([255, 255, 255]));
  const { data, width, height } = painted(black, levels, part, alone, 1);
  return encodePng(data, width, height, 3);
}
