/** How the visitor looks at the list: its order, and which slices are shown. */
import { part } from '../page-part.js';
import { text } from '../messages.js';
import { FILTERS, byProbability, counts, shownBy } from './row-order.js';
import { Stillness } from './stillness.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../slice-list.js').SliceList} SliceList
 * @typedef {import('./row-order.js').Filter} Filter
 * @typedef {import('./row-order.js').Order} Order
 */

/** @type {Record<Filter, Parameters<typeof text>[0]>} */
const FILTER_KEYS = {
  all: 'list.filterAll',
  haemorrhage: 'list.filterHaemorrhage',
  normal: 'list.filterNormal',
  inconclusive: 'list.filterInconclusive',
  unlike: 'list.filterUnlike',
  failed: 'list.filterFailed',
};

export class ListView {
  #root;
  #filter;
  #order;
  #name;
  #held;
  #nothing;
  #list;
  #stillness;
  /** @type {() => readonly Entry[]} */
  #entries;
  /** @type {ReadonlySet<Entry> | undefined}  The slices of the examination that is looked at. */
  #scope;
  /** Whether rows may stand otherwise than they came, or some be hidden. */
  #arranged = false;

  /**
   * @param {ParentNode} page
   * @param {SliceList} list
   * @param {() => readonly Entry[]} entries  Those of the list as they came.
   */
  constructor(page, list, entries) {
    this.#list = list;
    this.#entries = entries;
    this.#root = part(page, 'list-controls', HTMLElement);
    this.#filter = part(page, 'filter', HTMLSelectElement);
    this.#order = part(page, 'order', HTMLSelectElement);
    this.#name = part(page, 'name-filter', HTMLInputElement);
    this.#held = part(page, 'order-held', HTMLElement);
    this.#nothing = part(page, 'nothing-shown', HTMLElement);
    const rows = part(page, 'slice-list', HTMLElement);
    this.#stillness = new Stillness(rows, () => this.#arrange());
    // What is said above the list takes one line or two.
    new ResizeObserver(() => {
      list.keepPlace();
      this.#stillness.scrolledByPage();
    }).observe(rows);
    this.#filter.replaceChildren(
      ...FILTERS.map((filter) => {
        const option = document.createElement('option');
        option.value = filter;
        return option;
      }),
    );
    this.#filter.value = 'all';
    for (const control of [this.#filter, this.#order]) {
      control.addEventListener('change', () => this.#arrange(true));
    }
    this.#name.addEventListener('input', () => this.#arrange(true));
    this.update();
  }

  /**
   * Shows the slices of one examination alone, or those of all.
   *
   * @param {ReadonlySet<Entry> | undefined} scope
   */
  limitTo(scope) {
    if (scope === this.#scope) return;
    this.#scope = scope;
    this.#count();
    this.#arrange(true);
  }

  /** Brings counts, order and what is shown up to the answers that there are now. */
  update() {
    const entries = this.#entries();
    this.#root.hidden = entries.length < 2;
    if (entries.length === 0) this.#reset();
    this.#count();
    this.#arrange();
  }

  #count() {
    const scope = this.#scope;
    const found = counts(this.#entries().filter((entry) => !scope || scope.has(entry)));
    for (const option of this.#filter.options) {
      const filter = /** @type {Filter} */ (option.value);
      const words = text(FILTER_KEYS[filter], { count: found[filter] });
      if (option.textContent !== words) option.textContent = words;
    }
  }

  /** Whoever begins anew sees everything. */
  #reset() {
    this.#filter.value = 'all';
    this.#name.value = '';
    this.#scope = undefined;
  }

  /** @returns {boolean}  Whether the rows stand as they came, and all of them are shown. */
  get #isPlain() {
    const unfiltered = this.#filter.value === 'all' && this.#name.value.trim() === '' && !this.#scope;
    return this.#order.value === 'came' && unfiltered;
  }

  /** @param {boolean} [wanted]  Whether the visitor has just asked for it. */
  #arrange(wanted = false) {
    if (this.#isPlain && !this.#arranged) return;
    this.#held.hidden = wanted || !this.#stillness.held;
    if (!this.#held.hidden) return;
    const passes = shownBy(/** @type {Filter} */ (this.#filter.value), this.#name.value);
    const scope = this.#scope;
    const isShown = (/** @type {Entry} */ entry) => (!scope || scope.has(entry)) && passes(entry);
    const entries = this.#entries();
    const sorted = this.#order.value === 'probability';
    const shown = this.#list.arrange(sorted ? byProbability(entries) : entries, isShown, sorted);
    this.#stillness.scrolledByPage();
    this.#nothing.hidden = shown > 0 || entries.length === 0;
    this.#arranged = !this.#isPlain;
  }
}
