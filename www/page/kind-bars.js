/** How likely each kind of haemorrhage is, as bars; the likeliest first. */
import { text } from './messages.js';
import { percent } from './wording.js';

/** @typedef {import('./worker.js').Classification} Classification */

/**
 * Whether an answer says which kind: not where it is clearly normal, nor by a model that was not
 * taught kinds.
 *
 * @param {Pick<Classification, 'label' | 'inconclusive' | 'kinds'>} answer
 */
export function tellsKinds({ label, inconclusive, kinds }) {
  return kinds.length > 0 && (label === 'haemorrhage' || inconclusive);
}

/**
 * @param {Classification['kinds']} kinds  At least one.
 */
export const likeliest = (kinds) => kinds.reduce((a, b) => (b.probability > a.probability ? b : a));

/**
 * @param {Classification['kinds']} kinds
 * @returns {HTMLElement[]}  A list item for each kind.
 */
export function kindBars(kinds) {
  const byProbability = [...kinds].sort((a, b) => b.probability - a.probability);
  return byProbability.map(({ kind, probability }) => {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.dataset.value = String(probability);
    const name = document.createElement('span');
    name.textContent = text(`kind.${kind}`);
    const bar = document.createElement('span');
    bar.className = 'kind-bar';
    bar.style.setProperty('--probability', String(probability));
    const value = document.createElement('strong');
    value.textContent = percent(probability);
    item.append(name, bar, value);
    return item;
  });
}
