/**
 * The probabilities of all slices in their order, as a strip of bars: where the selected one is, and where
 * others are worth a look. A few shapes however many slices there are.
 */
import { text } from '../messages.js';
import { part } from '../page-part.js';
import { entryTitle, isDoubtful, percent, verdictWords } from '../wording.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../answer-terms.js').Decision} Decision
 */

/** @typedef {'haemorrhage' | 'normal' | 'doubtful' | 'failed' | 'waiting'} Kind  What a bar stands for. */

/** @type {Kind[]} */
const KINDS = ['haemorrhage', 'normal', 'doubtful', 'failed', 'waiting'];

/** Most bars, as many as can be told apart; of more slices several share one, which shows the highest. */
const MOST_BARS = 500;

/** Bars that there is room for at least, so that one is not as wide as the strip. */
const LEAST_BARS = 24;

/** Height of the chart in its own units, from no probability to certainty, and of bars without any. */
const HEIGHT = 100;
const STUB = 6;

/**
 * How high a probability stands: by its root, because thresholds are low, and what lies around them is to
 * be told apart.
 *
 * @param {number} probability
 */
const heightOf = (probability) => HEIGHT * Math.sqrt(probability);

/** Share of its place that a bar takes. */
const FILLED = 0.85;

/** Slices that a page key goes. */
const PAGE = 10;

export class StripChart {
  #root;
  #chart;
  #select;
  /** @type {readonly Entry[]} */
  #entries = [];
  #selected = -1;

