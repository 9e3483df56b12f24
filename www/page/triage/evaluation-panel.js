/** Shows how well answers agree with the labels that came with the slices. */
import { copyOf, part } from '../page-part.js';
import { language, text } from '../messages.js';
import { modelTitle } from '../wording.js';
import { rocPlot } from './roc-plot.js';

/**
 * @typedef {import('./evaluation.js').Evaluation} Evaluation
 * @typedef {import('./statistics.js').Estimate} Estimate
 */

/** @type {Record<keyof Evaluation['shares'] | 'auc', Parameters<typeof text>[0]>} */
const FIGURE_KEYS = {
  sensitivity: 'evaluation.sensitivity',
  specificity: 'evaluation.specificity',
  accuracy: 'evaluation.accuracy',
  ppv: 'evaluation.ppv',
  npv: 'evaluation.npv',
  auc: 'evaluation.auc',
};

/**
 * A share with three decimals and its interval, such as `0.836 (0.754 to 0.910)`.
 *
 * @param {Estimate | undefined} estimate
 * @returns {string}
 */
export function estimateWords(estimate) {
  if (!estimate) return text('evaluation.undefined');
  const digits = (/** @type {number} */ value) =>
    value.toLocaleString(language(), { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const { value, low, high } = estimate;
  if (low === undefined || high === undefined) return digits(value);
  return text('evaluation.interval', { value: digits(value), low: digits(low), high: digits(high) });
}

/**
 * The figures of an evaluation by name, in words.
 *
 * @param {Evaluation} evaluation
 * @returns {{ key: string, name: string, words: string }[]}
 */
export function evaluationFigures({ shares, auc }) {
  const figures = /** @type {[keyof typeof FIGURE_KEYS, Estimate | undefined][]} */ (
    Object.entries({ ...shares, auc })
  );
  return figures.map(([key, estimate]) => ({ key, name: text(FIGURE_KEYS[key]), words: estimateWords(estimate) }));
}

/**
 * What should be known of an evaluation besides its figures.
 *
 * @param {Evaluation} evaluation
 * @returns {string[]}
 */
export function evaluationNotes({ slices, model, inconclusive, unlike, pending, failed, byOthers }) {
  const notes = [text('evaluation.compared', { count: slices, model: `${modelTitle(model.name)} ${model.version}` })];
  if (inconclusive > 0) notes.push(text('evaluation.inconclusive', { count: inconclusive }));
  if (unlike > 0) notes.push(text('evaluation.unlike', { count: unlike }));
  if (pending > 0) notes.push(text('evaluation.pending', { count: pending }));
  if (failed > 0) notes.push(text('evaluation.failed', { count: failed }));
  if (byOthers > 0) notes.push(text('evaluation.byOthers', { count: byOthers }));
  return notes;
}

/**
 * Fills a copy of the template `evaluation`.
 *
 * @param {Evaluation} evaluation
 * @returns {HTMLElement}
 */
export function evaluationFace(evaluation) {
  const face = copyOf('evaluation', HTMLElement);
  for (const [cell, count] of Object.entries(evaluation.counts)) {
    part(face, cell, HTMLElement).textContent = count.toLocaleString(language());
  }
  const figures = evaluationFigures(evaluation).flatMap(({ key, name, words }) => {
    const [term, value] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = name;
    value.textContent = words;
    value.dataset.figure = key;
    return [term, value];
  });
  part(face, 'figures', HTMLElement).replaceChildren(...figures);
  const plot = part(face, 'roc', SVGSVGElement);
  plot.replaceChildren(...rocPlot(evaluation));
  plot.setAttribute('aria-label', text('evaluation.rocLabel', { auc: estimateWords(evaluation.auc) }));
  part(face, 'roc-figure', HTMLElement).hidden = evaluation.roc.length === 0;
  const notes = evaluationNotes(evaluation).map((words) => {
    const note = document.createElement('li');
    note.textContent = words;
    return note;
  });
  part(face, 'notes', HTMLElement).replaceChildren(...notes);
  return face;
}

export class EvaluationPanel {
  #root;
  #face;
  #problems;

  /** @param {ParentNode} page */
  constructor(page) {
    this.#root = part(page, 'evaluation-panel', HTMLElement);
    this.#face = part(this.#root, 'evaluation-face', HTMLElement);
    this.#problems = part(this.#root, 'label-problems', HTMLElement);
  }

  /**
   * @param {Evaluation | undefined} evaluation  Nothing where no slice has a label.
   * @param {readonly string[]} problems  What does not match in tables of labels.
   */
  show(evaluation, problems) {
    this.#root.hidden = !evaluation && problems.length === 0;
    this.#face.replaceChildren(...(evaluation ? [evaluationFace(evaluation)] : []));
    const items = problems.map((words) => {
      const item = document.createElement('li');
      item.textContent = words;
      return item;
    });
    this.#problems.replaceChildren(...items);
    this.#problems.hidden = items.length === 0;
  }
}
