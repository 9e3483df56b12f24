/** Puts the list's parts together: its order, the time left, exports, labels and whole examinations. */
import { doorClosed } from '../door.js';
import { part } from '../page-part.js';
import { text } from '../messages.js';
import { throttled } from '../throttle.js';
import { EvaluationPanel } from './evaluation-panel.js';
import { evaluate } from './evaluation.js';
import { Exports } from './exports.js';
import { isTable, readLabelTable } from './label-table.js';
import { ListView } from './list-view.js';
import { Studies } from './studies.js';
import { StudyPanel } from './study-panel.js';
import { TimeLeft, timeLeftWords } from './time-left.js';
import { Truth } from './truth.js';

/**
 * @typedef {import('../batch.js').Batch} Batch
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../classifier-client.js').ClassifierClient} ClassifierClient
 * @typedef {import('../slice-list.js').SliceList} SliceList
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 */

/** Least time between two looks at figures, in milliseconds: in a long list each takes a moment. */
const EVALUATE_EVERY_MS = 1000;

export class Triage {
  #batch;
  #model;
  #announce;
  #view;
  #exports;
  #studies;
  #truth;
  #evaluation;
  #labelNotice;
  #list;
  /** @type {Entry | undefined}  A slice of the examination that the visitor has chosen of several. */
  #chosen;
  /** Whether the visitor wants the slices of all examinations. */
  #wantsAll = false;
  #timeLeft = new TimeLeft();
  #evaluateSoon = throttled(() => this.#showEvaluation(), EVALUATE_EVERY_MS);

