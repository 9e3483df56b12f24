/**
 * The third answer: where in the slice its margin comes from. The map is worked out when it is wanted, for
 * the selected slice only, and never stands beside the answer of another model.
 */
import { isSameModel } from '../batch.js';
import { text } from '../messages.js';
import { part } from '../page-part.js';
import { modelTitle, signed } from '../wording.js';
import { ContributionMap, DECIMALS } from './contribution-map.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('../worker.js').Explanation} Explanation
 * @typedef {import('./paint-picture.js').Overlay} Overlay
 * @typedef {NonNullable<Explanation['kind']>} Kind
 */

/**
 * @typedef {object} Surroundings
 * @property {(entry: Entry, kind: Kind | undefined, signal: AbortSignal) => Promise<Explanation>} explain  Of
 *   one kind of haemorrhage, or of haemorrhage as a whole.
 * @property {() => Classification['model'] | undefined} model  The one in use.
 * @property {(entry: Entry) => void} again  Examines an entry again.
 * @property {(overlay: Overlay | undefined) => void} draw  Over the picture.
 */

/** Contributions of this magnitude are none: what 32-bit numbers leave. */
const NOTHING = 1e-9;

export class Where {
  #root;
  /** @type {Surroundings} */
  #surroundings;
  #toggle;
  #opacity;
  #kinds;
  /** @type {Entry | undefined} */
  #entry;
  /** @type {ContributionMap | undefined}  Of the selected slice, kept as long as it is selected. */
  #map;
  /** @type {string | undefined}  Why there is no map. */
  #problem;
  /** @type {AbortController | undefined}  Of what is being worked out. */
  #asking;

