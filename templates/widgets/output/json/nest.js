/** Nested lists of a tensor's elements. @param {any[]} values @param {number[]} shape @returns {any} */
export function nest(values, [length, ...inner]) {
  if (length === undefined) return values[0];
  const step = values.length / length;
  return Array.from({ length }, (_, index) => nest(values.slice(index * step, (index + 1) * step), inner));
}
