/** How answers and quantities are put into words. */

/** @typedef {import('./worker.js').Classification} Classification */

/** @type {Record<Classification['label'], string>} */
export const LABEL_WORDS = { haemorrhage: 'Haemorrhage', normal: 'Normal' };

/**
 * What models are called in words, by the names in their cards.
 *
 * @type {Record<string, string>}
 */
const MODEL_TITLES = { 'alexnet-svm': 'AlexNet-SVM', alexnet: 'AlexNet', cnn: 'CNN' };

/**
 * @param {string} name
 * @returns {string}
 */
export function modelTitle(name) {
  return MODEL_TITLES[name] ?? name;
}

/**
 * What speaks against relying on an answer, to be said right after its label.
 *
 * @param {Classification} classification
 * @returns {string}
 */
export function doubt({ inDistribution, inconclusive }) {
  if (!inDistribution) return ', but not like a head CT';
  return inconclusive ? ', inconclusive' : '';
}

/**
 * A probability in whole percent; never a certainty, which no model has.
 *
 * @param {number} probability  0 to 1.
 * @returns {string}
 */
export function percent(probability) {
  if (probability < 0.01) return '< 1 %';
  if (probability > 0.99) return '> 99 %';
  return `${Math.round(probability * 100)} %`;
}

/**
 * A number with its sign and two decimals, such as −0.42, or more.
 *
 * @param {number} value
 * @param {number} [decimals]
 * @returns {string}
 */
export function signed(value, decimals = 2) {
  const digits = Math.abs(value).toFixed(decimals);
  return `${value < 0 && Number(digits) !== 0 ? '−' : '+'}${digits}`;
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function duration(ms) {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * A count with its noun, such as `1 slice` or `3 slices`.
 *
 * @param {number} count
 * @param {string} noun
 * @returns {string}
 */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
