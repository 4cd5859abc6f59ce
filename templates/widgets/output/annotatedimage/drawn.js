/** @import {Mark, Options} from './marks.js' */
import { percent } from './marks.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Boxes have so many colours; names tell more classes apart. */
export const HUES = 8;
/** Pixels of the screen that the letters are high. */
const LETTERS = 13;

/** @param {string} name @param {Record<string, string | number>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, typeof value === 'number' ? written(value) : value);
  return made;
}

/** As Python writes it, too. @param {number} value */
const written = (value) => String(Number(value.toFixed(1)));

/** Draws marks in the pixels of the picture. @param {SVGSVGElement} view @param {Mark[]} marks @param {Options} options */
export function drawMarks(view, marks, options) {
  const { width, height } = view.viewBox.baseVal;
  view.replaceChildren(...[...marks].reverse().map((mark) => drawn(mark, options, width, height)));
}

/** @param {Mark} mark @param {Options} options @param {number} width @param {number} height */
function drawn(mark, { skeleton, threshold }, width, height) {
  const group = element('g', { class: 'mark', 'data-hue': mark.kind % HUES });
  const [x, y] = [mark.left * width, mark.top * height];
  const box = { x, y, width: (mark.right - mark.left) * width, height: (mark.bottom - mark.top) * height };
  group.append(element('rect', { class: 'mark-edge', ...box }), element('rect', { class: 'mark-box', ...box }));
  const points = mark.points.map((point) => ({ x: point.x * width, y: point.y * height, isThere: point.score >= threshold }));
  for (const [from, to] of skeleton) {
    const [one, other] = [points[from], points[to]];
    if (one?.isThere && other?.isThere) group.append(element('line', { class: 'mark-bone', x1: one.x, y1: one.y, x2: other.x, y2: other.y }));
  }
  for (const point of points) if (point.isThere) group.append(element('circle', { class: 'mark-point', cx: point.x, cy: point.y, r: '0.25em' }));
  group.append(label(mark, x, y, box.width, width, height));
  return group;
}

/** Above the box or, where there is no room, in it; it never leaves the picture. @param {Mark} mark @param {number} x @param {number} y @param {number} across @param {number} width @param {number} height */
function label({ name, score, left, top, right }, x, y, across, width, height) {
  const isFar = left + right > 1;
  const at = { x: Math.min(Math.max(isFar ? x + across : x, 0), width), y: Math.max(y, 0) };
  const made = element('text', { class: 'mark-label', 'paint-order': 'stroke', ...at, dy: top * height < height / 12 ? '1.1em' : '-0.4em', 'text-anchor': isFar ? 'end' : 'start' });
  made.textContent = `${name} ${percent(score)}`;
  return made;
}

/** Letters and lines are as large on the screen as others, however large the picture is. @param {SVGSVGElement} view */
export function scaleMarks(view) {
  const { width, height } = view.viewBox.baseVal;
  const scale = Math.min(view.clientWidth / width, view.clientHeight / height);
  if (scale > 0) view.setAttribute('font-size', String(LETTERS / scale));
}
