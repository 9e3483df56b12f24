/**
 * The list of slices, one row each, in the order they came unless another is asked for. Arrow keys move
 * through it. In a long list
 * rows out of sight are there for readers of the page, but the browser skips them, and they have no
 * picture.
 */
import { copyOf, part, scrollInside } from './page-part.js';
import { drawSlice } from './slice-pixels.js';
import { isSameModel } from './batch.js';
import { text } from './messages.js';
import { entryTitle, isDoubtful, modelTitle, percent, verdictWords } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./worker.js').Classification} Classification
 */

/**
 * A row and its parts.
 *
 * @typedef {object} Row
 * @property {Entry} entry
 * @property {HTMLElement} row
 * @property {HTMLCanvasElement} thumbnail
 * @property {HTMLElement} name
 * @property {HTMLElement} verdict
 * @property {HTMLElement} figure
 * @property {boolean} inSight
 */

/** Whether this browser skips what is out of sight, and says so. */
const SKIPS =
  'oncontentvisibilityautostatechange' in HTMLElement.prototype && CSS.supports('content-visibility', 'auto');

/** Rows of a list that is long. */
const LONG = 24;

export class SliceList {
  #root;
  #onSelect;
  #onArrange;
  #isLong = false;
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** @type {Classification['model'] | undefined} */
  #model;
  /** @type {Entry | undefined} */
  #selected;
  /** Whether the visitor has chosen it, and not the page. */
  #chosen = false;
  /** Where the list begins on the page, in CSS pixels. */
  #top = 0;
  /** Whether the rows stand otherwise than they came. */
  #sorted = false;
  /** @type {(entry: Entry) => boolean}  Which rows are shown. */
  #isShown = () => true;
  /** @type {HTMLElement | undefined}  The row at which the keyboard enters. */
  #entrance;

  /**
   * @param {HTMLElement} root  An element of role listbox.
   * @param {(entry: Entry | undefined) => void} onSelect
   * @param {() => void} onArrange  Told when rows stand in another order, or others are shown.
   */
  constructor(root, onSelect, onArrange) {
    this.#root = root;
    this.#onSelect = onSelect;
    this.#onArrange = onArrange;
    root.addEventListener('click', ({ target }) => {
      const row = target instanceof Element && target.closest('[role="option"]');
      const clicked = row ? this.#rowAt(row) : undefined;
      if (clicked) this.goTo(clicked.entry);
    });
    root.addEventListener('keydown', (event) => this.#move(event));
    root.addEventListener('contentvisibilityautostatechange', (event) => {
      const row = event.target instanceof Element && this.#rowAt(event.target);
      if (!row || !this.#isLong) return;
      row.inSight = !(/** @type {ContentVisibilityAutoStateChangeEvent} */ (event).skipped);
      drawThumbnail(row);
    });
  }

  /** @returns {Entry[]}  Those whose rows are shown, from top to bottom. */
  get shown() {
    const rows = [...this.#root.children].flatMap((row) => this.#rowAt(row) ?? []);
    return rows.filter(({ row }) => !row.hidden).map(({ entry }) => entry);
  }

  /** @returns {Entry | undefined} */
  get selected() {
    return this.#selected;
  }

  /** @returns {boolean}  Whether the visitor has selected it, and not the page. */
  get isChosen() {
    return this.#chosen;
  }

  /** @param {Classification['model']} model  The one in use: answers of others are marked. */
  set model(model) {
    this.#model = model;
    this.sayAnew();
  }

  /** In another language, or for another model. */
  sayAnew() {
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
      this.#rows.set(entry.id, {
        entry,
        row,
        thumbnail: part(row, 'thumbnail', HTMLCanvasElement),
        name: part(row, 'name', HTMLElement),
        verdict: part(row, 'verdict', HTMLElement),
        figure: part(row, 'figure', HTMLElement),
        inSight: !this.#isLong,
      });
      this.update(entry);
      row.hidden = !this.#isShown(entry);
      rows.append(row);
    }
    const before = this.#sorted ? null : (this.#rowOf(after)?.nextSibling ?? null);
    this.#root.insertBefore(rows, before);
    this.#measure();
  }

