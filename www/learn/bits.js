/** What eight bits change: the same weights in f32, layer by layer beside the int8 engine. */
import { text } from '../page/messages.js';
import { NamedError } from '../page/named-error.js';
import { part } from '../page/page-part.js';
import { problemWords } from '../page/problem-words.js';
import { LABEL_WORDS, megabytes, modelTitle } from '../page/wording.js';
import { Chart, roundTicks } from './chart.js';
import { make, number, scrolling, withSign } from './elements.js';

/**
 * @typedef {import('./client.js').LessonClient} LessonClient
 * @typedef {import('./worker.js').SliceAddress} SliceAddress
 * @typedef {import('./worker.js').Walk} Walk
 */

/** Bins of a histogram of differences, and the share of the differences that lie within them. */
const BINS = 41;
const SHOWN = 0.995;

/**
 * A layer in both numbers.
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {Float32Array} int8  What the int8 engine hands on, as real values.
 * @property {Float32Array} f32
 */

export class EightBits {
  #root;
  #client;
  #select;
  /** @type {() => { slice: SliceAddress, title: string } | undefined} */
  #shown;

  /**
   * @param {HTMLElement} root
   * @param {LessonClient} client
   * @param {() => { slice: SliceAddress, title: string } | undefined} shown  The slice that the lesson is
   *   at, and what it is called.
   */
  constructor(root, client, shown) {
    this.#root = root;
    this.#client = client;
    this.#shown = shown;
    this.#select = part(root, 'bits-network', HTMLSelectElement);
    const button = part(root, 'compare', HTMLButtonElement);
    button.addEventListener('click', async () => {
      // Still in the way of the keyboard, which a disabled one would not be.
      if (button.getAttribute('aria-disabled') === 'true') return;
      button.setAttribute('aria-disabled', 'true');
      await this.#compare();
      button.removeAttribute('aria-disabled');
    });
  }

