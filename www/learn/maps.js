/** What can be read off a layer's map. */

/**
 * @typedef {import('../haemolens.js').LayerMap} LayerMap
 * @typedef {import('../haemolens.js').Kernels} Kernels
 * @typedef {import('./pictures.js').Square} Square
 */

/**
 * @param {LayerMap} map
 * @param {number} channel
 * @returns {Float32Array}  One channel, row by row.
 */
export function channelOf({ values, side }, channel) {
  return values.subarray(channel * side * side, (channel + 1) * side * side);
}

/**
 * @param {ArrayLike<number>} values
 * @returns {number}  The place of the largest.
 */
export function strongestPlace(values) {
  let place = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[place]) place = i;
  return place;
}

/**
 * The channels of a map, those with the largest sum first.
 *
 * @param {LayerMap} map
 * @returns {{ order: number[], silent: number }}  `silent` counts those that are zero everywhere.
 */
export function byStrength(map) {
  const sums = Array.from({ length: map.channels }, (_, channel) =>
    channelOf(map, channel).reduce((sum, value) => sum + value, 0),
  );
  const order = sums.map((_, channel) => channel).sort((a, b) => sums[b] - sums[a]);
  return { order, silent: sums.filter((sum) => sum === 0).length };
}

/**
 * The part of the slice that one place of a map sees.
 *
 * @param {LayerMap} map
 * @param {number} place
 * @returns {Square}
 */
export function fieldSquare({ side, field }, place) {
  const half = field.size / 2;
  return {
    x: field.x + (place % side) * field.stride - half,
    y: field.y + Math.floor(place / side) * field.stride - half,
    side: field.size,
    kind: 'field',
  };
}

/**
 * The kernels of one filter, those with the largest weights first.
 *
 * @param {Kernels} kernels
 * @param {number} filter
 * @returns {{ channel: number, values: Float32Array }[]}  Of each channel that the filter reads, counted
 *   within its group.
 */
export function kernelsOf({ depth, size, values }, filter) {
  const area = size * size;
  const found = Array.from({ length: depth }, (_, channel) => {
    const from = (filter * depth + channel) * area;
    return { channel, values: values.subarray(from, from + area) };
  });
  const weight = (/** @type {Float32Array} */ kernel) => kernel.reduce((sum, w) => sum + w * w, 0);
  return found.sort((a, b) => weight(b.values) - weight(a.values));
}