  /**
   * Puts the rows in an order, and hides some. A row that the visitor has chosen stays where it is on
   * the screen.
   *
   * @param {readonly Entry[]} order  Every entry of the list.
   * @param {(entry: Entry) => boolean} isShown
   * @param {boolean} sorted  Whether that is another order than they came in.
   * @returns {number}  How many rows are shown.
   */
  arrange(order, isShown, sorted) {
    this.#isShown = isShown;
    this.#sorted = sorted;
    const { scrollTop } = this.#root;
    const kept = this.#chosen ? this.#rowOf(this.#selected) : undefined;
    const place = kept && !kept.hidden ? kept.getBoundingClientRect().top : undefined;
    const focused = document.activeElement;
    const shown = this.#putInOrder(order);
    if (focused instanceof HTMLElement && this.#root.contains(focused)) focused.focus({ preventScroll: true });
    this.#placeEntrance();
    this.#root.scrollTop = scrollTop;
    if (kept && place !== undefined && !kept.hidden) {
      this.#root.scrollTop += kept.getBoundingClientRect().top - place;
      scrollInside(this.#root, kept);
    }
    this.#onArrange();
    return shown;
  }

  /** Leaves a row that the visitor has chosen where it is on the screen when the list itself has moved. */
  keepPlace() {
    const top = this.#root.getBoundingClientRect().top + window.scrollY;
    const moved = top - this.#top;
    this.#top = top;
    const kept = this.#chosen ? this.#rowOf(this.#selected) : undefined;
    if (!kept || kept.hidden) return;
    this.#root.scrollTop += moved;
    scrollInside(this.#root, kept);
  }

  /**
   * @param {readonly Entry[]} order
   * @returns {number}  How many rows are shown.
   */
  #putInOrder(order) {
    let shown = 0;
    let at = this.#root.firstElementChild;
    for (const entry of order) {
      const row = this.#rowOf(entry);
      if (!row) continue;
      const hidden = !this.#isShown(entry);
      if (row.hidden !== hidden) row.hidden = hidden;
      if (!hidden) shown++;
      // Most rows stay, a few go up, some go down: whichever is fewer are taken out and put in again.
      if (at && at !== row && at.nextElementSibling === row) {
        at.remove();
        at = row;
      }
      if (at === row) at = row.nextElementSibling;
      else this.#root.insertBefore(row, at);
    }
    return shown;
  }

  /** Lets the keyboard enter at the selected row, or at the first one where that is hidden. */
  #placeEntrance() {
    const selected = this.#rowOf(this.#selected);
    const entrance =
      selected && !selected.hidden ? selected : firstShown(this.#root.firstElementChild, 'nextElementSibling');
    if (this.#entrance) this.#entrance.tabIndex = -1;
    this.#entrance = entrance instanceof HTMLElement ? entrance : undefined;
    if (this.#entrance) this.#entrance.tabIndex = 0;
  }

  /** @param {Entry} entry */
  update(entry) {
    const shown = this.#rows.get(entry.id);
    if (!shown) return;
    const { row, name, verdict, figure } = shown;
    row.dataset.state = entry.state;
    const title = entryTitle(entry);
    if (name.textContent !== title) name.textContent = name.title = title;
    const { classification } = entry;
    const state = classification ? this.#verdict(classification) : stateWords(entry);
    const probability = classification ? percent(classification.probability) : '';
    verdict.textContent = state;
    figure.textContent = probability;
    figure.title = classification ? text('slice.probability') : '';
    if (classification) row.dataset.label = classification.label;
    else delete row.dataset.label;
    row.classList.toggle('doubtful', classification !== undefined && isDoubtful(classification));
    // What is skipped has no text for those who listen.
    row.setAttribute(
      'aria-label',
      classification
        ? text('slice.answerInWords', { name: title, verdict: state, probability })
        : text('slice.inWords', { name: title, state }),
    );
    drawThumbnail(shown);
  }

  /**
   * What an answer is, and which model gave it if that is not the one in use.
   *
   * @param {Classification} classification
   * @returns {string}
   */
  #verdict(classification) {
    const verdict = verdictWords(classification);
    const { model } = classification;
    if (!this.#model || isSameModel(model, this.#model)) return verdict;
    return text('slice.byModel', { verdict, model: modelTitle(model.name) });
  }

  /** @param {Entry[]} entries */
  remove(entries) {
    for (const { id } of entries) {
      this.#rows.get(id)?.row.remove();
      this.#rows.delete(id);
    }
    this.#measure();
    this.#placeEntrance();
    if (this.#selected && !this.#rows.has(this.#selected.id)) {
      const last = this.#root.lastElementChild;
      this.select(last ? this.#rowAt(last)?.entry : undefined);
    }
  }

  /** Has the browser skip what is out of sight where the list has become long, and no longer where not. */
  #measure() {
    const isLong = SKIPS && this.#rows.size > LONG;
    if (isLong === this.#isLong) return;
    this.#isLong = isLong;
    this.#root.classList.toggle('long', isLong);
    for (const row of this.#rows.values()) {
      // The browser says of each what comes into sight.
      row.inSight = !isLong;
      drawThumbnail(row);
    }
  }

  /**
   * Selects what the visitor has chosen: it is kept in sight when rows move.
   *
   * @param {Entry} entry
   */
  goTo(entry) {
    this.select(entry);
    this.#chosen = true;
  }

  /** @param {Entry | undefined} entry */
  select(entry) {
    const [before, after] = [this.#rowOf(this.#selected), this.#rowOf(entry)];
    before?.setAttribute('aria-selected', 'false');
    after?.setAttribute('aria-selected', 'true');
    if (after && !after.hidden) scrollInside(this.#root, after);
    this.#selected = entry;
    this.#chosen = false;
    this.#placeEntrance();
    this.#onSelect(entry);
  }

  /** Gives the selected row the focus. */
  focus() {
    this.#rowOf(this.#selected)?.focus({ preventScroll: true });
  }

  /** @param {Entry | undefined} entry */
  #rowOf(entry) {
    return entry && this.#rows.get(entry.id)?.row;
  }

  /** @param {Element} element */
  #rowAt(element) {
    return element instanceof HTMLElement ? this.#rows.get(Number(element.dataset.id)) : undefined;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const current = this.#rowOf(this.#selected);
    const first = firstShown(this.#root.firstElementChild, 'nextElementSibling');
    const last = firstShown(this.#root.lastElementChild, 'previousElementSibling');
    /** @type {Record<string, Element | null>} */
    const targets = {
      ArrowDown: firstShown(current?.nextElementSibling ?? null, 'nextElementSibling') ?? last,
      ArrowUp: firstShown(current?.previousElementSibling ?? null, 'previousElementSibling') ?? first,
      Home: first,
      End: last,
    };
    const target = targets[event.key];
    if (!target) return;
    event.preventDefault();
    const shown = this.#rowAt(target);
    if (!shown) return;
    this.goTo(shown.entry);
    shown.row.focus({ preventScroll: true });
  }
}

/**
 * How far an entry without an answer is.
 *
 * @param {Entry} entry
 * @returns {string}
 */
function stateWords({ state, error }) {
  if (error) return text('slice.failed', { error: error.name });
  return state === 'waiting' || state === 'running' ? text(`slice.${state}`) : '';
}

/**
 * The first row that is not hidden, from one on.
 *
 * @param {Element | null} row
 * @param {'nextElementSibling' | 'previousElementSibling'} step
 * @returns {Element | null}
 */
function firstShown(row, step) {
  let at = row;
  while (at instanceof HTMLElement && at.hidden) at = at[step];
  return at;
}

/**
 * Draws the picture of a row in sight; that of another is dropped.
 *
 * @param {Row} row
 */
function drawThumbnail({ entry, thumbnail, inSight }) {
  if (inSight && entry.thumbnail) drawSlice(thumbnail, entry.thumbnail);
  else if (thumbnail.width > 0) thumbnail.width = thumbnail.height = 0;
}
