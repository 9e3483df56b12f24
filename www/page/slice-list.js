/** The list of slices, one row each in the order they came. Arrow keys move through it. */
import { copyOf, part, scrollInside } from './page-part.js';
import { drawSlice } from './slice-pixels.js';
import { isSameModel } from './batch.js';
import { LABEL_WORDS, doubt, modelTitle, percent } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./worker.js').Classification} Classification
 */

/** @type {Record<Entry['state'], string>} */
const STATE_WORDS = { waiting: 'Waiting', running: 'Examining…', done: '', failed: '' };

export class SliceList {
  #root;
  #onSelect;
  /** @type {Map<number, { entry: Entry, row: HTMLElement }>} */
  #rows = new Map();
  /** @type {Classification['model'] | undefined} */
  #model;
  /** @type {Entry | undefined} */
  #selected;

  /**
   * @param {HTMLElement} root  An element of role listbox.
   * @param {(entry: Entry | undefined) => void} onSelect
   */
  constructor(root, onSelect) {
    this.#root = root;
    this.#onSelect = onSelect;
    root.addEventListener('click', ({ target }) => {
      const row = target instanceof Element && target.closest('[role="option"]');
      if (row instanceof HTMLElement) this.select(this.#rows.get(Number(row.dataset.id))?.entry);
    });
    root.addEventListener('keydown', (event) => this.#move(event));
  }

  /** @returns {Entry | undefined} */
  get selected() {
    return this.#selected;
  }

  /** @param {Classification['model']} model  The one in use: answers of others are marked. */
  set model(model) {
    this.#model = model;
    for (const { entry } of this.#rows.values()) this.update(entry);
  }

  /**
   * @param {Entry[]} entries
   * @param {Entry} [after]  The one that they follow, where it is not the last.
   */
  add(entries, after) {
    const rows = document.createDocumentFragment();
    for (const entry of entries) {
      const row = copyOf('row', HTMLElement);
      row.dataset.id = String(entry.id);
      row.tabIndex = -1;
      this.#rows.set(entry.id, { entry, row });
      this.update(entry);
      rows.append(row);
    }
    const before = this.#rowOf(after)?.nextSibling ?? null;
    this.#root.insertBefore(rows, before);
  }

  /** @param {Entry} entry */
  update(entry) {
    const row = this.#rows.get(entry.id)?.row;
    if (!row) return;
    row.dataset.state = entry.state;
    part(row, 'name', HTMLElement).textContent = entry.name;
    part(row, 'name', HTMLElement).title = entry.name;
    const verdict = part(row, 'verdict', HTMLElement);
    const figure = part(row, 'figure', HTMLElement);
    verdict.textContent = STATE_WORDS[entry.state];
    figure.textContent = '';
    delete row.dataset.label;
    row.classList.toggle('doubtful', entry.classification !== undefined && doubt(entry.classification) !== '');
    if (entry.classification) {
      const { label, probability, model } = entry.classification;
      row.dataset.label = label;
      const foreign = this.#model && !isSameModel(model, this.#model);
      verdict.textContent =
        LABEL_WORDS[label] +
        doubt(entry.classification) +
        (foreign ? ` (${modelTitle(model.name)})` : '');
      figure.textContent = percent(probability);
      figure.title = 'Probability of haemorrhage';
    }
    if (entry.error) verdict.textContent = `Not examined: ${entry.error.name}`;
    if (entry.thumbnail) drawSlice(part(row, 'thumbnail', HTMLCanvasElement), entry.thumbnail);
  }

  /** @param {Entry[]} entries */
  remove(entries) {
    for (const { id } of entries) {
      this.#rows.get(id)?.row.remove();
      this.#rows.delete(id);
    }
    if (this.#selected && !this.#rows.has(this.#selected.id)) {
      this.select([...this.#rows.values()].at(-1)?.entry);
    }
  }

  /** @param {Entry | undefined} entry */
  select(entry) {
    const [before, after] = [this.#rowOf(this.#selected), this.#rowOf(entry)];
    before?.setAttribute('aria-selected', 'false');
    if (before) before.tabIndex = -1;
    after?.setAttribute('aria-selected', 'true');
    if (after) after.tabIndex = 0;
    if (after) scrollInside(this.#root, after);
    this.#selected = entry;
    this.#onSelect(entry);
  }

  /** @param {Entry | undefined} entry */
  #rowOf(entry) {
    return entry && this.#rows.get(entry.id)?.row;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.#root.children].map((row) => /** @type {HTMLElement} */ (row));
    const entries = rows.map((row) => /** @type {Entry} */ (this.#rows.get(Number(row.dataset.id))?.entry));
    const at = entries.findIndex((entry) => entry === this.#selected);
    const last = entries.length - 1;
    /** @type {Record<string, number>} */
    const targets = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const entry = entries[Math.min(last, Math.max(0, target))];
    this.select(entry);
    this.#rowOf(entry)?.focus();
  }
}
