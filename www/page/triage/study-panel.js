/** Shows what the model says of whole examinations: a list of them where there are several, and one. */
import { kindBars, tellsKinds } from '../kind-bars.js';
import { copyOf, part } from '../page-part.js';
import { language, text } from '../messages.js';
import { withReason } from '../reason-words.js';
import { drawSlice } from '../slice-pixels.js';
import { LABEL_WORDS, percent, share } from '../wording.js';
import { Worklist } from './worklist.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 * @typedef {StudyAnswer['series'][number]} StudySeries
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
  #worklist;
  #onChoose;
  /** @type {readonly ShownStudy[]} */
  #studies = [];
  /** @type {ShownStudy | undefined}  The one that is shown in full. */
  #chosen;
  /** @type {Set<number>}  Numbers of the examinations whose series the visitor looks at. */
  #opened = new Set();

  /**
   * @param {ParentNode} page
   * @param {(entry: Entry) => void} onSelect
   * @param {(study: ShownStudy | undefined) => void} onChoose  Told which examination the visitor chooses
   *   of several; nothing for the slices of all.
   */
  constructor(page, onSelect, onChoose) {
    this.#root = part(page, 'study-panel', HTMLElement);
    this.#list = part(this.#root, 'studies', HTMLElement);
    this.#state = part(this.#root, 'study-state', HTMLElement);
    this.#onSelect = onSelect;
    this.#onChoose = onChoose;
    this.#worklist = new Worklist(part(this.#root, 'worklist', HTMLElement), (study) => this.#choose(study));
  }

  /**
   * @param {readonly ShownStudy[]} studies
   * @param {ShownStudy | undefined} chosen  The one to show in full; all of them where there is none.
   * @param {number} byOthers  Slices that count for nothing because another model has answered.
   */
  show(studies, chosen, byOthers) {
    this.#studies = studies;
    this.#chosen = chosen;
    this.#root.hidden = studies.length === 0;
    if (studies.length === 0) this.#opened.clear();
    part(this.#root, 'study-title', HTMLElement).textContent = text(
      studies.length > 1 ? 'worklist.title' : 'study.title',
    );
    this.#say(byOthers > 0 ? text('study.byOthers', { count: byOthers }) : '');
    this.#worklist.show(studies, chosen);
    this.#showFaces();
    this.#list.removeAttribute('aria-busy');
  }

  /** @param {ShownStudy | undefined} study */
  #choose(study) {
    this.#chosen = study;
    this.#showFaces();
    this.#onChoose(study);
  }

  #showFaces() {
    const several = this.#studies.length > 1;
    const shown = several ? this.#studies.filter((study) => study === this.#chosen) : this.#studies;
    this.#list.replaceChildren(...shown.map((study) => this.#face(study, several)));
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
    const { kinds, prevalence, operatingPoint } = answer;
    const name = part(face, 'study-name', HTMLElement);
    name.hidden = !isOneOfMany;
    name.textContent = text('study.number', { number });
    const verdict = part(face, 'study-verdict', HTMLElement);
    if (label) face.dataset.label = label;
    verdict.textContent = label ? LABEL_WORDS[label] : text('study.noAnswer');
    const figure = part(face, 'study-probability', HTMLElement);
    figure.textContent = probability === undefined ? '' : percent(probability);
    figure.dataset.value = String(probability ?? '');
    const bars = label && tellsKinds({ label, inconclusive, kinds }) ? kindBars(kinds) : [];
    const kindList = part(face, 'study-kinds', HTMLElement);
    kindList.hidden = bars.length === 0;
    kindList.replaceChildren(...bars);
    const notes = [text('study.basis', { count: slices })];
    if (prevalence !== undefined) {
      notes.push(text('study.terms', { point: text(`terms.${operatingPoint}`), share: share(prevalence) }));
    }
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
