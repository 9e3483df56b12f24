/** The results on paper: a part of the page that is there only while it is printed. */
import { likeliest, tellsKinds } from '../kind-bars.js';
import { copyOf, part } from '../page-part.js';
import { language, text } from '../messages.js';
import { reasonWords } from '../reason-words.js';
import { drawSlice } from '../slice-pixels.js';
import { LABEL_WORDS, listed, modelTitle, percent, share, signed, verdictWords } from '../wording.js';
import { evaluationFace } from './evaluation-panel.js';
import { byProbability, counts } from './row-order.js';
import { seriesName, seriesWords } from './study-panel.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('./evaluation.js').Evaluation} Evaluation
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 */

/** How many slices are shown as pictures. */
const PICTURES = 12;

/**
 * @typedef {object} ReportFacts
 * @property {readonly Entry[]} entries  Those of the list as they came.
 * @property {Classification['model']} model  The one in use.
 * @property {Date} date
 * @property {(entry: Entry, index: number) => string} called  What stands for a slice.
 * @property {readonly ShownStudy[]} studies
 * @property {Evaluation | undefined} evaluation
 */

/**
 * Fills the report.
 *
 * @param {HTMLElement} root
 * @param {ReportFacts} facts
 */
export function writeReport(root, { entries, model, date, called, studies, evaluation }) {
  const names = new Map(entries.map((entry, index) => [entry, called(entry, index)]));
  const name = (/** @type {Entry} */ entry) => names.get(entry) ?? '';
  const sorted = byProbability(entries);
  part(root, 'report-date', HTMLElement).textContent = date.toLocaleString(language(), {
    dateStyle: 'long',
    timeStyle: 'short',
  });
  part(root, 'report-model', HTMLElement).textContent = `${modelTitle(model.name)} ${model.version}`;
  part(root, 'report-counts', HTMLElement).textContent = countWords(entries);

  const answered = sorted.filter(({ classification, thumbnail }) => classification?.inDistribution && thumbnail);
  const pictures = answered.slice(0, PICTURES).map((entry) => picture(entry, name(entry)));
  fill(root, 'report-pictures', pictures);
  fill(root, 'report-studies', studies.map((study) => studyPart(study, name, studies.length > 1)));
  fill(root, 'report-evaluation', evaluation ? [evaluationFace(evaluation)] : []);
  part(root, 'report-rows', HTMLElement).replaceChildren(...sorted.map((entry) => row(entry, name(entry))));
}

/** @param {HTMLElement} root */
export function clearReport(root) {
  for (const name of ['report-pictures', 'report-studies', 'report-evaluation', 'report-rows']) {
    part(root, name, HTMLElement).replaceChildren();
  }
}

/**
 * Fills a part of the report, which is there with its heading only if there is something in it.
 *
 * @param {HTMLElement} root
 * @param {string} name
 * @param {HTMLElement[]} content
 */
function fill(root, name, content) {
  const place = part(root, name, HTMLElement);
  place.replaceChildren(...content);
  const section = place.closest('section');
  if (section) section.hidden = content.length === 0;
}

/**
 * @param {readonly Entry[]} entries
 * @returns {string}
 */
function countWords(entries) {
  const { all, haemorrhage, normal, inconclusive, unlike, failed } = counts(entries);
  return [
    text('report.slices', { count: all }),
    text('list.filterHaemorrhage', { count: haemorrhage }),
    text('list.filterNormal', { count: normal }),
    text('list.filterInconclusive', { count: inconclusive }),
    text('list.filterUnlike', { count: unlike }),
    text('list.filterFailed', { count: failed }),
  ].join(', ');
}

/**
 * @param {Entry} entry
 * @param {string} name
 * @returns {HTMLElement}
 */
function picture({ thumbnail, classification }, name) {
  const figure = copyOf('report-picture', HTMLElement);
  if (thumbnail) drawSlice(part(figure, 'thumbnail', HTMLCanvasElement), thumbnail);
  const words = classification ? [name, percent(classification.probability)] : [name];
  part(figure, 'caption', HTMLElement).textContent = words.join(': ');
  return figure;
}

/**
 * @param {Entry} entry
 * @param {string} name
 * @returns {HTMLElement}
 */
function row({ classification, error }, name) {
  const line = copyOf('report-row', HTMLElement);
  const cell = (/** @type {string} */ key, /** @type {string} */ words) => {
    part(line, key, HTMLElement).textContent = words;
  };
  cell('name', name);
  if (classification) {
    const { label, probability, margin, threshold } = classification;
    cell('verdict', [verdictWords(classification), ...likeliestKind(classification)].join(' – '));
    cell('figure', percent(probability));
    cell('margin', `${signed(margin)} (${signed(threshold)})`);
  } else {
    cell('verdict', error ? text('report.failed', { error: error.name }) : text('report.pending'));
  }
  return line;
}

/**
 * The likeliest kind of haemorrhage in words, where the answer tells one.
 *
 * @param {Classification} classification
 * @returns {string[]}  One text or none.
 */
function likeliestKind(classification) {
  if (!tellsKinds(classification)) return [];
  const { kind, probability } = likeliest(classification.kinds);
  return [`${text(`kind.${kind}`)} ${percent(probability)}`];
}

/**
 * @param {ShownStudy} study
 * @param {(entry: Entry) => string} name
 * @param {boolean} isOneOfMany
 * @returns {HTMLElement}
 */
function studyPart({ number, answer, leading }, name, isOneOfMany) {
  const block = document.createElement('div');
  const paragraph = (/** @type {string} */ words) => {
    const element = document.createElement('p');
    element.textContent = words;
    block.append(element);
  };
  const { label, probability, slices, series, inDistribution, inconclusive, reason } = answer;
  const { kinds, operatingPoint, prevalence } = answer;
  const verdict = label ? LABEL_WORDS[label] : text('study.noAnswer');
  const called = isOneOfMany ? `${text('study.number', { number })}: ` : '';
  const figure = probability === undefined ? '' : `, ${percent(probability)}`;
  const terms =
    prevalence === undefined
      ? []
      : [text('study.terms', { point: text(`terms.${operatingPoint}`), share: share(prevalence) })];
  paragraph([`${called}${verdict}${figure}.`, text('study.basis', { count: slices }), ...terms].join(' '));
  if (label && tellsKinds({ label, inconclusive, kinds })) {
    const told = kinds.map(({ kind, probability: own }) => `${text(`kind.${kind}`)} ${percent(own)}`);
    paragraph(text('report.kinds', { kinds: listed(told) }));
  }
  if (!inDistribution) paragraph(reason ? (reasonWords(reason) ?? reason) : text('study.unlike'));
  else if (inconclusive) paragraph(text('study.inconclusive'));
  if (leading.length > 0) {
    const some = leading.map(({ entry, probability: own }) => `${name(entry)} (${percent(own)})`).join(', ');
    paragraph(`${text('study.leading')} ${some}`);
  }
  for (const one of series) paragraph(`${seriesName(one)} – ${seriesWords(one)}`);
  return block;
}
