/**
 * The results for use elsewhere: copied, saved, printed. Names of files may be names of patients, so all
 * of these have numbers instead unless the visitor asks for names.
 */
import { part } from '../page-part.js';
import { text } from '../messages.js';
import { resultsTable } from '../results-table.js';
import { clearReport, writeReport } from './report.js';
import { resultsJson } from './results-json.js';
import { resultsFileName, saveFile } from './save-file.js';
import { fullName, numberedName } from './slice-names.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('./evaluation.js').Evaluation} Evaluation
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 */

/**
 * What there is to export.
 *
 * @typedef {object} Exported
 * @property {readonly Entry[]} entries  Those of the list as they came.
 * @property {Classification['model']} model  The one in use.
 * @property {((entry: Entry) => boolean | undefined) | undefined} truth  Where labels came with the slices.
 * @property {Evaluation | undefined} evaluation
 * @property {readonly ShownStudy[]} studies
 */

/** How long a button says what came of it, in milliseconds. */
const SAY_FOR_MS = 2000;

export class Exports {
  #copy;
  #buttons;
  #withNames;
  #report;
  #exported;
  #announce;

  /**
   * @param {ParentNode} page
   * @param {() => Exported | undefined} exported  Nothing where there are no results.
   * @param {(words: string) => void} announce
   */
  constructor(page, exported, announce) {
    this.#exported = exported;
    this.#announce = announce;
    const button = (/** @type {string} */ name) => part(page, name, HTMLButtonElement);
    this.#copy = button('copy');
    this.#buttons = [this.#copy, button('save-csv'), button('save-json'), button('print')];
    this.#withNames = part(page, 'with-names', HTMLInputElement);
    this.#report = part(page, 'report', HTMLElement);
    this.#copy.addEventListener('click', () => this.#copyTable());
    button('save-csv').addEventListener('click', () => this.#save('csv', 'text/csv', (all) => this.#table(all)));
    button('save-json').addEventListener('click', () =>
      this.#save('json', 'application/json', (all) => this.#json(all)),
    );
    button('print').addEventListener('click', () => window.print());
    // So that the browser's own command prints the report too.
    window.addEventListener('beforeprint', () => this.#writeReport());
    window.addEventListener('afterprint', () => {
      clearReport(this.#report);
      delete document.body.dataset.printing;
    });
  }

  /** @param {boolean} possible  Whether there are results, and no others are to come. */
  allow(possible) {
    for (const button of this.#buttons) button.disabled = !possible;
  }

  /** @returns {(entry: Entry, index: number) => string} */
  get #called() {
    return this.#withNames.checked ? fullName : numberedName;
  }

  /** @param {Exported} exported */
  #table({ entries, truth, studies }) {
    const examination = (/** @type {Entry} */ entry) => studies.find((one) => one.entries.has(entry))?.number;
    return resultsTable(entries, { called: this.#called, truth, examination });
  }

  /** @param {Exported} exported */
  #json(exported) {
    const called = this.#withNames.checked ? fullName : undefined;
    return resultsJson({ ...exported, date: new Date(), called });
  }

  async #copyTable() {
    const exported = this.#exported();
    if (!exported) return;
    try {
      await navigator.clipboard.writeText(this.#table(exported));
      this.#announce(text('export.copiedAloud'));
      this.#copy.textContent = text('export.copied');
    } catch {
      this.#copy.textContent = text('export.copyRefused');
    }
    setTimeout(() => (this.#copy.textContent = text('export.copy')), SAY_FOR_MS);
  }

  /**
   * @param {string} ending
   * @param {string} type
   * @param {(exported: Exported) => string} write
   */
  #save(ending, type, write) {
    const exported = this.#exported();
    if (!exported) return;
    saveFile(resultsFileName(ending, new Date()), type, write(exported));
    this.#announce(text('export.saved'));
  }

  #writeReport() {
    const exported = this.#exported();
    if (!exported || exported.entries.length === 0) return;
    writeReport(this.#report, { ...exported, date: new Date(), called: this.#called });
    document.body.dataset.printing = 'report';
  }
}
