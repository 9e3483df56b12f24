/** Keeps the answers for whole examinations up to the list: asked for once nothing is left to examine. */
import { shownStudies } from './shown-study.js';
import { studyMembers } from './study-members.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 * @typedef {import('../worker.js').StudyMember} StudyMember
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 * @typedef {import('./study-panel.js').StudyPanel} StudyPanel
 */

/** @typedef {(members: StudyMember[], signal: AbortSignal) => Promise<StudyAnswer[]>} Summarise */

export class Studies {
  #summarise;
  #panel;
  #onSettled;
  #choice;
  /** Whether answers have changed since examinations were asked about. */
  #stale = false;
  #asking = new AbortController();
  /** @type {ShownStudy[]} */
  #shown = [];
  #settled = true;

  /**
   * @param {Summarise} summarise
   * @param {StudyPanel} panel
   * @param {(studies: readonly ShownStudy[]) => ShownStudy | undefined} choice  Which of them is looked at.
   * @param {() => void} onSettled  Told when what is shown has become the last word.
   */
  constructor(summarise, panel, choice, onSettled) {
    this.#summarise = summarise;
    this.#panel = panel;
    this.#choice = choice;
    this.#onSettled = onSettled;
  }

  /** @returns {boolean}  Whether what is shown is the last word on the answers that there are. */
  get settled() {
    return this.#settled;
  }

  /** @returns {readonly ShownStudy[]} */
  get shown() {
    return this.#shown;
  }

  /** Says that answers have changed. */
  changed() {
    this.#asking.abort();
    this.#settled = false;
    if (!this.#stale) this.#panel.wait();
    this.#stale = true;
  }

  /**
   * Asks about the examinations in the list, if anything has changed.
   *
   * @param {readonly Entry[]} entries
   * @param {(entry: Entry) => boolean} isLabelled
   * @param {Classification['model']} model
   */
  async settle(entries, isLabelled, model) {
    if (!this.#stale) return;
    this.#stale = false;
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const { members, byOthers } = studyMembers(entries, isLabelled, model);
    try {
      const answers = members.length > 1 ? await this.#summarise(members, signal) : [];
      if (!signal.aborted) this.#show(shownStudies(answers, entries), byOthers);
    } catch (error) {
      if (signal.aborted) return;
      console.warn(error);
      this.#show([], 0);
    }
  }

  /**
   * @param {ShownStudy[]} studies
   * @param {number} byOthers
   */
  #show(studies, byOthers) {
    this.#shown = studies;
    this.#panel.show(studies, this.#choice(studies), byOthers);
    this.#settled = true;
    this.#onSettled();
  }
}
