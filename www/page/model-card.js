/** What the model says about itself: origin, licence, how it was measured and how well it did. */

/** @typedef {import('./worker.js').ModelCard} ModelCard */

/**
 * What the card's figures are called in words.
 *
 * @type {Record<string, string>}
 */
const FIGURE_WORDS = {
  auc: 'Area under the ROC curve',
  calibrationError: 'Calibration error',
  inconclusiveShare: 'Share of inconclusive answers',
  sensitivity: 'Sensitivity',
  sensitivityAt90Specificity: 'Sensitivity at 90 % specificity',
  specificity: 'Specificity',
};

/**
 * @param {string} name  Such as `aucPatient`; its last word, the group it was measured on, is said by
 *   the figure's protocol.
 * @returns {string}
 */
function figureWords(name) {
  return FIGURE_WORDS[name.replace(/(Patient|External)$/, '')] ?? name;
}

/**
 * @param {number} value
 * @returns {string}
 */
const figure = (value) => value.toFixed(3);

/**
 * Fills a definition list with the card.
 *
 * @param {HTMLElement} list  A `<dl>`.
 * @param {ModelCard} card
 */
export function showModelCard(list, card) {
  list.replaceChildren(
    ...definition('Model', `${card.name} ${card.version}`),
    ...definition('Trained on', card.data),
    ...definition('Protocol', card.protocol),
    ...Object.entries(card.figures).flatMap(([name, { value, low, high, protocol }]) => {
      const interval =
        low === undefined || high === undefined
          ? ''
          : ` (95 % interval ${figure(low)} to ${figure(high)})`;
      return definition(figureWords(name), figure(value) + interval, protocol);
    }),
    ...definition('Licence', card.licence),
  );
}

/**
 * A `<dt>` and its `<dd>`, whose first line is the value and whose others are details.
 *
 * @param {string} term
 * @param {[string, ...string[]]} lines
 * @returns {HTMLElement[]}
 */
function definition(term, ...lines) {
  const name = document.createElement('dt');
  name.textContent = term;
  const value = document.createElement('dd');
  const [first, ...others] = lines;
  const details = others.map((line) => {
    const detail = document.createElement('small');
    detail.textContent = line;
    return detail;
  });
  value.append(first, ...details);
  return [name, value];
}
