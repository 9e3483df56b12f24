/** Shows what the model says of whole examinations, highest probability first. */
import { copyOf, part } from '../page-part.js';
import { language, text } from '../messages.js';
import { withReason } from '../reason-words.js';
import { drawSlice } from '../slice-pixels.js';
import { LABEL_WORDS, percent } from '../wording.js';
import { placeInList } from './study-members.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 * @typedef {StudyAnswer['series'][number]} StudySeries
 */

/**
 * An answer with what the page needs to lead to its slices.
 *
 * @typedef {object} ShownStudy
 * @property {number} number  From 1, as examinations came.
 * @property {StudyAnswer} answer
 * @property {{ entry: Entry, place: number, probability: number }[]} leading  `place` in the list, from 0.
 */

/** @type {Record<StudySeries['kind'], Parameters<typeof text>[0]>} */
const KIND_KEYS = {
  standard: 'study.kindStandard',
  pictures: 'study.kindPictures',
  thin: 'study.kindThin',
  bone: 'study.kindBone',
  contrast: 'study.kindContrast',
  dynamic: 'study.kindDynamic',
  reformat: 'study.kindReformat',
  localiser: 'study.kindLocaliser',
  notHeadCt: 'study.kindNotHeadCt',
};

/**
 * The answers that say more than those of their slices, those that ask for attention first.
 *
 * @param {StudyAnswer[]} answers
 * @param {readonly Entry[]} entries  Those of the list when the answers were asked for.
 * @returns {ShownStudy[]}
 */
export function shownStudies(answers, entries) {
  const count = (/** @type {StudyAnswer} */ { series }) =>
    series.reduce((sum, { slices, duplicates }) => sum + slices.length + duplicates, 0);
  const studies = answers
    .filter((answer) => count(answer) > 1)
    .map((answer, i) => ({
      number: i + 1,
      answer,
      leading: answer.leading.map(({ file, probability }) => {
        const place = placeInList(file);
        return { entry: entries[place], place, probability };
      }),
    }));
  return studies.sort((a, b) => (b.answer.probability ?? -1) - (a.answer.probability ?? -1));
}

/**
 * What a series is called: its number, where it has one, what it is, and how thick its slices are.
 *
 * @param {StudySeries} series
 * @returns {string}
 */
export function seriesName({ number, kind, thickness, slices }) {
  const words = [text(KIND_KEYS[kind])];
  if (thickness !== undefined) {
    const millimetres = thickness.toLocaleString(language(), { maximumFractionDigits: 2 });
    words.push(text('study.thickness', { millimetres }));
  }
  words.push(text('study.slices', { count: slices.length }));
  const called = number === undefined ? '' : `${text('study.series', { number: String(number) })} `;
  return called + words.join(', ');
}

/**
 * What the answer for a series is worth in the whole.
 *
 * @param {StudySeries} series
 * @returns {string}
 */
export function seriesWords({ used, why, probability, duplicates }) {
  const words = [];
  if (used) words.push(text('study.used', { probability: percent(probability ?? 0) }));
  else words.push(text('study.leftOut', { why: why ?? '' }));
  if (duplicates > 0) words.push(text('study.duplicates', { count: duplicates }));
  return words.join('; ');
}

export class StudyPanel {
  #root;
  #list;
  #state;
  #onSelect;
  /** @type {Set<number>}  Numbers of the examinations whose series the visitor looks at. */
  #opened = new Set();

  /**
   * @param {ParentNode} page
   * @param {(entry: Entry) => void} onSelect
   */
  constructor(page, onSelect) {
    this.#root = part(page, 'study-panel', HTMLElement);
    this.#list = part(this.#root, 'studies', HTMLElement);
    this.#state = part(this.#root, 'study-state', HTMLElement);
    this.#onSelect = onSelect;
  }

