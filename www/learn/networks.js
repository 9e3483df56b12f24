/**
 * The networks of the lesson: loaded all at once while the page's door is open, so that every step can
 * be looked at in each of them afterwards. What an earlier visit has kept is not loaded again.
 */
import { arrived, doorIsOpen, expectArrival } from '../page/door.js';
import { text } from '../page/messages.js';
import { downloadModel, keptModel, listModels } from '../page/model-files.js';
import { part } from '../page/page-part.js';
import { modelTitle } from '../page/wording.js';

/** @typedef {import('../page/model-files.js').ModelFile} ModelFile */

/** The network inside the module. */
export const EMBEDDED = 'alexnet-svm';

/** The embedded network with a plane of the visitor's own. */
export const OWN = 'own';

/**
 * @param {string} name
 * @returns {string}
 */
export function networkTitle(name) {
  return name === OWN ? text('learn.retrain.own') : modelTitle(name);
}

/**
 * A network that is there: its name and the bytes of its file, none for the one inside the module.
 *
 * @typedef {{ name: string, bytes?: Uint8Array<ArrayBuffer> }} Network
 */

export class Networks {
  #models = listModels();
  /** @type {ModelFile | null}  The f32 networks' module, if the site has it: kept as models are. */
  #module = JSON.parse(part(document, 'reference', HTMLScriptElement).text);
  #giveUp = new AbortController();
  /** @type {(received: number, total: number) => void} */
  #report;
  /** @type {Map<string, number>} */
  #received = new Map();
  /** @type {Promise<Network[]>}  All that there are, once none is awaited any more. */
  loaded;
  /** @type {Promise<Uint8Array<ArrayBuffer> | undefined>}  The module that runs networks in f32, where it can be had. */
  reference;

  /** @param {(received: number, total: number) => void} report  Counts bytes of those still to be loaded. */
  constructor(report) {
    this.#report = report;
    for (const { name } of this.#files()) expectArrival(`model ${name}`);
    this.loaded = this.#loadAll();
    this.reference = this.#loadReference();
  }

  /** Goes on without those that have not arrived. */
  skip() {
    this.#giveUp.abort();
  }

  #files() {
    return this.#module ? [...this.#models, this.#module] : this.#models;
  }

  async #loadReference() {
    const found = this.#module && (await this.#load(this.#module));
    return found?.bytes;
  }

  async #loadAll() {
    const found = await Promise.all(this.#models.map((model) => this.#load(model)));
    return [{ name: EMBEDDED }, ...found.flatMap((network) => (network ? [network] : []))];
  }

  /**
   * @param {ModelFile} model
   * @returns {Promise<Network | undefined>}  Nothing where it cannot be had: the others are enough.
   */
  async #load(model) {
    const { name } = model;
    const report = (/** @type {number} */ received) => {
      // No slice waits for the f32 networks: once they have begun to come, the door may close.
      if (model === this.#module && received > 0) arrived(`model ${name}`);
      if (doorIsOpen()) this.#count(name, received);
    };
    try {
      const bytes = (await keptModel(model)) ?? (await downloadModel(model, this.#giveUp.signal, report));
      return { name, bytes };
    } catch (error) {
      console.warn(`The network ${name} is left out: ${error}`);
      return undefined;
    } finally {
      arrived(`model ${name}`);
    }
  }

  /**
   * @param {string} name
   * @param {number} received
   */
  #count(name, received) {
    this.#received.set(name, received);
    const sum = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0);
    const wanted = this.#files().filter((model) => this.#received.has(model.name));
    this.#report(sum([...this.#received.values()]), sum(wanted.map(({ bytes }) => bytes)));
  }
}
