/** A waveform: an SVG path takes the page's colours, and needs nobody who draws it anew. */

/** Columns of a waveform. */
const COLUMNS = 160;
/** What silence looks like. */
const LEAST = 0.012;

/** How far a sound reaches in each column. @param {Float32Array} samples */
export function peaksOf(samples) {
  return Array.from({ length: COLUMNS }, (_, column) => {
    let peak = 0;
    const end = Math.ceil(((column + 1) * samples.length) / COLUMNS);
    for (let index = Math.floor((column * samples.length) / COLUMNS); index < end; index++) peak = Math.max(peak, Math.abs(samples[index]));
    return peak;
  });
}

/**
 * Draws peaks from the left on, as large as there is room.
 *
 * @param {SVGElement} svg
 * @param {number[]} peaks
 * @param {number} [columns] how many there will be
 */
export function draw(svg, peaks, columns = peaks.length) {
  const loudest = Math.max(0.1, ...peaks);
  const lines = peaks.map((peak, index) => {
    const height = Math.max(LEAST, peak / loudest).toFixed(3);
    return `M${index + 0.5} -${height}V${height}`;
  });
  svg.setAttribute('viewBox', `0 -1 ${columns} 2`);
  svg.querySelector('path')?.setAttribute('d', lines.join(''));
}
