/** How well answers agree with what is true: counts, shares and curves, each with its 95 % interval. */

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * A figure with its 95 % interval, where one can be given.
 *
 * @typedef {{ value: number, low?: number, high?: number }} Estimate
 */

/**
 * A slice of which the truth is known: what the model called it and the score by which it did, higher for
 * haemorrhage.
 *
 * @typedef {{ truth: boolean, called: boolean, score: number }} Judged
 */

/**
 * @typedef {object} Agreement
 * @property {{ tp: number, fn: number, fp: number, tn: number }} counts  Of slices with haemorrhage:
 *   found, missed; of those without: called so falsely, rightly not.
 * @property {Record<'sensitivity' | 'specificity' | 'accuracy' | 'ppv' | 'npv', Estimate | undefined>} shares
 * @property {Estimate | undefined} auc
 * @property {{ x: number, y: number }[]} roc  From (0, 0) to (1, 1): `x` is 1 − specificity, `y`
 *   sensitivity, at every score as threshold; empty where one of the classes is.
 */

/**
 * @param {readonly Judged[]} judged
 * @returns {Agreement}
 */
export function agreement(judged) {
  const counts = { tp: 0, fn: 0, fp: 0, tn: 0 };
  for (const { truth, called } of judged) {
    if (truth) counts[called ? 'tp' : 'fn']++;
    else counts[called ? 'fp' : 'tn']++;
  }
  const { tp, fn, fp, tn } = counts;
  const shares = {
    sensitivity: wilson(tp, tp + fn),
    specificity: wilson(tn, tn + fp),
    accuracy: wilson(tp + tn, judged.length),
    ppv: wilson(tp, tp + fp),
    npv: wilson(tn, tn + fn),
  };
  const descending = judged.toSorted((a, b) => b.score - a.score);
  return { counts, shares, auc: areaUnderRoc(judged), roc: rocCurve(descending) };
}

/**
 * A share with its score interval (Wilson 1927), which stays between 0 and 1.
 *
 * @param {number} successes
 * @param {number} trials
 * @returns {Estimate | undefined}  Nothing where there were no trials.
 */
export function wilson(successes, trials) {
  if (trials === 0) return undefined;
  const value = successes / trials;
  const scale = 1 + Z ** 2 / trials;
  const centre = (value + Z ** 2 / (2 * trials)) / scale;
  const half = (Z * Math.sqrt((value * (1 - value)) / trials + Z ** 2 / (4 * trials ** 2))) / scale;
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Points of the curve, one for every different score.
 *
 * @param {readonly Judged[]} descending  By score.
 * @returns {{ x: number, y: number }[]}
 */
function rocCurve(descending) {
  const positives = descending.filter(({ truth }) => truth).length;
  const negatives = descending.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points = [{ x: 0, y: 0 }];
  let [found, wrong] = [0, 0];
  for (const [i, { truth, score }] of descending.entries()) {
    if (truth) found++;
    else wrong++;
    // Slices of one score lie on one side of any threshold together.
    if (descending[i + 1]?.score !== score) points.push({ x: wrong / negatives, y: found / positives });
  }
  return points;
}

/**
 * The chance that a slice with haemorrhage has a higher score than one without, ties counting half, with
 * the interval of DeLong et al. (1988) on the logit, so that it stays between 0 and 1.
 *
 * @param {readonly Judged[]} judged
 * @returns {Estimate | undefined}  Nothing where one of the classes is empty; without an interval where
 *   none can be worked out: with one slice of a class, or classes that are told apart without fault.
 */
export function areaUnderRoc(judged) {
  const [positives, negatives] = [true, false].map((is) =>
    judged.filter(({ truth }) => truth === is).map(({ score }) => score),
  );
  const [m, n] = [positives.length, negatives.length];
  if (m === 0 || n === 0) return undefined;
  // Midranks give DeLong's components without comparing all pairs (Sun and Xu 2014).
  const all = midranks([...positives, ...negatives]);
  const [among, amongNegatives] = [midranks(positives), midranks(negatives)];
  const ofPositives = positives.map((_, i) => (all[i] - among[i]) / n);
  const ofNegatives = negatives.map((_, j) => 1 - (all[m + j] - amongNegatives[j]) / m);
  const value = mean(ofPositives);
  if (m < 2 || n < 2 || value <= 0 || value >= 1) return { value };
  const error = Math.sqrt(variance(ofPositives) / m + variance(ofNegatives) / n);
  const logit = Math.log(value / (1 - value));
  const half = (Z * error) / (value * (1 - value));
  const logistic = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
  return { value, low: logistic(logit - half), high: logistic(logit + half) };
}

/**
 * Ranks from 1; those that are equal have the mean of theirs.
 *
 * @param {readonly number[]} values
 * @returns {number[]}
 */
function midranks(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * @param {readonly number[]} values
 * @returns {number}
 */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Of a sample.
 *
 * @param {readonly number[]} values
 * @returns {number}
 */
function variance(values) {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
