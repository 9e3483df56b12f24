/** Which slices of the list tell how good the model in use is, and what they say of it. */
import { isSameModel } from '../batch.js';
import { agreement } from './statistics.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('./statistics.js').Agreement} Agreement
 * @typedef {import('./truth.js').Truth} Truth
 */

/**
 * @typedef {Agreement & {
 *   slices: number,
 *   pending: number,
 *   failed: number,
 *   byOthers: number,
 *   inconclusive: number,
 *   unlike: number,
 *   model: Classification['model'],
 * }} Evaluation  `slices` are compared. Left out are labelled ones that are `pending`, that have `failed`,
 *   and that were answered by other models; `inconclusive` and `unlike` a head CT are among those compared.
 */

/**
 * @param {readonly Entry[]} entries
 * @param {Truth} truth
 * @param {Classification['model']} model  The one in use.
 * @returns {Evaluation}
 */
export function evaluate(entries, truth, model) {
  const left = { pending: 0, failed: 0, byOthers: 0 };
  const doubtful = { inconclusive: 0, unlike: 0 };
  const judged = [];
  for (const entry of entries) {
    const isHaemorrhage = truth.of(entry);
    if (isHaemorrhage === undefined) continue;
    const { state, classification } = entry;
    if (state === 'failed') left.failed++;
    else if (!classification) left.pending++;
    else if (!isSameModel(classification.model, model)) left.byOthers++;
    else {
      if (!classification.inDistribution) doubtful.unlike++;
      else if (classification.inconclusive) doubtful.inconclusive++;
      const called = classification.label === 'haemorrhage';
      judged.push({ truth: isHaemorrhage, called, score: classification.margin });
    }
  }
  return { ...agreement(judged), ...left, ...doubtful, slices: judged.length, model };
}
