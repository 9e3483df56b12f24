/** What the model says about itself: origin, licence, how it was measured and how well it did. */

import { modelTitle } from './wording.js';

/**
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {ModelCard['figures'][string]} Figure
 */

/**
 * What the groups that figures were measured on are called, by the last word of the figures' names,
 * in the order in which they are shown.
 *
 * @type {Record<string, string>}
 */
const GROUP_WORDS = {
  Patient: 'On patients it has not seen',
  Study: 'On whole studies of such patients',
  External: 'On images from elsewhere',
  Paper: 'After the paper’s split',
};

/**
 * What the card's figures are called in words.
 *
 * @type {Record<string, string>}
 */
const FIGURE_WORDS = {
  accuracy: 'Accuracy',
  auc: 'Area under the ROC curve',
  aucWithinFolds: 'Area under the ROC curve, pairs of the same fold',
  brier: 'Brier score',
  brierScore: 'Brier score',
  calibrationError: 'Calibration error',
  inconclusiveShare: 'Share of inconclusive answers',
  meanSquaredError: 'Mean squared error',
  sensitivity: 'Sensitivity',
  sensitivityAt90Specificity: 'Sensitivity at 90 % specificity',
  specificity: 'Specificity',
};

/**
 * @param {number} value
 * @returns {string}
 */
const digits = (value) => value.toFixed(3);

/**
 * A figure in words with its 95 % interval, where it has one.
 *
 * @param {string} name  Without its group.
 * @param {Figure} figure
 * @returns {string}
 */
function figureWords(name, { value, low, high }) {
  // A name that is new here is split into its words.
  const words = FIGURE_WORDS[name] ?? name.replace(/[A-Z0-9]+/g, (word) => ` ${word.toLowerCase()}`);
  const interval =
    low === undefined || high === undefined
      ? ''
      : ` (95 % interval ${digits(low)} to ${digits(high)})`;
  return `${words} ${digits(value)}${interval}`;
}

/**
 * The figures, one definition for each group that they were measured on and each protocol: first how
 * they were measured, then the figures.
 *
 * @param {ModelCard['figures']} figures  By names such as `aucPatient`.
 * @returns {HTMLElement[]}
 */
function figureDefinitions(figures) {
  /** @type {Map<string, { group: string, protocol: string, lines: string[] }>} */
  const groups = new Map();
  for (const [name, figure] of Object.entries(figures)) {
    const group = Object.keys(GROUP_WORDS).find((word) => name.endsWith(word)) ?? '';
    const key = `${group} ${figure.protocol}`;
    const known = groups.get(key) ?? { group, protocol: figure.protocol, lines: [] };
    known.lines.push(figureWords(name.slice(0, name.length - group.length), figure));
    groups.set(key, known);
  }
  const order = [...Object.keys(GROUP_WORDS), ''];
  return [...groups.values()]
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group))
    .flatMap(({ group, protocol, lines }) =>
      definition(GROUP_WORDS[group] ?? 'Figures', lines, `Measured as: ${protocol}`),
    );
}

/**
 * Fills a definition list with the card.
 *
 * @param {HTMLElement} list  A `<dl>`.
 * @param {ModelCard} card
 */
export function showModelCard(list, card) {
  list.replaceChildren(
    ...definition('Model', [`${modelTitle(card.name)} ${card.version}`]),
    ...definition('Trained on', [card.data]),
    ...definition('Protocol', [card.protocol]),
    ...figureDefinitions(card.figures),
    ...definition('Licence', [card.licence]),
  );
}

/**
 * A `<dt>` and its `<dd>`: lines, and a remark on them.
 *
 * @param {string} term
 * @param {string[]} lines
 * @param {string} [remark]
 * @returns {HTMLElement[]}
 */
function definition(term, lines, remark) {
  const name = document.createElement('dt');
  name.textContent = term;
  const value = document.createElement('dd');
  for (const words of lines) {
    const line = document.createElement('span');
    line.textContent = words;
    value.append(line);
  }
  if (remark) {
    const small = document.createElement('small');
    small.textContent = remark;
    value.append(small);
  }
  return [name, value];
}
