/**
 * The last step learned anew in the page: the visitor's labelled slices, a plane solved on what the
 * network makes of them, what it is worth, and its file.
 */
import { speaksEnglish } from '../../page/english.js';
import { takePicked } from '../../page/intake.js';
import { text } from '../../page/messages.js';
import { NamedError } from '../../page/named-error.js';
import { part, showControl } from '../../page/page-part.js';
import { problemWords } from '../../page/problem-words.js';
import { classNamed } from '../../page/triage/class-names.js';
import { folderOf, pathOf } from '../../page/triage/file-paths.js';
import { saveFile } from '../../page/triage/save-file.js';
import { make, number } from '../elements.js';
import { EMBEDDED } from '../networks.js';
import { Bin } from './bin.js';
import { cautionsOf } from './cautions.js';
import { drawnSlices } from './drawn-slices.js';
import { groupsOf, mixedOrder } from './groups.js';
import { LabelledSlices } from './labelled-slices.js';
import { results } from './results.js';

/**
 * @typedef {import('../client.js').LessonClient} LessonClient
 * @typedef {import('../worker.js').LabelledUnits} LabelledUnits
 * @typedef {import('./groups.js').Rule} Rule
 * @typedef {import('./labelled-slices.js').Labelled} Labelled
 * @typedef {'haemorrhage' | 'normal'} BinName
 */

/** How many slices are drawn for each bin. */
const DRAWN = 12;

/** The learning curve begins with so many slices, and goes on by this factor to all of them. */
const CURVE = { from: 6, factor: 1.5 };

/** What a saved plane is called. */
const PLANE_FILE = 'haemolens-plane.json';

/** How many files that could not be read are named. */
const NAMED = 5;

export class Retrain {
  #root;
  #client;
  #slices;
  /** @type {Record<BinName, Bin>} */
  #bins;
  #rule;
  #folds;
  #stop;
  #listeners;
  /** @type {AbortController | undefined}  While files are read. */
  #reading;
  /** Rounds of work that were begun: the last one counts. */
  #rounds = 0;
  /** @type {{ examples: LabelledUnits, folds: number } | undefined}  What the figures are of, if both classes are there. */
  #learned;

