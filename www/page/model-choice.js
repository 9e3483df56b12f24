/**
 * Which model examines: the one inside the module, or one that is downloaded when it is chosen. Until
 * another is ready the one in use goes on, and stays in use if the other cannot be had. Once the page
 * has closed its door, a model that the browser has not kept needs the page to be loaded anew.
 */
import { arrived, doorIsOpen, expectArrival } from './door.js';
import { downloadModel, keptModel, listModels } from './model-files.js';
import { modelTitle } from './wording.js';

/** @typedef {import('./model-files.js').ModelFile} ModelFile */

/** The model inside the module. */
export const EMBEDDED = 'alexnet-svm';

/**
 * How far a change of models is. In `fetching` bytes are counted; in `starting` the worker has them
 * and finishes the slice it is at; after `failed` the one in use has stayed. An error that is not named
 * is one of the connection.
 *
 * @typedef {{ phase: 'fetching', title: string, received: number, total: number }
 *   | { phase: 'starting', title: string }
 *   | { phase: 'failed', title: string, inUse: string, error: unknown }} ChangeState
 */

/**
 * Puts a model to use: the one of these bytes, or without any the one inside the module. Those that
 * were asked for first come first.
 *
 * @typedef {(model?: Uint8Array<ArrayBuffer>) => Promise<void>} Use
 */

/**
 * @typedef {object} ChoiceListener
 * @property {() => void} changed  Told of every change of `shown` and `state`.
 * @property {(name: string) => void} needsLoading  Told that this model can only be had by loading the
 *   page anew.
 */

export class ModelChoice {
  /** @type {Use} */
  #use;
  /** @type {ChoiceListener} */
  #listener;
  #models = listModels();
  #choices = 0;
  #inUse = EMBEDDED;
  #wanted = EMBEDDED;
  /** @type {AbortController | undefined} */
  #download;
  /** @type {ChangeState | undefined} */
  #state;

  /**
   * @param {Use} use
   * @param {ChoiceListener} listener
   */
  constructor(use, listener) {
    this.#use = use;
    this.#listener = listener;
  }

  /** @returns {ModelFile[]}  Those there are besides the one inside the module. */
  get models() {
    return this.#models;
  }

  /** @returns {string}  The model that was asked for, or else the one in use. */
  get shown() {
    return this.#changing() ? this.#wanted : this.#inUse;
  }

  /** @returns {ChangeState | undefined} */
  get state() {
    return this.#state;
  }

  /**
   * Changes to another model. A change that is still being downloaded is given up.
   *
   * @param {string} name
   */
  async choose(name) {
    this.#download?.abort();
    this.#wanted = name;
    if (name === this.#inUse && this.#state?.phase !== 'starting') {
      this.#enter(undefined);
      return;
    }
    const download = new AbortController();
    this.#download = download;
    try {
      const bytes = await this.#bytesOf(name, download.signal);
      if (download.signal.aborted) return;
      if (bytes === 'beyond the door') {
        this.#enter(undefined);
        this.#listener.needsLoading(name);
        return;
      }
      this.#enter({ phase: 'starting', title: modelTitle(name) });
      await this.#use(bytes);
      this.#inUse = name;
      if (this.#wanted === name) this.#enter(undefined);
    } catch (error) {
      if (download.signal.aborted) return;
      console.warn(error);
      this.#enter({ phase: 'failed', title: modelTitle(name), inUse: modelTitle(this.#inUse), error });
    }
  }

  /** Gives up a change that is still being downloaded. */
  cancel() {
    this.choose(this.#inUse);
  }

  /** Tries once more what failed. */
  retry() {
    this.choose(this.#wanted);
  }

  /**
   * @param {string} name
   * @param {AbortSignal} signal
   * @returns {Promise<Uint8Array<ArrayBuffer> | 'beyond the door' | undefined>}  Nothing for the model
   *   inside the module.
   */
  async #bytesOf(name, signal) {
    if (name === EMBEDDED) return undefined;
    const model = this.#models.find((known) => known.name === name);
    if (!model) throw new Error(`the site has no model ${name}`);
    const choice = `model ${++this.#choices}`;
    expectArrival(choice);
    try {
      const kept = await keptModel(model);
      if (kept) return kept;
      if (!doorIsOpen()) return 'beyond the door';
      const title = modelTitle(name);
      return await downloadModel(model, signal, (received, total) => {
        if (!signal.aborted) this.#enter({ phase: 'fetching', title, received, total });
      });
    } finally {
      arrived(choice);
    }
  }

  #changing() {
    return this.#state?.phase === 'fetching' || this.#state?.phase === 'starting';
  }

  /** @param {ChangeState | undefined} state */
  #enter(state) {
    this.#state = state;
    this.#listener.changed();
  }
}