  /**
   * @param {ShownStudy[]} studies
   * @param {number} byOthers  Slices that count for nothing because another model has answered.
   */
  show(studies, byOthers) {
    this.#root.hidden = studies.length === 0;
    if (studies.length === 0) this.#opened.clear();
    this.#say(byOthers > 0 ? text('study.byOthers', { count: byOthers }) : '');
    this.#list.replaceChildren(...studies.map((study) => this.#face(study, studies.length > 1)));
    this.#list.removeAttribute('aria-busy');
  }

  /** Says that what is shown is not the last word. */
  wait() {
    if (this.#root.hidden) return;
    this.#list.setAttribute('aria-busy', 'true');
    this.#say(text('study.waiting'));
  }

  /** @param {string} words */
  #say(words) {
    this.#state.textContent = words;
    this.#state.hidden = words === '';
  }

  /**
   * @param {ShownStudy} study
   * @param {boolean} isOneOfMany
   * @returns {HTMLElement}
   */
  #face({ number, answer, leading }, isOneOfMany) {
    const face = copyOf('study', HTMLElement);
    const { label, probability, inDistribution, inconclusive, reason, basis, series, failed, slices } = answer;
    const name = part(face, 'study-name', HTMLElement);
    name.hidden = !isOneOfMany;
    name.textContent = text('study.number', { number });
    const verdict = part(face, 'study-verdict', HTMLElement);
    if (label) face.dataset.label = label;
    verdict.textContent = label ? LABEL_WORDS[label] : text('study.noAnswer');
    const figure = part(face, 'study-probability', HTMLElement);
    figure.textContent = probability === undefined ? '' : percent(probability);
    figure.dataset.value = String(probability ?? '');
    const notes = [text('study.basis', { count: slices })];
    if (basis === 'highestSlice') notes.push(text('study.highestSlice'));
    if (failed.length > 0) notes.push(text('study.failed', { count: failed.length }));
    part(face, 'study-notes', HTMLElement).textContent = notes.join(' ');
    const warning = part(face, 'study-warning', HTMLElement);
    warning.hidden = inDistribution && !inconclusive;
    if (!inDistribution && reason) warning.replaceChildren(...withReason((words) => words, reason));
    else warning.textContent = text(inDistribution ? 'study.inconclusive' : 'study.unlike');
    part(face, 'leading', HTMLElement).replaceChildren(...leading.map((slice) => this.#lead(slice)));
    this.#showSeries(part(face, 'study-series', HTMLDetailsElement), number, series);
    return face;
  }

  /**
   * A button that leads to a slice.
   *
   * @param {ShownStudy['leading'][number]} slice
   * @returns {HTMLElement}
   */
  #lead({ entry, place, probability }) {
    const item = copyOf('leading-slice', HTMLElement);
    const button = part(item, 'go', HTMLButtonElement);
    if (entry.thumbnail) drawSlice(part(item, 'thumbnail', HTMLCanvasElement), entry.thumbnail);
    part(item, 'figure', HTMLElement).textContent = percent(probability);
    button.setAttribute('aria-label', text('study.go', { number: place + 1, probability: percent(probability) }));
    button.title = entry.name;
    button.addEventListener('click', () => this.#onSelect(entry));
    return item;
  }

  /**
   * @param {HTMLDetailsElement} details
   * @param {number} study
   * @param {StudySeries[]} series
   */
  #showSeries(details, study, series) {
    const used = series.filter((one) => one.used).length;
    part(details, 'series-summary', HTMLElement).textContent = text('study.seriesSummary', {
      count: series.length,
      left: series.length - used,
    });
    details.open = this.#opened.has(study);
    details.addEventListener('toggle', () => {
      if (details.open) this.#opened.add(study);
      else this.#opened.delete(study);
    });
    const items = series.map((one) => {
      const item = document.createElement('li');
      const name = document.createElement('strong');
      name.textContent = seriesName(one);
      item.dataset.used = String(one.used);
      const words = (/** @type {string | undefined} */ why) => ` – ${seriesWords({ ...one, why })}`;
      item.append(name, ...(one.why ? withReason(words, one.why) : [words(undefined)]));
      return item;
    });
    part(details, 'series', HTMLElement).replaceChildren(...items);
  }
}
