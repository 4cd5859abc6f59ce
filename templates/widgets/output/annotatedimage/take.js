/** @import {Output, Tensor} from '../../../runtime/page/types.js' */
import * as table from '../../../runtime/page/taken/table.js';
import { find } from '../../../runtime/page/widget.js';
import { marksOf, reaching } from './marks.js';

/** The longer side of a kept picture is at least this, so that its names can be read. */
const LEAST_SIDE = 640;

/** What is shown: the marks, and the sides of the picture that they are on. @param {Tensor} tensor @param {Output} output */
function shown(tensor, { id, options }) {
  const root = find(document, `#${id}`, HTMLElement);
  const { width, height } = find(root, '.marks', SVGSVGElement).viewBox.baseVal;
  const threshold = find(root, '[data-control=threshold]', HTMLInputElement).valueAsNumber;
  return { root, width, height, threshold, marks: reaching(marksOf(tensor, options, width, height), threshold) };
}

/** With as many digits as a score and a tenth of a pixel have. @param {number} value @param {number} digits */
const short = (value, digits = 1) => Number(value.toFixed(digits));

/** @param {Tensor} tensor @param {Output} output */
function rows(tensor, output) {
  const { marks, width, height } = shown(tensor, output);
  const [{ points } = { points: [] }] = marks;
  const named = points.flatMap(({ name }) => [`${name} x`, `${name} y`]);
  const body = marks.map((mark) => [
    mark.name,
    short(mark.score, 4),
    ...[mark.left * width, mark.top * height, mark.right * width, mark.bottom * height].map((side) => short(side)),
    ...mark.points.flatMap((point) => [short(point.x * width), short(point.y * height)]),
  ]);
  return [[...output.columns, ...named], ...body];
}

/** @param {Tensor} tensor @param {Output} output */
export const text = (tensor, output) => table.tabbed(rows(tensor, output));

/** @param {Tensor} tensor @param {Output} output */
export const csv = (tensor, output) => table.csv(rows(tensor, output));

/** In pixels of the picture, whose sides are said. @param {Tensor} tensor @param {Output} output */
export function json(tensor, output) {
  const { marks, width, height } = shown(tensor, output);
  const boxes = marks.map((mark) => ({
    label: mark.name,
    score: short(mark.score, 4),
    left: short(mark.left * width),
    top: short(mark.top * height),
    right: short(mark.right * width),
    bottom: short(mark.bottom * height),
    ...(mark.points.length ? { points: mark.points.map(({ name, x, y, score }) => ({ name, x: short(x * width), y: short(y * height), score: short(score, 4) })) } : {}),
  }));
  return JSON.stringify({ picture: { width, height }, boxes }, null, 2);
}

/** The picture with what is drawn over it. @param {Tensor} tensor @param {Output} output @returns {Promise<Blob>} */
export async function png(tensor, output) {
  const { root, width, height } = shown(tensor, output);
  const scale = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(width, height)));
  const canvas = Object.assign(document.createElement('canvas'), { width: width * scale, height: height * scale });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot draw.');
  const source = [...root.querySelectorAll('canvas, img')].find((one) => !(/** @type {HTMLElement} */ (one).hidden));
  if (source instanceof HTMLImageElement) await source.decode();
  context.imageSmoothingEnabled = scale === 1;
  context.drawImage(/** @type {CanvasImageSource} */ (source), 0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  const em = Math.max(13 / scale, Math.max(width, height) / 50);
  for (const mark of find(root, '.marks', SVGSVGElement).children) paint(context, mark, em);
  return new Promise((resolve, refuse) => canvas.toBlob((blob) => (blob ? resolve(blob) : refuse(new Error('This browser cannot write a picture.'))), 'image/png'));
}

/** One mark as it stands in the page. @param {CanvasRenderingContext2D} context @param {Element} mark @param {number} em how high its letters are */
function paint(context, mark, em) {
  const hue = getComputedStyle(mark).color;
  const number = (/** @type {Element} */ part, /** @type {string} */ name) => Number(part.getAttribute(name));
  context.lineJoin = context.lineCap = 'round';
  for (const part of mark.children) {
    const isEdge = part.classList.contains('mark-edge');
    context.strokeStyle = isEdge ? '#111' : hue;
    context.fillStyle = hue;
    context.lineWidth = em * (isEdge ? 0.32 : 0.16);
    if (part instanceof SVGRectElement) context.strokeRect(number(part, 'x'), number(part, 'y'), number(part, 'width'), number(part, 'height'));
    context.beginPath();
    if (part instanceof SVGLineElement) context.moveTo(number(part, 'x1'), number(part, 'y1'));
    if (part instanceof SVGLineElement) context.lineTo(number(part, 'x2'), number(part, 'y2'));
    if (part instanceof SVGLineElement) context.stroke();
    if (part instanceof SVGCircleElement) context.arc(number(part, 'cx'), number(part, 'cy'), em / 4, 0, 2 * Math.PI);
    if (part instanceof SVGCircleElement) context.fill();
    if (part instanceof SVGTextElement) write(context, part, hue, em);
  }
}

/** @param {CanvasRenderingContext2D} context @param {SVGTextElement} part @param {string} hue @param {number} em */
function write(context, part, hue, em) {
  const said = part.textContent ?? '';
  context.font = `600 ${em}px ${getComputedStyle(part).fontFamily}`;
  context.textAlign = part.getAttribute('text-anchor') === 'end' ? 'right' : 'left';
  const [x, y] = [Number(part.getAttribute('x')), Number(part.getAttribute('y')) + em * parseFloat(part.getAttribute('dy') ?? '0')];
  context.lineWidth = em * 0.6;
  context.strokeStyle = hue;
  context.strokeText(said, x, y);
  context.fillStyle = '#111';
  context.fillText(said, x, y);
}
