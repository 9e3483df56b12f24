/** The results as a table that spreadsheets read (CSV, RFC 4180). */

/** @typedef {import('./batch.js').Entry} Entry */

/** Kinds of haemorrhage, a column each for their probabilities. */
const KINDS = /** @type {const} */ (['EDH', 'IPH', 'IVH', 'SAH', 'SDH']);

const HEADINGS = [
  'file',
  'label',
  'probability',
  'margin',
  'threshold',
  'operatingPoint',
  'prevalence',
  'inconclusive',
  'inDistribution',
  'distance',
  ...KINDS,
  'model',
  'examination',
  'error',
];

/**
 * Quotes a cell where it must be, and keeps a spreadsheet from running a file's name as a formula.
 *
 * @param {string | number | boolean} value
 * @returns {string}
 */
function cell(value) {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * One line for each answer and each entry that failed, under a line of headings. A slice that several
 * models have seen has a line for each, the latest last.
 *
 * @param {readonly Entry[]} entries
 * @param {object} [options]
 * @param {(entry: Entry, index: number) => string} [options.called]  What stands for a slice.
 * @param {(entry: Entry) => boolean | undefined} [options.truth]  Whether a slice shows a haemorrhage, in a
 *   column of its own, `trueLabel`.
 * @param {(entry: Entry) => number | undefined} [options.examination]  The number of the examination that
 *   a slice is of, where it is of one.
 * @returns {string}
 */
export function resultsTable(entries, { called = ({ name }) => name, truth, examination } = {}) {
  const [file, ...others] = HEADINGS;
  const lines = [[file, ...(truth ? ['trueLabel'] : []), ...others].join(',')];
  for (const [index, entry] of entries.entries()) {
    const { classification, earlier, error } = entry;
    const whole = examination?.(entry) ?? '';
    const slice = [called(entry, index), ...(truth ? [trueLabel(truth(entry))] : [])];
    for (const answer of classification ? [...earlier, classification] : earlier) {
      const { label, probability, margin, threshold, operatingPoint, prevalence, inconclusive, model } = answer;
      const { inDistribution, distance, kinds } = answer;
      const ofKinds = KINDS.map((code) => kinds.find(({ kind }) => kind === code)?.probability ?? '');
      const made = `${model.name} ${model.version}`;
      const judged = [label, probability, margin, threshold, operatingPoint, prevalence ?? '', inconclusive];
      const cells = [...judged, inDistribution, distance, ...ofKinds];
      lines.push([...slice, ...cells, made, whole, ''].map(cell).join(','));
    }
    if (error) {
      const nothing = Array(HEADINGS.length - 3).fill('');
      lines.push([...slice, ...nothing, whole, error.name].map(cell).join(','));
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * The label that stands for what is true.
 *
 * @param {boolean | undefined} isHaemorrhage
 * @returns {string}  Empty where it is not known.
 */
export function trueLabel(isHaemorrhage) {
  if (isHaemorrhage === undefined) return '';
  return isHaemorrhage ? 'haemorrhage' : 'normal';
}