  /**
   * @param {HTMLElement} root
   * @param {LessonClient} client
   * @param {{ onUse: () => void, onShow: (slice: Labelled) => void }} listeners  Told when a plane answers
   *   from now on, and which slice is to be looked at.
   */
  constructor(root, client, listeners) {
    this.#root = root;
    this.#client = client;
    this.#listeners = listeners;
    this.#slices = new LabelledSlices(client, EMBEDDED);
    const bin = (/** @type {BinName} */ name) =>
      new Bin(part(root, `bin-${name}`, HTMLElement), {
        onFiles: (files) => this.#add(name, files),
        onEmpty: () => {
          this.#slices.empty(name);
          this.#work();
        },
      });
    this.#bins = { haemorrhage: bin('haemorrhage'), normal: bin('normal') };
    this.#rule = part(root, 'groups', HTMLSelectElement);
    this.#folds = part(root, 'folds', HTMLSelectElement);
    for (const select of [this.#rule, this.#folds]) select.addEventListener('change', () => this.#work());
    this.#stop = this.#button('stop', () => this.#reading?.abort());
    this.#button('draw', () => this.#draw());
    this.#button('save', () =>
      this.#withPlane((plane) => saveFile(PLANE_FILE, 'application/json', new TextDecoder().decode(plane))),
    );
    this.#button('use', () => this.#withPlane((plane) => this.#use(plane)));
    takePicked(part(root, 'both-folder', HTMLInputElement), (files) => this.#addBoth(files));
    takePicked(part(root, 'plane-file', HTMLInputElement), ([file]) => this.#load(file));
  }

  /** Lets the visitor begin. */
  enable() {
    for (const control of this.#root.querySelectorAll('[data-wait]')) control.removeAttribute('disabled');
  }

  /**
   * @param {string} name
   * @param {() => void} onClick
   */
  #button(name, onClick) {
    const button = part(this.#root, name, HTMLButtonElement);
    button.addEventListener('click', onClick);
    return button;
  }

  /**
   * @param {BinName} bin
   * @param {File[]} files
   */
  #add(bin, files) {
    this.#slices.add(bin, files);
    return this.#work();
  }

  /**
   * Files for both bins: of a folder with a folder for each class.
   *
   * @param {File[]} files
   */
  #addBoth(files) {
    // The folder nearest to the file that is called as a class is.
    const classOf = (/** @type {File} */ file) =>
      folderOf(pathOf(file)).split('/').reverse().map(classNamed).find((found) => found !== undefined);
    const labelled = files.map((file) => ({ file, haemorrhage: classOf(file) }));
    const of = (/** @type {boolean} */ is) => labelled.filter(({ haemorrhage }) => haemorrhage === is).map(({ file }) => file);
    if (of(true).length === 0 || of(false).length === 0) return this.#say(text('learn.retrain.noClasses'));
    this.#slices.add('haemorrhage', of(true));
    this.#slices.add('normal', of(false));
    return this.#work();
  }

  async #draw() {
    const phantom = this.#client.phantom.bind(this.#client);
    this.#slices.add('haemorrhage', await drawnSlices(phantom, ['intraparenchymal', 'subdural'], DRAWN));
    this.#slices.add('normal', await drawnSlices(phantom, ['normal'], DRAWN));
    return this.#work();
  }

  /** Reads what is new in the bins, and learns from all that is there. */
  async #work() {
    const round = ++this.#rounds;
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#say('');
    const status = part(this.#root, 'retrain-status', HTMLElement);
    const started = performance.now();
    showControl(this.#stop, true, this.#folds);
    try {
      let read = 0;
      await this.#slices.read(reading.signal, (done, all) => {
        read = all;
        status.textContent = text('learn.retrain.reading', { done: number(done), all: number(all) });
        this.#count();
      });
      if (round !== this.#rounds) return;
      this.#count();
      this.#say(this.#refusals());
      status.textContent = text('learn.retrain.learning');
      await this.#learn(round);
      if (round !== this.#rounds) return;
      const seconds = number((performance.now() - started) / 1000, 1);
      status.textContent = read > 0 ? text('learn.retrain.done', { seconds }) : '';
      status.dataset.seconds = ((performance.now() - started) / 1000).toFixed(2);
    } catch (error) {
      if (round !== this.#rounds) return;
      status.textContent = '';
      this.#fail(error);
    }
    this.#reading = undefined;
    showControl(this.#stop, false, this.#folds);
  }

  #count() {
    const { slices } = this.#slices;
    for (const name of /** @type {const} */ (['haemorrhage', 'normal'])) {
      const read = slices.filter(({ haemorrhage }) => haemorrhage === (name === 'haemorrhage')).length;
      this.#bins[name].show(this.#slices.count(name), read);
    }
  }

  /** @param {number} round */
  async #learn(round) {
    const all = this.#slices.slices;
    const rule = /** @type {Rule} */ (this.#rule.value);
    const slices = mixedOrder(all).map((place) => all[place]);
    const groups = groupsOf(slices, rule);
    const result = part(this.#root, 'retrain-result', HTMLElement);
    const both = [true, false].every((is) => slices.some(({ haemorrhage }) => haemorrhage === is));
    part(this.#root, 'retrain-actions', HTMLElement).hidden = !both;
    if (!both) {
      this.#learned = undefined;
      part(this.#root, 'cautions', HTMLElement).replaceChildren();
      result.replaceChildren(...(slices.length > 0 ? [make('p', {}, text('learn.retrain.oneClass'))] : []));
      return;
    }
    const units = new Float32Array(slices.length * slices[0].units.length);
    slices.forEach((slice, i) => units.set(slice.units, i * slice.units.length));
    const labels = slices.map(({ haemorrhage }) => haemorrhage);
    const sizes = curveSizes(slices.length);
    const folds = Number(this.#folds.value) || slices.length;
    const examples = { units, labels, groups };
    const curve = await this.#client.learn(examples, folds, sizes);
    if (round !== this.#rounds) return;
    this.#learned = { examples, folds };
    part(this.#root, 'cautions', HTMLElement).replaceChildren(...cautionWords(slices, rule));
    result.replaceChildren(...results(slices, curve, sizes, this.#listeners.onShow));
  }

  #refusals() {
    const { refused } = this.#slices;
    if (refused.length === 0) return '';
    const words = refused.slice(0, NAMED).map(({ name, error }) => `${name}: ${problemWords(error).words}`);
    return [text('learn.retrain.refused', { count: refused.length }), ...words].join('\n');
  }

  /**
   * Solves the plane that the figures are of.
   *
   * @param {(plane: Uint8Array<ArrayBuffer>) => void} take  Is given its file.
   */
  async #withPlane(take) {
    if (!this.#learned) return;
    try {
      take(await this.#client.plane(EMBEDDED, this.#learned.examples, this.#learned.folds));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {File} file */
  async #load(file) {
    await this.#use(new Uint8Array(await file.arrayBuffer()));
  }

  /** @param {Uint8Array<ArrayBuffer>} plane */
  async #use(plane) {
    this.#say('');
    try {
      await this.#client.usePlane(plane);
    } catch (error) {
      // What the module says of it is in English.
      const isUnusable = error instanceof NamedError && error.name === 'CorruptModel';
      return isUnusable && !speaksEnglish() ? this.#say(text('learn.retrain.unusable')) : this.#fail(error);
    }
    const { haemorrhage, normal } = JSON.parse(new TextDecoder().decode(plane)).learnedFrom;
    const words = text('learn.retrain.inUse', { haemorrhage: number(haemorrhage), normal: number(normal) });
    const link = make('a', { href: '#walk' }, text('learn.retrain.toWalk'));
    part(this.#root, 'in-use', HTMLElement).replaceChildren(words, ' ', link);
    this.#listeners.onUse();
  }

  /** @param {unknown} error */
  #fail(error) {
    console.warn(error);
    this.#say(error instanceof NamedError ? problemWords(error).words : String(error));
  }

  /** @param {string} words  Of what is wrong; none when nothing is. */
  #say(words) {
    const problem = part(this.#root, 'retrain-problem', HTMLElement);
    problem.textContent = words;
    problem.hidden = words === '';
  }
}

/**
 * @param {number} slices
 * @returns {number[]}  Ascending, the last is all of them.
 */
function curveSizes(slices) {
  const sizes = [];
  for (let size = CURVE.from; size < slices; size = Math.ceil(size * CURVE.factor)) sizes.push(size);
  return [...sizes, slices];
}

/**
 * @param {Labelled[]} slices
 * @param {Rule} rule
 * @returns {HTMLElement[]}
 */
function cautionWords(slices, rule) {
  const { few, single, twins, alike, namesakes, unlike } = cautionsOf(slices, rule);
  const words = [];
  if (few > 0) words.push(text('learn.retrain.few', { count: few }));
  for (const name of single) words.push(text(`learn.retrain.single.${name}`));
  if (twins > 0) words.push(text('learn.retrain.twins', { count: twins }));
  if (alike > 0) words.push(text('learn.retrain.alike', { count: alike }));
  if (namesakes > 0) words.push(text('learn.retrain.namesakes', { count: namesakes }));
  if (unlike > 0) words.push(text('learn.retrain.unlike', { count: unlike }));
  words.push(text('learn.retrain.knownToShipped'));
  return words.map((sentence) => make('li', {}, sentence));
}