  /**
   * @param {HTMLElement} root
   * @param {Surroundings} surroundings
   */
  constructor(root, surroundings) {
    this.#root = root;
    this.#surroundings = surroundings;
    this.#toggle = part(root, 'map-toggle', HTMLInputElement);
    this.#toggle.addEventListener('change', () => this.update());
    this.#opacity = part(root, 'opacity', HTMLInputElement);
    this.#opacity.addEventListener('input', () => this.#draw());
    this.#kinds = part(root, 'map-kind', HTMLSelectElement);
    this.#kinds.addEventListener('change', () => {
      this.#giveUp();
      this.update();
    });
    part(root, 'map-again', HTMLButtonElement).addEventListener('click', () => {
      if (this.#entry) surroundings.again(this.#entry);
    });
  }

  toggle() {
    if (!this.#root.hidden) this.#toggle.click();
  }

  /** @param {Entry | undefined} entry */
  show(entry) {
    if (entry !== this.#entry) this.#giveUp();
    this.#entry = entry;
    this.#problem = undefined;
    this.update();
  }

  /** Brings what is shown up to the selected slice, its answer and the model in use. */
  update() {
    const answer = this.#entry?.classification;
    this.#root.hidden = !answer;
    this.#offerKinds(answer);
    if (this.#map && !(answer && belongs(this.#map, answer, this.#kind))) this.#giveUp();
    const wanted = answer !== undefined && this.#toggle.checked;
    if (!wanted) this.#asking?.abort();
    const model = this.#surroundings.model();
    const isForeign = answer !== undefined && model !== undefined && !isSameModel(answer.model, model);
    if (wanted && !this.#map && !isForeign && !this.#problem && this.#entry?.state === 'done') this.#ask(this.#entry);
    this.#write(wanted, isForeign ? this.#foreignWords(answer.model, model) : this.#problem);
    this.#draw();
  }

  /** @returns {Kind | undefined} */
  get #kind() {
    return /** @type {Kind} */ (this.#kinds.value) || undefined;
  }

  /**
   * Offers the kinds that the answer tells, and keeps the chosen one if it is among them.
   *
   * @param {Classification | undefined} answer
   */
  #offerKinds(answer) {
    if (!answer) return;
    const chosen = this.#kinds.value;
    const kinds = answer.kinds.map(({ kind }) => new Option(text(`kind.${kind}`), kind));
    this.#kinds.replaceChildren(new Option(text('map.whole'), ''), ...kinds);
    this.#kinds.value = answer.kinds.some(({ kind }) => kind === chosen) ? chosen : '';
    part(this.#root, 'map-kind-choice', HTMLElement).hidden = kinds.length === 0 || !this.#toggle.checked;
  }

  #giveUp() {
    this.#asking?.abort();
    this.#map = undefined;
    this.#problem = undefined;
  }

  /** @param {Entry} entry */
  async #ask(entry) {
    if (this.#asking) return;
    const asking = (this.#asking = new AbortController());
    // What comes after this may be asked for before the browser tells that it was given up.
    asking.signal.addEventListener('abort', () => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    try {
      const kind = this.#kind;
      const explanation = await this.#surroundings.explain(entry, kind, asking.signal);
      if (asking.signal.aborted) return;
      const map = new ContributionMap(explanation);
      const answer = this.#entry?.classification;
      if (answer && belongs(map, answer, kind)) this.#map = map;
      else if (answer) this.#problem = this.#foreignWords(answer.model, map.classification.model);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#problem = text('map.failed', { reason: error instanceof Error ? error.message : String(error) });
    }
    this.#asking = undefined;
    this.update();
  }

  /**
   * @param {Classification['model']} answered
   * @param {Classification['model']} inUse
   */
  #foreignWords(answered, inUse) {
    const title = (/** @type {Classification['model']} */ model) => `${modelTitle(model.name)} ${model.version}`;
    return text('map.foreign', { answered: title(answered), inUse: title(inUse) });
  }

  /**
   * @param {boolean} wanted
   * @param {string | undefined} problem
   */
  #write(wanted, problem) {
    const map = wanted ? this.#map : undefined;
    const isBusy = this.#entry?.state !== 'done';
    const note = part(this.#root, 'map-note', HTMLElement);
    if (!wanted || map) note.textContent = '';
    else note.textContent = isBusy ? text('map.waiting') : (problem ?? text('map.working'));
    part(this.#root, 'map-again', HTMLButtonElement).hidden = !wanted || !!map || !problem || isBusy;
    part(this.#root, 'map-facts', HTMLElement).hidden = !map;
    if (map) this.#writeSum(map);
  }

  /** @param {ContributionMap} map */
  #writeSum(map) {
    const { sum, strongest } = map;
    for (const [term, value] of Object.entries(sum)) {
      const element = part(this.#root, `sum-${term}`, HTMLElement);
      element.textContent = signed(value, DECIMALS);
      element.dataset.value = String(value);
    }
    const isRounded = Math.abs(sum.rounding) > NOTHING;
    for (const name of ['sum-rounding', 'rounding-term']) part(this.#root, name, HTMLElement).hidden = !isRounded;
    const [against, speaksFor] = [map.words(-1), map.words(1)];
    part(this.#root, 'words-against', HTMLElement).textContent = against;
    part(this.#root, 'words-for', HTMLElement).textContent = speaksFor;
    part(this.#root, 'sum-for-term', HTMLElement).textContent = text('map.sumFor', { words: speaksFor });
    part(this.#root, 'most-against', HTMLElement).textContent = signed(-strongest, DECIMALS);
    part(this.#root, 'most-for', HTMLElement).textContent = signed(strongest, DECIMALS);
  }

  #draw() {
    const opacity = Number(this.#opacity.value) / 100;
    this.#root.style.setProperty('--opacity', String(opacity));
    const map = this.#toggle.checked ? this.#map : undefined;
    this.#surroundings.draw(map && { map, opacity });
  }
}

/**
 * Whether a map takes this very answer apart.
 *
 * @param {ContributionMap} map
 * @param {Classification} answer
 * @param {Kind | undefined} kind
 */
function belongs({ classification, kind: shown }, answer, kind) {
  const isOfAnswer = isSameModel(classification.model, answer.model) && classification.margin === answer.margin;
  return isOfAnswer && shown === kind;
}
