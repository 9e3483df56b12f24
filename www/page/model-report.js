/**
 * What the model card says of a model besides its header: what it is for, what it was made from, how
 * well it does on which slices, and where it fails. The build puts it into the page; of a model that it
 * does not know nothing is shown.
 */
import { englishSentence } from './english.js';
import { text } from './messages.js';
import { part } from './page-part.js';
import { decimal } from './wording.js';

/**
 * @typedef {{ value: number, low?: number, high?: number }} Figure
 * @typedef {object} Group  Slices, and what the model does on them.
 * @property {string} protocol
 * @property {string} slicesOf
 * @property {string} by
 * @property {string} group
 * @property {number} slices
 * @property {number} patients
 * @property {number} haemorrhages
 * @property {Record<string, Figure>} figures  By names such as `auc`.
 *
 * @typedef {object} FailureCount
 * @property {string} slicesOf
 * @property {number} haemorrhages
 * @property {number} missed
 * @property {number} normals
 * @property {number} falseAlarms
 *
 * @typedef {object} Report  Of a model.
 * @property {string} name
 * @property {string} version
 * @property {Group[]} performance
 * @property {{ summary: string, counts: FailureCount[] }} failures
 *
 * @typedef {object} Source
 * @property {string} title
 * @property {Record<string, string>} collection
 * @property {{ slices: number, patients: number, haemorrhages: number }} counts
 *
 * @typedef {object} Reports
 * @property {{ purpose: string, users: string[], input: string, output: string }} intendedUse
 * @property {string[]} outOfScope
 * @property {Source[]} sources
 * @property {string[]} limitations
 * @property {string[]} notMeasured
 * @property {Report[]} models
 *
 * @typedef {import('./messages.js').MessageKey} MessageKey
 * @typedef {[term: string | HTMLElement, lines: (string | HTMLElement)[]]} Entry  Of a list of definitions.
 */

/** @type {Reports} */
const REPORTS = JSON.parse(part(document, 'model-reports', HTMLScriptElement).text);

/** @type {Record<string, MessageKey>} */
const FIGURES = { sensitivity: 'card.sensitivity', specificity: 'card.specificity', auc: 'card.auc' };

/**
 * The sections of figures, by what their groups are made by.
 *
 * @type {[MessageKey, string[]][]}
 */
const FIGURES_BY = [
  ['card.bySource', ['source']],
  ['card.byKind', ['kind']],
  ['card.bySize', ['size']],
  ['card.byPlace', ['level', 'fracture', 'patient', 'slice thickness']],
];

/**
 * Shows what is known of a model, in sections that a visitor opens; those that are open stay so.
 *
 * @param {HTMLElement} root
 * @param {{ name: string, version: string }} card
 */
export function showModelReport(root, card) {
  const report = REPORTS.models.find(({ name, version }) => name === card.name && version === card.version);
  const open = new Set([...root.querySelectorAll('details[open]')].map((shown) => shown.getAttribute('data-section')));
  root.replaceChildren(...(report ? sections(report) : []));
  for (const shown of root.querySelectorAll('details')) shown.open = open.has(shown.getAttribute('data-section'));
}

/**
 * @param {Report} report
 * @returns {HTMLElement[]}
 */
function sections({ performance, failures }) {
  const { intendedUse, outOfScope, sources, limitations, notMeasured } = REPORTS;
  const { purpose, users, input, output } = intendedUse;
  const figures = FIGURES_BY.map(([heading, kinds]) => {
    const groups = performance.filter(({ by }) => kinds.includes(by));
    return section(heading, groups.length > 0 ? [definitions(groups.map(groupEntry))] : []);
  });
  const counts = failures.counts.map(
    (/** @type {FailureCount} */ count) => /** @type {Entry} */ ([englishSentence(count.slicesOf), [failureWords(count)]]),
  );
  return [
    section('card.intendedUse', [sentences([purpose, ...users, input, output])]),
    section('card.outOfScope', [sentences(outOfScope)]),
    section('card.sources', [definitions(sources.map(sourceEntry))]),
    ...figures,
    section('card.failures', [sentences([failures.summary]), definitions(counts)]),
    section('card.limitations', [sentences(limitations)]),
    section('card.notMeasured', [sentences(notMeasured)]),
  ].filter((shown) => shown.childElementCount > 1);
}

/**
 * @param {MessageKey} heading
 * @param {HTMLElement[]} content
 * @returns {HTMLDetailsElement}
 */
function section(heading, content) {
  const details = document.createElement('details');
  details.dataset.section = heading;
  const summary = document.createElement('summary');
  summary.textContent = text(heading);
  details.append(summary, ...content);
  return details;
}

/**
 * @param {string[]} english
 * @returns {HTMLElement}
 */
function sentences(english) {
  const list = document.createElement('ul');
  for (const sentence of english) {
    const item = document.createElement('li');
    item.append(englishSentence(sentence));
    list.append(item);
  }
  return list;
}

/**
 * @param {Entry[]} entries
 * @returns {HTMLElement}
 */
function definitions(entries) {
  const list = document.createElement('dl');
  list.className = 'facts';
  for (const [term, lines] of entries) {
    const name = document.createElement('dt');
    name.append(term);
    const value = document.createElement('dd');
    for (const words of lines) {
      const line = document.createElement('span');
      line.append(words);
      value.append(line);
    }
    list.append(name, value);
  }
  return list;
}

/**
 * @param {Source} source
 * @returns {Entry}
 */
function sourceEntry({ title, collection, counts }) {
  return [englishSentence(title), [text('card.count', counts), ...Object.values(collection).map(englishSentence)]];
}

/**
 * @param {Group} group
 * @returns {Entry}
 */
function groupEntry({ protocol, slicesOf, group, slices, patients, haemorrhages, figures }) {
  const whole = slicesOf === group ? slicesOf : `${slicesOf}: ${group}`;
  const lines = Object.entries(figures).map(([name, figure]) => figureWords(text(FIGURES[name]), figure));
  const counts = text('card.count', { slices, patients, haemorrhages });
  return [englishSentence(whole), [englishSentence(protocol), counts, ...lines]];
}

/**
 * @param {string} figure
 * @param {Figure} value
 * @returns {string}
 */
function figureWords(figure, { value, low, high }) {
  const digits = (/** @type {number} */ number) => decimal(number, 3);
  if (low === undefined || high === undefined) return text('card.figure', { figure, value: digits(value) });
  return text('card.figureWithInterval', { figure, value: digits(value), low: digits(low), high: digits(high) });
}

/** @param {FailureCount} count */
function failureWords({ haemorrhages, missed, normals, falseAlarms }) {
  return text('card.failureCount', { haemorrhages, missed, normals, falseAlarms });
}
