/** The files that could not be examined, each with what to do about it. */
import { copyOf, part, scrollInside } from './page-part.js';

/** @typedef {import('./batch.js').Entry} Entry */

export class ProblemList {
  #root;
  #items;
  /** @type {Map<number, HTMLElement>} */
  #byId = new Map();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#items = part(root, 'problems', HTMLElement);
  }

  /**
   * Shows why an entry failed, in the order in which the entries came.
   *
   * @param {Entry} entry
   */
  add({ id, name, error }) {
    if (!error || this.#byId.has(id)) return;
    const item = copyOf('problem', HTMLElement);
    item.dataset.value = error.name;
    part(item, 'name', HTMLElement).textContent = name;
    part(item, 'message', HTMLElement).textContent = error.message;
    part(item, 'code', HTMLElement).textContent = error.name;
    const later = [...this.#byId.keys()].filter((other) => other > id);
    const next = later.length > 0 ? this.#byId.get(Math.min(...later)) : undefined;
    this.#items.insertBefore(item, next ?? null);
    this.#byId.set(id, item);
    this.#root.hidden = false;
  }

  /** @param {Entry[]} entries */
  remove(entries) {
    for (const { id } of entries) {
      this.#byId.get(id)?.remove();
      this.#byId.delete(id);
    }
    this.#root.hidden = this.#byId.size === 0;
  }

  /** @param {Entry | undefined} entry  The selected one: its problem, if any, is brought forward. */
  mark(entry) {
    for (const [id, item] of this.#byId) item.classList.toggle('current', id === entry?.id);
    const current = entry && this.#byId.get(entry.id);
    if (current) scrollInside(this.#items, current);
  }
}
