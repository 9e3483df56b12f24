/** One slice's way through one network, or through two side by side, step by step. */
import { text } from '../page/messages.js';
import { NamedError } from '../page/named-error.js';
import { problemWords } from '../page/problem-words.js';
import { part } from '../page/page-part.js';
import { firstConvolution, laterConvolutions, normalisationAndPooling } from './conv-steps.js';
import { amongOthers, answer, calibration, margin } from './decision-steps.js';
import { make } from './elements.js';
import { networkTitle, OWN } from './networks.js';
import { crop, input, window_ } from './slice-steps.js';
import { units } from './unit-steps.js';

/**
 * @typedef {import('./client.js').LessonClient} LessonClient
 * @typedef {import('./worker.js').Hounsfield} Hounsfield
 * @typedef {import('./worker.js').Kernels} Kernels
 * @typedef {import('./worker.js').SliceAddress} SliceAddress
 * @typedef {import('./worker.js').Walk} Walk
 */

/**
 * What a step shows of a network.
 *
 * @typedef {object} Seen
 * @property {string} name  The network's.
 * @property {Walk} walk
 * @property {Kernels[]} kernels
 * @property {Hounsfield} [measured]
 * @property {Map<string, number>} picked  Which unit the visitor looks at, by layer.
 * @property {(layer: number, unit: number) => Promise<Float32Array>} unit  What each place of the last map
 *   contributes to a unit.
 */

/** @typedef {Parameters<typeof text>[0]} Key */

/** The steps by the names of their texts. */
const STEPS = /** @type {const} */ ({
  window: window_,
  crop,
  input,
  conv: firstConvolution,
  pool: normalisationAndPooling,
  later: laterConvolutions,
  units,
  margin,
  among: amongOthers,
  calibration,
  answer,
});

/** What stands for no network beside the first. */
const NONE = '';

export class WalkView {
  #client;
  #first;
  #beside;
  #problem;
  /** @type {Map<keyof typeof STEPS, HTMLElement>}  Where each step shows its networks. */
  #boxes = new Map();
  /** @type {Map<string, Map<string, number>>}  By network. */
  #picked = new Map();
  /** @type {SliceAddress | undefined} */
  #slice;
  #rounds = 0;
  /** @type {(slices: number) => void} */
  #onSlices;

  /**
   * @param {HTMLElement} root
   * @param {LessonClient} client
   * @param {(slices: number) => void} onSlices  Told how many slices the file has that is shown.
   */
  constructor(root, client, onSlices) {
    this.#client = client;
    this.#onSlices = onSlices;
    this.#first = part(root, 'network', HTMLSelectElement);
    this.#beside = part(root, 'beside', HTMLSelectElement);
    this.#problem = part(root, 'walk-problem', HTMLElement);
    for (const select of [this.#first, this.#beside]) select.addEventListener('change', () => this.#refresh());
    const list = part(root, 'steps', HTMLElement);
    for (const name of /** @type {(keyof typeof STEPS)[]} */ (Object.keys(STEPS))) {
      const box = make('div', { class: 'columns' });
      this.#boxes.set(name, box);
      list.append(this.#article(name, box));
    }
  }

  /**
   * @param {keyof typeof STEPS} name
   * @param {HTMLElement} box
   */
  #article(name, box) {
    const heading = make('h3', {}, text(/** @type {Key} */ (`learn.step.${name}.title`)));
    const term = make('p', { class: 'term' }, text(/** @type {Key} */ (`learn.step.${name}.term`)));
    const words = make('p', {}, text(/** @type {Key} */ (`learn.step.${name}.text`)));
    const article = make('article', { class: 'step', id: `step-${name}` }, heading, term, words, box);
    return make('li', {}, article);
  }

  /**
   * Offers networks to look into.
   *
   * @param {string[]} names
   */
  offer(names) {
    const options = () => names.map((name) => make('option', { value: name }, networkTitle(name)));
    this.#first.replaceChildren(...options());
    this.#beside.replaceChildren(make('option', { value: NONE }, text('learn.beside.none')), ...options());
    this.#first.disabled = this.#beside.disabled = false;
  }

  /** Offers the network with the visitor's own plane, and looks into it. */
  showOwn() {
    if (![...this.#first.options].some(({ value }) => value === OWN)) {
      for (const select of [this.#first, this.#beside]) select.append(make('option', { value: OWN }, networkTitle(OWN)));
    }
    this.#first.value = OWN;
    return this.#refresh();
  }

  /**
   * Shows another slice.
   *
   * @param {SliceAddress} slice
   */
  show(slice) {
    this.#slice = slice;
    return this.#refresh();
  }

  async #refresh() {
    const slice = this.#slice;
    if (!slice) return;
    const round = ++this.#rounds;
    const names = [this.#first.value, this.#beside.value].filter((name) => name !== NONE);
    const list = /** @type {HTMLElement} */ (this.#boxes.get('window')).closest('ol');
    list?.setAttribute('aria-busy', 'true');
    try {
      const measured = await this.#client.measure(slice);
      /** @type {Seen[]} */
      const seen = [];
      for (const name of new Set(names)) seen.push(await this.#look(name, slice, measured));
      if (round !== this.#rounds) return;
      this.#problem.hidden = true;
      this.#onSlices(seen[0].walk.slices);
      for (const [name, box] of this.#boxes) {
        box.replaceChildren(...seen.map((network) => column(network, STEPS[name], seen.length > 1)));
        // Between two steps the page answers its visitor.
        await new Promise((resolve) => setTimeout(resolve));
        if (round !== this.#rounds) return;
      }
    } catch (error) {
      if (round !== this.#rounds) return;
      console.warn(error);
      this.#problem.textContent = error instanceof NamedError ? problemWords(error).words : String(error);
      this.#problem.hidden = false;
    }
    list?.setAttribute('aria-busy', 'false');
  }

  /**
   * @param {string} name
   * @param {SliceAddress} slice
   * @param {Hounsfield | undefined} measured
   * @returns {Promise<Seen>}
   */
  async #look(name, slice, measured) {
    const [walk, kernels] = [await this.#client.walk(name, slice), await this.#client.kernels(name)];
    const picked = this.#picked.get(name) ?? new Map();
    this.#picked.set(name, picked);
    const unit = (/** @type {number} */ layer, /** @type {number} */ index) =>
      this.#client.unit(name, layer, index);
    return { name, walk, kernels, measured, picked, unit };
  }
}

/**
 * @param {Seen} network
 * @param {(seen: Seen) => Element[]} step
 * @param {boolean} named  Whether it says which network it is.
 */
function column(network, step, named) {
  const title = named ? [make('h4', {}, networkTitle(network.name))] : [];
  return make('div', { class: 'column', 'data-network': network.name }, ...title, ...step(network));
}