  /**
   * @param {ParentNode} page
   * @param {object} parts
   * @param {Batch} parts.batch
   * @param {SliceList} parts.list
   * @param {ClassifierClient} parts.client
   * @param {() => Classification['model'] | undefined} parts.model  The one in use.
   * @param {() => import('../answer-terms.js').Terms} parts.terms  On which answers are given.
   * @param {(words: string) => void} parts.announce
   */
  constructor(page, { batch, list, client, model, terms, announce }) {
    this.#batch = batch;
    this.#list = list;
    this.#model = model;
    this.#announce = announce;
    const entries = () => batch.entries;
    this.#truth = new Truth(entries);
    this.#view = new ListView(page, list, entries);
    this.#exports = new Exports(page, () => this.#exported(), announce);
    this.#evaluation = new EvaluationPanel(page);
    this.#labelNotice = part(page, 'label-notice', HTMLElement);
    const panel = new StudyPanel(
      page,
      (entry) => list.goTo(entry),
      (study) => this.#look(study),
    );
    /** @type {import('./studies.js').Summarise} */
    const summarise = (members, signal) => client.summarise(members, terms(), signal);
    this.#studies = new Studies(
      summarise,
      panel,
      (studies) => this.#lookedAt(studies),
      () => this.#allowExports(this.#isBusy),
    );
  }

  /**
   * Takes the tables out of files that came in, and reads the labels in them.
   *
   * @param {File[]} files
   * @returns {File[]}  The others.
   */
  takeTables(files) {
    const tables = files.filter(isTable);
    if (tables.length > 0) this.#read(tables);
    return files.filter((file) => !isTable(file));
  }

  /** Says that entries were added or removed. */
  membersChanged() {
    this.#truth.renew();
    this.#studies.changed();
    // What is new is to be seen.
    this.#view.limitTo(undefined);
    if (this.#batch.entries.length > 0) return;
    this.#truth.clear();
    this.#sayOfLabels('');
    this.#chosen = undefined;
    this.#wantsAll = false;
  }

  /**
   * The visitor turns to an examination: to its slices, and to the one that carries its answer.
   *
   * @param {ShownStudy | undefined} study  Nothing for the slices of all.
   */
  #look(study) {
    const carrying = study && (study.leading[0]?.entry ?? [...study.entries][0]);
    this.#chosen = carrying;
    this.#wantsAll = !study;
    this.#view.limitTo(study?.entries);
    if (carrying) this.#list.goTo(carrying);
  }

  /**
   * Which examination is looked at once all have answers: the one that the visitor has chosen, by itself
   * or by one of its slices, or else the one that comes first, at the slice that carries its answer. Where
   * there are slices of no examination too, all stay in sight until the visitor chooses.
   *
   * @param {readonly ShownStudy[]} studies
   * @returns {ShownStudy | undefined}
   */
  #lookedAt(studies) {
    const several = studies.length > 1;
    const own = this.#chosen ?? (this.#list.isChosen ? this.#list.selected : undefined);
    if (several && this.#wantsAll) return undefined;
    const chosen = own && studies.find(({ entries }) => entries.has(own));
    const belongs = (/** @type {Entry} */ entry) => studies.some(({ entries }) => entries.has(entry));
    if (!chosen && !this.#batch.entries.every(belongs)) return undefined;
    const study = chosen ?? studies[0];
    if (several) this.#view.limitTo(study.entries);
    const carrying = study?.leading[0]?.entry;
    if (!own && carrying) this.#list.select(carrying);
    return several ? study : undefined;
  }

  /** Says that something has come of entries, or that another model is in use. */
  answersChanged() {
    this.#studies.changed();
  }

  /**
   * Brings everything up to the answers that there are now.
   *
   * @param {boolean} busy  Whether more are to come.
   */
  show(busy) {
    const { entries } = this.#batch;
    this.#view.update();
    const model = this.#model();
    if (!busy && model) this.#studies.settle(entries, (entry) => this.#truth.of(entry) !== undefined, model);
    this.#allowExports(busy);
    if (busy) this.#evaluateSoon();
    else this.#showEvaluation();
  }

  /**
   * Lets results leave once the answers for whole examinations are among them.
   *
   * @param {boolean} busy  Whether more are to come.
   */
  #allowExports(busy) {
    this.#exports.allow(!busy && this.#batch.entries.length > 0 && this.#studies.settled);
  }

  /**
   * How far a batch is.
   *
   * @param {number} done
   * @param {number} total
   * @returns {string}
   */
  progressWords(done, total) {
    const examined = text('list.progress', { done, total });
    const seconds = this.#timeLeft.estimate(done, total, performance.now());
    return seconds === undefined ? examined : `${examined}, ${timeLeftWords(seconds)}`;
  }

  /** @param {File[]} tables */
  async #read(tables) {
    // Nothing is read while there is a way out.
    await doorClosed();
    const sentences = [];
    let wrong = false;
    for (const file of tables) {
      const table = await readLabelTable(file);
      const { name, rows, problems } = table;
      if (rows.length > 0) {
        this.#truth.add(table);
        sentences.push(text('labels.read', { name, count: rows.length }));
      } else {
        sentences.push(...problems);
        wrong = true;
      }
    }
    if (this.#batch.entries.length === 0 && this.#truth.hasTables) sentences.push(text('labels.addFiles'));
    this.#sayOfLabels(sentences.join(' '));
    this.#labelNotice.classList.toggle('wrong', wrong);
    this.answersChanged();
    this.show(this.#isBusy);
  }

  /** @param {string} words */
  #sayOfLabels(words) {
    this.#labelNotice.textContent = words;
    this.#labelNotice.hidden = words === '';
  }

  get #isBusy() {
    return this.#batch.entries.some(({ state }) => state === 'waiting' || state === 'running');
  }

  #evaluate() {
    const model = this.#model();
    if (!model || !this.#truth.isKnown) return undefined;
    return evaluate(this.#batch.entries, this.#truth, model);
  }

  #showEvaluation() {
    // Which lines match can be said once all archives are open.
    const problems = this.#isBusy ? [] : this.#truth.problems;
    this.#evaluation.show(this.#evaluate(), problems);
  }

  /** @returns {import('./exports.js').Exported | undefined} */
  #exported() {
    const model = this.#model();
    if (!model) return undefined;
    return {
      entries: this.#batch.entries,
      model,
      truth: this.#truth.isKnown ? (entry) => this.#truth.of(entry) : undefined,
      evaluation: this.#evaluate(),
      studies: this.#studies.shown,
    };
  }
}
