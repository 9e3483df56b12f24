/** How the model does on slices of a hospital that it has not learned from: our figures by source. */
import { text } from '../page/messages.js';
import { part } from '../page/page-part.js';
import { make, meterCell, number } from './elements.js';
import { DATA } from './lesson-data.js';

/**
 * @typedef {import('./walk-view.js').Key} Key
 * @typedef {import('./lesson-data.js').BySource} BySource
 * @typedef {BySource['protocol']} Known  What the network had learned from when it was measured.
 */

const FIGURES = /** @type {const} */ (['auc', 'sensitivityAt90', 'sensitivity', 'specificity']);

export class Hospital {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.addEventListener('change', () => this.#show());
    this.#show();
  }

  /** @returns {Known} */
  get #known() {
    const chosen = this.#root.querySelector('input[name="hospital"]:checked');
    return chosen instanceof HTMLInputElement && chosen.value === 'leftOut' ? 'leftOut' : 'patients';
  }

  #show() {
    const known = this.#known;
    const sources = [...new Set(DATA.bySource.map(({ source }) => source))];
    part(this.#root, 'hospital-figures', HTMLElement).replaceChildren(
      ...sources.flatMap((source) => this.#rows(source, known)),
    );
    part(this.#root, 'hospital-reason', HTMLElement).textContent = text(`learn.hospital.${known}.reason`);
  }

  /**
   * A heading and a line for each figure of a source.
   *
   * @param {string} source
   * @param {Known} known
   */
  #rows(source, known) {
    const found = (/** @type {Known} */ protocol) =>
      DATA.bySource.find((one) => one.source === source && one.protocol === protocol);
    const [shown, before] = [found(known), found('patients')];
    if (!shown || !before) return [];
    const head = make('th', { scope: 'rowgroup', colspan: 3 }, text('learn.hospital.source', { source, slices: shown.slices }));
    const lines = FIGURES.map((name) => {
      const { value, low, high } = shown[name];
      const range = { value: number(value, 2), low: number(low, 2), high: number(high, 2) };
      return make(
        'tr',
        {},
        make('th', { scope: 'row' }, text(/** @type {Key} */ (`learn.hospital.${name}`))),
        meterCell(value, known === 'patients' ? undefined : before[name].value),
        make('td', { class: 'figure', 'data-figure': name, 'data-source': source }, text('learn.estimate', range)),
      );
    });
    return [make('tr', { class: 'group' }, head), ...lines];
  }
}
