/** The files that could not be examined, each with what to do about it. */
import { comesBefore } from './batch.js';
import { markEnglish } from './english.js';
import { copyOf, part, scrollInside } from './page-part.js';
import { problemWords } from './problem-words.js';
import { entryTitle } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./named-error.js').NamedError} NamedError
 */

export class ProblemList {
  #root;
  #items;
  /** @type {Map<number, HTMLElement>} */
  #byId = new Map();
  /** @type {Entry[]}  In the order in which they are shown. */
  #shown = [];
  /** @type {HTMLElement | undefined}  The one that is brought forward. */
  #current;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#items = part(root, 'problems', HTMLElement);
  }

  /**
   * Shows why an entry failed, in the order in which the entries stand.
   *
   * @param {Entry} entry
   */
  add(entry) {
    const { id, rank, error } = entry;
    if (!error || this.#byId.has(id)) return;
    const item = copyOf('problem', HTMLElement);
    item.dataset.value = error.name;
    part(item, 'code', HTMLElement).textContent = error.name;
    sayProblem(item, entry, error);
    // They fail nearly in order.
    const before = this.#shown.findLastIndex((other) => comesBefore(other.rank, rank)) + 1;
    const next = this.#shown[before];
    this.#items.insertBefore(item, (next && this.#byId.get(next.id)) ?? null);
    this.#shown.splice(before, 0, entry);
    this.#byId.set(id, item);
    this.#root.hidden = false;
  }

  /** In another language. */
  sayAnew() {
    for (const entry of this.#shown) {
      const item = this.#byId.get(entry.id);
      if (item && entry.error) sayProblem(item, entry, entry.error);
    }
  }

  /** @param {Entry[]} entries */
  remove(entries) {
    for (const { id } of entries) {
      this.#byId.get(id)?.remove();
      this.#byId.delete(id);
    }
    this.#shown = this.#shown.filter(({ id }) => this.#byId.has(id));
    this.#root.hidden = this.#byId.size === 0;
  }

  /** @param {Entry | undefined} entry  The selected one: its problem, if any, is brought forward. */
  mark(entry) {
    this.#current?.classList.remove('current');
    this.#current = entry && this.#byId.get(entry.id);
    this.#current?.classList.add('current');
    if (this.#current) scrollInside(this.#items, this.#current);
  }
}

/**
 * @param {HTMLElement} item
 * @param {Entry} entry
 * @param {NamedError} error
 */
function sayProblem(item, entry, error) {
  const { words, detail } = problemWords(error);
  part(item, 'name', HTMLElement).textContent = entryTitle(entry);
  part(item, 'message', HTMLElement).textContent = words;
  const more = part(item, 'detail', HTMLElement);
  more.textContent = detail ?? '';
  more.hidden = !detail;
  markEnglish(more);
}
