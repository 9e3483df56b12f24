/** In which order slices stand in the list, and which of them are shown. */
import { comesBefore } from '../batch.js';

/** @typedef {import('../batch.js').Entry} Entry */

/** @typedef {'came' | 'probability'} Order */

/** What may be shown alone. A slice can be in several: one that is not like a head CT has a label too. */
export const FILTERS = /** @type {const} */ ([
  'all',
  'haemorrhage',
  'normal',
  'inconclusive',
  'unlike',
  'failed',
]);

/** @typedef {(typeof FILTERS)[number]} Filter */

/** @type {Record<Filter, (entry: Entry) => boolean>} */
const BELONGS = {
  all: () => true,
  haemorrhage: ({ classification }) => classification?.label === 'haemorrhage',
  normal: ({ classification }) => classification?.label === 'normal',
  inconclusive: ({ classification }) => Boolean(classification?.inDistribution && classification.inconclusive),
  unlike: ({ classification }) => classification?.inDistribution === false,
  failed: ({ state }) => state === 'failed',
};

/**
 * How many slices each filter shows.
 *
 * @param {readonly Entry[]} entries
 * @returns {Record<Filter, number>}
 */
export function counts(entries) {
  const found = { all: entries.length, haemorrhage: 0, normal: 0, inconclusive: 0, unlike: 0, failed: 0 };
  for (const entry of entries) {
    for (const filter of FILTERS) if (filter !== 'all' && BELONGS[filter](entry)) found[filter]++;
  }
  return found;
}

/**
 * Whether a slice is to be shown.
 *
 * @param {Filter} filter
 * @param {string} words  What its name, or the path of its file, must contain; capitals make no difference.
 * @returns {(entry: Entry) => boolean}
 */
export function shownBy(filter, words) {
  const sought = words.trim().toLowerCase();
  const contains = (/** @type {Entry} */ { name, path }) =>
    name.toLowerCase().includes(sought) || path.toLowerCase().includes(sought);
  return (entry) => BELONGS[filter](entry) && (sought === '' || contains(entry));
}

/**
 * Which comes first of slices that differ in what came of them: answers that can be read, answers that
 * mean little, those that somebody should look after, those that have none yet.
 *
 * @param {Entry} entry
 * @returns {number}
 */
function standing({ classification, state }) {
  if (classification) return classification.inDistribution ? 0 : 1;
  return state === 'failed' ? 2 : 3;
}

/**
 * Sorts by the probability of haemorrhage, highest first; slices that are alike stay as they came.
 *
 * @param {readonly Entry[]} entries
 * @returns {Entry[]}
 */
export function byProbability(entries) {
  const keyed = entries.map((entry) => ({
    entry,
    standing: standing(entry),
    probability: entry.classification?.probability ?? 0,
  }));
  keyed.sort((a, b) => {
    if (a.standing !== b.standing) return a.standing - b.standing;
    if (a.probability !== b.probability) return b.probability - a.probability;
    return comesBefore(a.entry.rank, b.entry.rank) ? -1 : 1;
  });
  return keyed.map(({ entry }) => entry);
}
