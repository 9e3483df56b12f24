/** What the model says about itself: origin, licence, how it was measured and how well it did. */

/** @typedef {import('./worker.js').ModelCard} ModelCard */

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
      return definition(name, figure(value) + interval, protocol);
    }),
    ...definition('Licence', card.licence),
  );
}

/**
 * A `<dt>` and its `<dd>`s.
 *
 * @param {string} term
 * @param {string[]} lines
 * @returns {HTMLElement[]}
 */
function definition(term, ...lines) {
  const name = document.createElement('dt');
  name.textContent = term;
  const values = lines.map((line) => {
    const value = document.createElement('dd');
    value.textContent = line;
    return value;
  });
  return [name, ...values];
}
