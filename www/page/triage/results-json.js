/** The results as one JSON object. README.md describes it; a change of what is there raises its version. */
import { trueLabel } from '../results-table.js';
import { placeInList } from './study-members.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 * @typedef {import('./evaluation.js').Evaluation} Evaluation
 */

const FORMAT_VERSION = 2;

/**
 * @typedef {object} Results
 * @property {readonly Entry[]} entries  Those of the list as they came.
 * @property {Classification['model']} model  The one in use.
 * @property {Date} date
 * @property {((entry: Entry) => string) | undefined} called  The names of files, if they are wanted.
 * @property {((entry: Entry) => boolean | undefined) | undefined} truth  Where labels came with the slices.
 * @property {Evaluation | undefined} evaluation
 * @property {readonly { number: number, answer: StudyAnswer }[]} studies  Highest probability first.
 */

/**
 * @param {Results} results
 * @returns {string}
 */
export function resultsJson({ entries, model, date, called, truth, evaluation, studies }) {
  const answers = [];
  const errors = [];
  for (const [index, entry] of entries.entries()) {
    const { classification, earlier, error, slices = 1 } = entry;
    const slice = { slice: index + 1, ...(called && { file: called(entry) }) };
    const truly = truth && { trueLabel: trueLabel(truth(entry)) || null };
    for (const answer of classification ? [...earlier, classification] : earlier) {
      const { label, probability, margin, threshold, inconclusive, inDistribution, distance, frame } = answer;
      const terms = { operatingPoint: answer.operatingPoint, prevalence: answer.prevalence ?? null };
      const judged = { label, probability, margin, threshold, ...terms, inconclusive, inDistribution, distance };
      const reason = answer.reason ?? null;
      const { kinds, model } = answer;
      answers.push({ ...slice, frame, frames: slices, ...truly, ...judged, kinds, reason, model });
    }
    if (error) errors.push({ ...slice, ...truly, name: error.name, message: error.message });
  }
  const object = {
    format: 'haemolens-results',
    formatVersion: FORMAT_VERSION,
    date: date.toISOString(),
    notice: 'Research software, not a medical device: never base a diagnosis on it.',
    model: { name: model.name, version: model.version },
    answers,
    errors,
    studies: studies.map(({ number, answer }) => ({ number, ...studyObject(answer) })),
    ...(evaluation && { evaluation: evaluationObject(evaluation) }),
  };
  return `${JSON.stringify(object, undefined, 1)}\n`;
}

/** @param {StudyAnswer} answer */
function studyObject({ label, probability, margin, threshold, inconclusive, inDistribution, ...more }) {
  const numbered = (/** @type {{ file: string }} */ { file }) => placeInList(file) + 1;
  return {
    label: label ?? null,
    probability: probability ?? null,
    margin: margin ?? null,
    threshold,
    operatingPoint: more.operatingPoint,
    prevalence: more.prevalence ?? null,
    inconclusive,
    kinds: more.kinds,
    inDistribution,
    reason: more.reason ?? null,
    basis: more.basis,
    countedSlices: more.slices,
    leading: more.leading.map((slice) => ({
      slice: numbered(slice),
      margin: slice.margin,
      probability: slice.probability,
    })),
    series: more.series.map((series) => ({
      number: series.number ?? null,
      kind: series.kind,
      thickness: series.thickness ?? null,
      used: series.used,
      why: series.why ?? null,
      probability: series.probability ?? null,
      duplicates: series.duplicates,
      slices: series.slices.map(numbered),
    })),
    failed: more.failed.map(numbered),
    model: more.model,
  };
}

/** @param {Evaluation} evaluation */
function evaluationObject({ slices, counts, shares, auc, roc, inconclusive, unlike, failed, byOthers, model }) {
  return { slices, counts, ...shares, auc, roc, inconclusive, unlike, failed, byOthers, model };
}