  /**
   * @param {HTMLElement} root  An element of role slider.
   * @param {(entry: Entry) => void} select
   */
  constructor(root, select) {
    this.#root = root;
    this.#chart = part(root, 'chart', SVGSVGElement);
    this.#select = select;
    const follow = (/** @type {PointerEvent} */ event) => this.#go(this.#at(event));
    root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      root.setPointerCapture(event.pointerId);
      follow(event);
    });
    root.addEventListener('pointermove', (event) => {
      if (root.hasPointerCapture(event.pointerId)) follow(event);
    });
    root.addEventListener('keydown', (event) => this.#press(event));
  }

  /**
   * @param {readonly Entry[]} entries  In their order.
   * @param {Entry | undefined} selected
   * @param {Decision | undefined} decision  Where threshold and inconclusive band lie, if that is known.
   */
  show(entries, selected, decision) {
    this.#entries = entries;
    this.#root.hidden = entries.length === 0;
    if (entries.length === 0) return;
    this.#chart.setAttribute('viewBox', `0 0 ${this.#places} ${HEIGHT}`);
    this.#drawDecision(decision);
    this.#drawBars();
    this.mark(selected);
  }

  /** Marks the selected slice. @param {Entry | undefined} selected */
  mark(selected) {
    this.#selected = selected ? this.#entries.indexOf(selected) : -1;
    const marker = part(this.#root, 'marker', SVGRectElement);
    const [from, to] = this.#extent(this.#selected);
    // One of thousands is still to be seen.
    const width = Math.max(to - from, this.#places / 160);
    marker.setAttribute('x', String(Math.min((from + to - width) / 2, this.#places - width)));
    marker.setAttribute('width', String(this.#selected < 0 ? 0 : width));
    this.#root.setAttribute('aria-valuemin', '1');
    this.#root.setAttribute('aria-valuemax', String(this.#entries.length));
    this.#root.setAttribute('aria-valuenow', String(this.#selected + 1));
    this.#root.setAttribute('aria-valuetext', this.#words(selected));
  }

  /** Bars that there is room for. */
  get #places() {
    return Math.max(LEAST_BARS, Math.min(this.#entries.length, MOST_BARS));
  }

  /**
   * From where to where a slice lies, in places.
   *
   * @param {number} at
   * @returns {[number, number]}
   */
  #extent(at) {
    const per = Math.max(1, this.#entries.length / MOST_BARS);
    return [at / per, (at + 1) / per];
  }

  /** @param {Decision | undefined} decision */
  #drawDecision(decision) {
    const band = part(this.#root, 'strip-band', SVGRectElement);
    const line = part(this.#root, 'strip-threshold', SVGLineElement);
    for (const shape of [band, line]) shape.toggleAttribute('hidden', !decision);
    if (!decision) return;
    const { threshold, inconclusive } = decision;
    const [low, high] = inconclusive;
    band.setAttribute('y', String(HEIGHT - heightOf(high)));
    band.setAttribute('height', String(heightOf(high) - heightOf(low)));
    for (const end of ['y1', 'y2']) line.setAttribute(end, String(HEIGHT - heightOf(threshold)));
    for (const [shape, name] of /** @type {const} */ ([[band, 'width'], [line, 'x2']])) {
      shape.setAttribute(name, String(this.#places));
    }
  }

  #drawBars() {
    /** @type {Record<Kind, string>} */
    const paths = { haemorrhage: '', normal: '', doubtful: '', failed: '', waiting: '' };
    const count = this.#entries.length;
    const bars = Math.min(count, MOST_BARS);
    for (let bar = 0; bar < bars; bar++) {
      const from = Math.floor((bar * count) / bars);
      const to = Math.floor(((bar + 1) * count) / bars);
      const entry = leading(this.#entries, from, to);
      const probability = entry.classification?.probability;
      const height = probability === undefined ? STUB : Math.max(STUB, heightOf(probability));
      const width = bars > 200 ? 1 : FILLED;
      const left = bar + (1 - width) / 2;
      paths[kindOf(entry)] += `M${left} ${HEIGHT}V${(HEIGHT - height).toFixed(1)}h${width}V${HEIGHT}z`;
    }
    for (const kind of KINDS) part(this.#root, `bars-${kind}`, SVGPathElement).setAttribute('d', paths[kind]);
  }

  /**
   * @param {Entry | undefined} entry
   * @returns {string}
   */
  #words(entry) {
    if (!entry || this.#selected < 0) return text('strip.none');
    const { classification } = entry;
    const values = { number: this.#selected + 1, total: this.#entries.length, name: entryTitle(entry) };
    if (!classification) return text(entry.state === 'failed' ? 'strip.failed' : 'strip.waiting', values);
    const verdict = verdictWords(classification);
    return text('strip.slice', { ...values, verdict, probability: percent(classification.probability) });
  }

  /**
   * Which slice lies under a pointer.
   *
   * @param {PointerEvent} event
   * @returns {number}
   */
  #at({ clientX }) {
    const { left, width } = this.#chart.getBoundingClientRect();
    const place = ((clientX - left) / width) * this.#places;
    return Math.floor(place * Math.max(1, this.#entries.length / MOST_BARS));
  }

  /** @param {number} at */
  #go(at) {
    const within = Math.min(this.#entries.length - 1, Math.max(0, at));
    if (within !== this.#selected && this.#entries[within]) this.#select(this.#entries[within]);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowRight: this.#selected + 1,
      ArrowUp: this.#selected + 1,
      ArrowLeft: this.#selected - 1,
      ArrowDown: this.#selected - 1,
      PageUp: this.#selected + PAGE,
      PageDown: this.#selected - PAGE,
      Home: 0,
      End: this.#entries.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#go(target);
  }
}

/**
 * The entry that stands for several: the one with the highest probability, or else the first.
 *
 * @param {readonly Entry[]} entries
 * @param {number} from
 * @param {number} to
 * @returns {Entry}
 */
function leading(entries, from, to) {
  let found = entries[from];
  for (let at = from + 1; at < to; at++) {
    const [one, other] = [found, entries[at]].map(({ classification }) => classification?.probability ?? -1);
    if (other > one) found = entries[at];
  }
  return found;
}

/**
 * @param {Entry} entry
 * @returns {Kind}
 */
function kindOf({ state, classification }) {
  if (classification) return isDoubtful(classification) ? 'doubtful' : classification.label;
  return state === 'failed' ? 'failed' : 'waiting';
}