  /**
   * Offers networks to compare.
   *
   * @param {string[]} names
   */
  offer(names) {
    this.#select.replaceChildren(...names.map((name) => make('option', { value: name }, modelTitle(name))));
    this.#select.disabled = false;
    part(this.#root, 'compare', HTMLButtonElement).disabled = false;
  }

  async #compare() {
    const name = this.#select.value;
    const shown = this.#shown();
    if (!shown) return;
    const status = part(this.#root, 'bits-status', HTMLElement);
    status.textContent = text('learn.bits.running');
    try {
      // As the f32 network: once to be made fast by the browser, and once to be timed.
      const [, walk] = await Promise.all([1, 2].map(() => this.#client.walk(name, shown.slice)));
      const f32 = await this.#client.reference(name, walk.input.grey);
      const { classification, margin } = walk.explanation;
      const result = part(this.#root, 'bits', HTMLElement);
      result.replaceChildren(
        ...savings({
          title: text('learn.bits.saves', { network: modelTitle(name), slice: shown.title }),
          int8: { bytes: f32.bytes, ms: classification.elapsedMs.inference, margin },
          f32: { bytes: 4 * f32.weights, ms: f32.ms, margin: f32.margin },
          threshold: classification.threshold,
        }),
        ...differences(outputs(walk).map((layer, i) => ({ ...layer, f32: f32.layers[i] }))),
      );
      status.textContent = text('learn.bits.done');
    } catch (error) {
      console.warn(error);
      status.textContent = error instanceof NamedError ? problemWords(error).words : String(error);
    }
  }
}

/**
 * What each layer hands to the next, by the int8 engine: after pooling, where there is any. Of a layer
 * that is applied at every place, its units there and then their means.
 *
 * @param {Walk} walk
 * @returns {Omit<Layer, 'f32'>[]}
 */
function outputs(walk) {
  const convs = walk.convs.map(({ name, convolved, pooled }) => ({ name, int8: (pooled ?? convolved).values }));
  const linears = walk.linears.flatMap(({ name, units, map }) =>
    map
      ? [
          { name, int8: map.values },
          { name: text('learn.bits.means', { name }), int8: units },
        ]
      : [{ name, int8: units }],
  );
  return [...convs, ...linears];
}

/** @param {string} words */
const head = (words) => make('th', { scope: 'col' }, words);

/** @param {string} words */
const figure = (words) => make('td', { class: 'figure' }, words);

/** @param {number} ms */
const milliseconds = (ms) => text('quantity.milliseconds', { number: number(ms, ms < 10 ? 1 : 0) });

/**
 * A network in one kind of numbers: the size of its weights, its time, its margin of haemorrhage.
 *
 * @typedef {{ bytes: number, ms: number, margin: number }} Side
 */

/**
 * @param {{ title: string, int8: Side, f32: Side, threshold: number }} sides
 * @returns {HTMLElement[]}
 */
function savings({ title, int8, f32, threshold }) {
  const row = (/** @type {string} */ name, /** @type {string[]} */ ...cells) =>
    make('tr', {}, make('th', { scope: 'row' }, name), ...cells.map(figure));
  const heads = [text('learn.bits.int8'), text('learn.bits.f32'), text('learn.bits.ratio')];
  const times = (/** @type {number} */ factor) => text('learn.bits.times', { factor: number(factor, 1) });
  const [label, other] = [int8, f32].map(({ margin }) => (margin >= threshold ? 'haemorrhage' : 'normal'));
  const table = make(
    'table',
    { class: 'report', 'data-testid': 'bits-savings' },
    make('caption', {}, title),
    make('thead', {}, make('tr', {}, make('td'), ...heads.map(head))),
    make(
      'tbody',
      {},
      row(text('learn.bits.bytes'), megabytes(int8.bytes), megabytes(f32.bytes), times(f32.bytes / int8.bytes)),
      row(text('learn.bits.time'), milliseconds(int8.ms), milliseconds(f32.ms), times(f32.ms / int8.ms)),
      row(text('learn.axis.margin'), withSign(int8.margin, 4), withSign(f32.margin, 4), ''),
    ),
  );
  const apart = number(Math.abs(int8.margin - f32.margin), 4);
  const answer =
    label === other
      ? text('learn.bits.same', { label: LABEL_WORDS[label], apart })
      : text('learn.bits.other', { label: LABEL_WORDS[label], other: LABEL_WORDS[other], apart });
  return [
    scrolling(title, table),
    make('p', { 'data-testid': 'bits-answer' }, answer),
    make('p', { class: 'note' }, text('learn.bits.note')),
  ];
}

/**
 * How far apart two lists of numbers are.
 *
 * @param {Layer} layer
 * @returns {{ typical: number, largest: number, top: number }}  Root mean square of the differences over
 *   that of the f32 values; the largest difference; the largest f32 value.
 */
function apart({ int8, f32 }) {
  let [off, whole, largest, top] = [0, 0, 0, 0];
  for (let i = 0; i < f32.length; i++) {
    const difference = int8[i] - f32[i];
    off += difference * difference;
    whole += f32[i] * f32[i];
    largest = Math.max(largest, Math.abs(difference));
    top = Math.max(top, f32[i]);
  }
  return { typical: whole > 0 ? Math.sqrt(off / whole) : 0, largest, top };
}

/**
 * The layers with how far apart they are, and a histogram of the one that is looked at.
 *
 * @param {Layer[]} layers
 * @returns {HTMLElement[]}
 */
function differences(layers) {
  const found = layers.map(apart);
  const most = Math.max(...found.map(({ typical }) => typical), Number.MIN_VALUE);
  const chart = make('div', { class: 'column', 'data-testid': 'bits-histogram', 'aria-live': 'polite' });
  const rows = layers.map((layer, i) => {
    const { name, f32 } = layer;
    const { typical, largest, top } = found[i];
    const fill = make('span', { class: 'fill' });
    fill.style.setProperty('--share', (typical / most).toFixed(4));
    const choose = make('input', { type: 'radio', name: 'bits-layer', autocomplete: 'off' });
    choose.checked = i === 0;
    choose.addEventListener('change', () => chart.replaceChildren(...histogram(layer)));
    const share = text('quantity.percent', { number: number(100 * typical, 2) });
    return make(
      'tr',
      {},
      make('th', { scope: 'row' }, make('label', { class: 'layer' }, choose, name)),
      figure(share),
      make('td', { class: 'bar-cell' }, make('span', { class: 'meter', 'aria-hidden': 'true' }, fill)),
      ...[number(largest, 3), number(top, 2), number(f32.length)].map(figure),
    );
  });
  chart.append(...histogram(layers[0]));
  const title = text('learn.bits.layers');
  const heads = [
    head(text('learn.bits.layer')),
    make('th', { scope: 'col', colspan: 2 }, text('learn.bits.typical')),
    ...[text('learn.bits.largest'), text('learn.bits.top'), text('learn.bits.count')].map(head),
  ];
  const table = make(
    'table',
    { class: 'report layers', 'data-testid': 'bits-layers' },
    make('caption', {}, title),
    make('thead', {}, make('tr', {}, ...heads)),
    make('tbody', {}, ...rows),
  );
  return [scrolling(title, table), make('p', { class: 'note' }, text('learn.bits.layers.note')), chart];
}

/**
 * The differences of a layer, int8 minus f32. Most numbers of a layer are 0 after ReLU, in both: they
 * would be one bar beside which no other can be seen.
 *
 * @param {Layer} layer
 * @returns {Element[]}
 */
function histogram({ name, int8, f32 }) {
  const found = f32.map((value, i) => int8[i] - value).filter((_, i) => int8[i] !== 0 || f32[i] !== 0);
  const sizes = found.map(Math.abs).sort();
  const reach = sizes[Math.ceil(SHOWN * sizes.length) - 1] || 1e-6;
  const width = (2 * reach) / BINS;
  const counts = new Array(BINS).fill(0);
  for (const difference of found) {
    if (Math.abs(difference) > reach) continue;
    counts[Math.min(Math.floor((difference + reach) / width), BINS - 1)]++;
  }
  const shares = counts.map((count) => (100 * count) / Math.max(found.length, 1));
  const top = Math.max(...shares) * 1.1 || 1;
  const chart = new Chart(
    text('learn.bits.histogram', { name }),
    { from: -reach, to: reach, ...roundTicks(-reach, reach), title: text('learn.bits.difference', { name }) },
    { from: 0, to: top, ...roundTicks(0, top), title: text('learn.bits.share') },
  );
  chart.bars(-reach, width, shares, 'difference');
  const words = text('learn.bits.histogram.note', {
    drawn: number(found.length),
    all: number(f32.length),
    within: text('quantity.percent', { number: number(100 * SHOWN, 1) }),
  });
  return [chart.element, make('p', { class: 'note' }, words)];
}
