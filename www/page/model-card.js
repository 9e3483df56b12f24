/** What the model says about itself: origin, licence, how it was measured and how well it did. */
import { englishSentence, withEnglish } from './english.js';
import { text } from './messages.js';
import { decimal, modelTitle } from './wording.js';

/**
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {ModelCard['figures'][string]} Figure
 * @typedef {import('./messages.js').MessageKey} MessageKey
 * @typedef {(string | HTMLElement)[]} Line  Words, some of them in English.
 */

/**
 * What the groups that figures were measured on are called, by the last word of the figures' names,
 * in the order in which they are shown.
 *
 * @type {Record<string, MessageKey>}
 */
const GROUPS = {
  Patient: 'card.onPatients',
  Study: 'card.onStudies',
  External: 'card.onExternal',
  Paper: 'card.onPaper',
};

/**
 * What the card's figures are called in words.
 *
 * @type {Record<string, MessageKey>}
 */
const FIGURES = {
  accuracy: 'card.accuracy',
  auc: 'card.auc',
  aucWithinFolds: 'card.aucWithinFolds',
  brier: 'card.brier',
  brierScore: 'card.brier',
  calibrationError: 'card.calibrationError',
  inconclusiveShare: 'card.inconclusiveShare',
  meanSquaredError: 'card.meanSquaredError',
  sensitivity: 'card.sensitivity',
  sensitivityAt90Specificity: 'card.sensitivityAt90Specificity',
  sensitivityAt80Specificity: 'card.sensitivityAt80Specificity',
  specificity: 'card.specificity',
  marginCorrelationStored: 'card.marginCorrelationStored',
  sameLabelStored: 'card.sameLabelStored',
};

/**
 * @param {number} value
 * @returns {string}
 */
const digits = (value) => decimal(value, 3);

/**
 * A figure in words with its 95 % interval, where it has one.
 *
 * @param {string} name  Without its group.
 * @param {Figure} figure
 * @returns {string}
 */
function figureWords(name, { value, low, high }) {
  // A name that is new here is split into its words.
  const figure = FIGURES[name]
    ? text(FIGURES[name])
    : name.replace(/[A-Z0-9]+/g, (word) => ` ${word.toLowerCase()}`);
  if (low === undefined || high === undefined) return text('card.figure', { figure, value: digits(value) });
  return text('card.figureWithInterval', { figure, value: digits(value), low: digits(low), high: digits(high) });
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
    const group = Object.keys(GROUPS).find((word) => name.endsWith(word)) ?? '';
    const key = `${group} ${figure.protocol}`;
    const known = groups.get(key) ?? { group, protocol: figure.protocol, lines: [] };
    known.lines.push(figureWords(name.slice(0, name.length - group.length), figure));
    groups.set(key, known);
  }
  const order = [...Object.keys(GROUPS), ''];
  return [...groups.values()]
    .sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group))
    .flatMap(({ group, protocol, lines }) => {
      const remark = withEnglish(text('card.measuredAs', { protocol }), protocol);
      return definition(text(GROUPS[group] ?? 'card.figures'), lines.map((line) => [line]), remark);
    });
}

/**
 * Fills a definition list with the card.
 *
 * @param {HTMLElement} list  A `<dl>`.
 * @param {ModelCard} card
 */
export function showModelCard(list, card) {
  list.replaceChildren(
    ...definition(text('card.model'), [[`${modelTitle(card.name)} ${card.version}`]]),
    ...definition(text('card.data'), [[englishSentence(card.data)]]),
    ...definition(text('card.protocol'), [[englishSentence(card.protocol)]]),
    ...figureDefinitions(card.figures),
    ...definition(text('card.licence'), [[englishSentence(card.licence)]]),
  );
}

/**
 * A `<dt>` and its `<dd>`: lines, and a remark on them.
 *
 * @param {string} term
 * @param {Line[]} lines
 * @param {Line} [remark]
 * @returns {HTMLElement[]}
 */
function definition(term, lines, remark) {
  const name = document.createElement('dt');
  name.textContent = term;
  const value = document.createElement('dd');
  for (const words of lines) {
    const line = document.createElement('span');
    line.append(...words);
    value.append(line);
  }
  if (remark) {
    const small = document.createElement('small');
    small.append(...remark);
    value.append(small);
  }
  return [name, value];
}
