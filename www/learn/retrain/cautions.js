/** What speaks against believing the figures of a plane: few slices, slices twice, patients split. */
import { groupsOf } from './groups.js';

/**
 * @typedef {import('./groups.js').Rule} Rule
 * @typedef {import('./labelled-slices.js').Labelled} Labelled
 */

/** Below so many slices of a class their figures are hardly more than chance. */
const FEW = 20;

/**
 * From this correlation of their units on, two slices are taken for copies or neighbours. Of 200 slices of
 * CT-ICH none correlates by more than 0.78 with one of another patient; of those with a slice of the same
 * patient among them, the nearest tenth by more than 0.8.
 */
const ALIKE = 0.85;

/** From so many slices on, correlations tell copies from others. */
const ENOUGH_TO_COMPARE = 20;

/**
 * @typedef {object} Cautions
 * @property {number} few  Slices of the smaller class, where they are few; else 0.
 * @property {('haemorrhage' | 'normal')[]} single  Classes with one group alone, of which nothing can be
 *   held out.
 * @property {number} twins  Slices that are the same as one of another group.
 * @property {number} alike  Further ones that are nearly the same.
 * @property {number} namesakes  Slices whose names say that they belong to another one, where names do not
 *   count.
 * @property {number} unlike  Slices that are not taken for a head CT.
 */

/**
 * @param {readonly Labelled[]} slices
 * @param {Rule} rule
 * @returns {Cautions}
 */
export function cautionsOf(slices, rule) {
  const groups = groupsOf(slices, rule);
  const count = (/** @type {boolean} */ is) => slices.filter(({ haemorrhage }) => haemorrhage === is).length;
  const groupsIn = (/** @type {boolean} */ is) =>
    new Set(groups.filter((_, i) => slices[i].haemorrhage === is)).size;
  const smaller = Math.min(count(true), count(false));
  const { twins, alike } = copies(slices, groups);
  return {
    few: smaller < FEW ? smaller : 0,
    single: /** @type {const} */ (['haemorrhage', 'normal']).filter((name) => groupsIn(name === 'haemorrhage') === 1),
    twins,
    alike,
    namesakes: rule === 'each' ? namesakes(slices, groups) : 0,
    unlike: slices.filter(({ shipped }) => !shipped.inDistribution).length,
  };
}

/**
 * Slices that have a copy in another group.
 *
 * @param {readonly Labelled[]} slices
 * @param {readonly number[]} groups
 */
function copies(slices, groups) {
  const rows = standardised(slices.map(({ units }) => units));
  let [twins, alike] = [0, 0];
  slices.forEach(({ units }, i) => {
    let nearest = -1;
    let isTwin = false;
    for (let j = 0; j < slices.length; j++) {
      if (groups[j] === groups[i]) continue;
      isTwin ||= slices[j].units.every((unit, k) => unit === units[k]);
      nearest = Math.max(nearest, correlation(rows[i], rows[j]));
    }
    if (isTwin) twins++;
    else if (slices.length >= ENOUGH_TO_COMPARE && nearest >= ALIKE) alike++;
  });
  return { twins, alike };
}

/**
 * Each unit with a mean of nought and a deviation of one; one that never changes is nought.
 *
 * @param {readonly Float32Array[]} rows
 * @returns {Float64Array[]}
 */
function standardised(rows) {
  const width = rows[0]?.length ?? 0;
  const [mean, deviation] = [new Float64Array(width), new Float64Array(width)];
  for (const row of rows) row.forEach((unit, k) => (mean[k] += unit / rows.length));
  for (const row of rows) row.forEach((unit, k) => (deviation[k] += (unit - mean[k]) ** 2 / rows.length));
  return rows.map((row) =>
    Float64Array.from(row, (unit, k) => (deviation[k] > 1e-12 ? (unit - mean[k]) / Math.sqrt(deviation[k]) : 0)),
  );
}

/**
 * The cosine between two rows.
 *
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function correlation(a, b) {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    dot += a[k] * b[k];
    ofA += a[k] * a[k];
    ofB += b[k] * b[k];
  }
  return dot / Math.sqrt(ofA * ofB || 1);
}

/**
 * Slices that share the beginning of their names with one of another group. Where all share it, as those
 * of a camera do, it says nothing.
 *
 * @param {readonly Labelled[]} slices
 * @param {readonly number[]} groups
 */
function namesakes(slices, groups) {
  const byName = groupsOf(slices, 'name');
  const both = [true, false].every(
    (is) => new Set(byName.filter((_, i) => slices[i].haemorrhage === is)).size > 1,
  );
  if (!both) return 0;
  return slices.filter((_, i) => slices.some((_, j) => byName[i] === byName[j] && groups[i] !== groups[j])).length;
}
