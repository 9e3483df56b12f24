/** How answers and quantities are put into words, in the visitor's language. */
import { language, text } from './messages.js';
import { formatNumber, joinedList } from './numbers.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./worker.js').Classification} Classification
 */

/** @type {Readonly<Record<Classification['label'], string>>} */
export const LABEL_WORDS = {
  get haemorrhage() {
    return text('label.haemorrhage');
  },
  get normal() {
    return text('label.normal');
  },
};

/**
 * What models are called in words, by the names in their cards.
 *
 * @type {Record<string, string>}
 */
const MODEL_TITLES = {
  'alexnet-svm': 'AlexNet-SVM',
  'alexnet-svm-open': 'AlexNet-SVM, open',
  alexnet: 'AlexNet',
  cnn: 'CNN',
};

/**
 * @param {string} name
 * @returns {string}
 */
export function modelTitle(name) {
  return MODEL_TITLES[name] ?? name;
}

/**
 * What an entry is called on the page: its file, and which of the slices there it is.
 *
 * @param {Pick<Entry, 'source' | 'frame' | 'slices'>} entry
 * @returns {string}
 */
export function entryTitle({ source, frame, slices = 1 }) {
  return slices > 1 ? text('slice.ofSeveral', { name: source, number: frame + 1, total: slices }) : source;
}

/**
 * The label of an answer, and what speaks against relying on it.
 *
 * @param {Pick<Classification, 'label' | 'inDistribution' | 'inconclusive'>} classification
 * @returns {string}
 */
export function verdictWords({ label, inDistribution, inconclusive }) {
  if (!inDistribution) return text('verdict.unlike', { label: LABEL_WORDS[label] });
  return inconclusive ? text('verdict.inconclusive', { label: LABEL_WORDS[label] }) : LABEL_WORDS[label];
}

/**
 * Whether something speaks against relying on an answer.
 *
 * @param {Classification} classification
 * @returns {boolean}
 */
export function isDoubtful({ inDistribution, inconclusive }) {
  return !inDistribution || inconclusive;
}

/**
 * A probability in whole percent; never a certainty, which no model has.
 *
 * @param {number} probability  0 to 1.
 * @returns {string}
 */
export function percent(probability) {
  const whole = (/** @type {number} */ number) => text('quantity.percent', { number });
  if (probability < 0.01) return text('quantity.less', { quantity: whole(1) });
  if (probability > 0.99) return text('quantity.more', { quantity: whole(99) });
  return whole(Math.round(probability * 100));
}

/**
 * A share of all, such as 17.4 %.
 *
 * @param {number} value  0 to 1.
 * @returns {string}
 */
export function share(value) {
  const number = formatNumber(language(), value * 100, { maximumSignificantDigits: 3 });
  return text('quantity.percent', { number });
}

/**
 * A number with that many decimals.
 *
 * @param {number} value
 * @param {number} decimals
 * @returns {string}
 */
export function decimal(value, decimals) {
  return formatNumber(language(), value, fixed(decimals));
}

/**
 * A number with its sign and two decimals, such as −0.42, or more.
 *
 * @param {number} value
 * @param {number} [decimals]
 * @returns {string}
 */
export function signed(value, decimals = 2) {
  // What is rounded to nothing has no sign of its own.
  const rounded = Number(value.toFixed(decimals)) || 0;
  return formatNumber(language(), rounded, { ...fixed(decimals), signDisplay: 'always' }).replace('-', '−');
}

/**
 * A number that counts nothing, such as a side in pixels: its digits are not parted in groups.
 *
 * @param {number} value
 * @returns {string}
 */
export function ungrouped(value) {
  return formatNumber(language(), value, { useGrouping: false });
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function duration(ms) {
  return ms < 1000
    ? text('quantity.milliseconds', { number: Math.max(1, Math.round(ms)) })
    : text('quantity.seconds', { number: decimal(ms / 1000, 1) });
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function megabytes(bytes) {
  return text('quantity.megabytes', { number: decimal(bytes / 1e6, 1) });
}

/**
 * Phrases one after the other, as the language lists them.
 *
 * @param {string[]} phrases
 * @returns {string}
 */
export function listed(phrases) {
  return joinedList(language(), phrases);
}

/**
 * @param {number} decimals
 * @returns {Intl.NumberFormatOptions}
 */
function fixed(decimals) {
  return { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
}
