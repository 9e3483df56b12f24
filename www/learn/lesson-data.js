/** The report's numbers, as the build has put them into the page (www/build/lesson-data.mjs). */
import { part } from '../page/page-part.js';

/** @typedef {{ value: number, low?: number, high?: number }} Estimate  With its 95 % interval. */

/** @typedef {string | number | null | Estimate} Cell */

/**
 * @typedef {{ key: string, title: string, note: string, columns: string[], rows: Cell[][] }} Table
 *
 * Which command made what rows rest on: those of a table, of a network, of a source, as far as it is said.
 * @typedef {{ table?: string, network?: string, source?: string, command: string }} Made
 *
 * How a network did by a protocol with one rule of decision.
 * @typedef {{ network: string, preset: string, protocol: string, decision: string,
 *   figures: Record<'auc' | 'accuracy' | 'sensitivity' | 'specificity', Estimate>,
 *   reliability: { observed: number, predicted: number, slices: number }[] }} Figures
 *
 * Counts of slices by their margins, in bins of one width between two ends.
 * @typedef {{ network: string, preset: string, protocol: string, lowest: number, highest: number,
 *   haemorrhage: number[], normal: number[] }} Margins
 *
 * Accuracy in training and in the test by epoch.
 * @typedef {{ network: string, protocol: string, fold?: number,
 *   epochs: [epoch: number, training: number, test: number][] }} Curve
 *
 * How the model from all sources did on the slices of one: of patients that were left out, or with the
 * whole source left out. Sensitivity and specificity are at the balanced operating point.
 * @typedef {Record<'auc' | 'sensitivityAt90' | 'sensitivity' | 'specificity', Interval>
 *   & { source: string, protocol: 'patients' | 'leftOut', slices: number }} BySource
 * @typedef {{ value: number, low: number, high: number }} Interval
 *
 * How well slices of one kind are told from normal ones, and from those of other kinds: areas.
 * @typedef {{ kind: 'EDH' | 'IPH' | 'IVH' | 'SAH' | 'SDH', slices: number, normal: Interval,
 *   others: Interval }} KindFigures
 *
 * Sensitivity and specificity of whole examinations at an operating point.
 * @typedef {Record<'screening' | 'balanced' | 'confirming',
 *   { sensitivity: number, specificity: number }>} Points
 *
 * @typedef {{ tables: Table[], commands: Made[], figures: Figures[], margins: Margins[],
 *   curves: Curve[], bySource: BySource[], kinds: KindFigures[], points: Points }} LessonData
 */

/** @type {LessonData} */
export const DATA = JSON.parse(part(document, 'lesson-data', HTMLScriptElement).text);

/**
 * @param {string} key
 * @returns {Table}
 */
export function table(key) {
  const found = DATA.tables.find((known) => known.key === key);
  if (!found) throw new Error(`the report has no table ${key}`);
  return found;
}

/**
 * @template {{ network: string, preset: string, protocol: string }} T
 * @param {T[]} all
 * @param {string} network
 * @param {string} preset
 * @param {string} protocol
 * @returns {T[]}
 */
export function of(all, network, preset, protocol) {
  return all.filter(
    (one) => one.network === network && one.preset === preset && one.protocol === protocol,
  );
}

/** How the networks that a visitor can look into were trained. */
const PRESETS = /** @type {Record<string, string>} */ ({ 'alexnet-svm': 'best' });

/**
 * @param {string} network  As in its card.
 * @returns {string}
 */
export const presetOf = (network) => PRESETS[network] ?? 'paper';

/** The command that recomputes every number from the committed margins. */
export const REPORT_COMMAND = 'haemolens report';
