/**
 * The page's end of the worker. Orders are answered in turn, one at a time, so that when the module
 * breaks it is known which file broke it: that order fails, a new worker takes over the others.
 */
import { NamedError } from './named-error.js';
import { UNSUPPORTED, runsVectorCode, startModuleWorker } from './support.js';

/**
 * @typedef {import('./worker.js').Examined} Examined
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {import('./worker.js').Order} Order
 * @typedef {import('./worker.js').PhantomKind} PhantomKind
 * @typedef {import('./worker.js').Reply} Reply
 */

/**
 * How far the model is. `received` and `total` count bytes; a `total` of 0 means unknown.
 *
 * @typedef {{ phase: 'loading', received: number, total: number }
 *   | { phase: 'ready', card: ModelCard }
 *   | { phase: 'unreachable' }
 *   | { phase: 'unusable', problem: NamedError }} ModelState
 */

/**
 * @typedef {object} Pending
 * @property {Order} order
 * @property {Transferable[]} transfer
 * @property {(value: any) => void} resolve
 * @property {(error: NamedError) => void} reject
 */

const BROKEN =
  'The classifier stopped unexpectedly while it read this file, and has been started again. The ' +
  'other files are not affected. Leave this one out, or export it again in another format.';

export class ClassifierClient {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {WebAssembly.Module | undefined} Compiled once; a new worker gets it without a download. */
  #code;
  /** @type {Uint8Array<ArrayBuffer> | undefined} The chosen model; the module's own if there is none. */
  #model;
  /** @type {Pending[]} */
  #waiting = [];
  /** @type {Pending | undefined} */
  #running;
  /** @type {(() => void)[]} Those told when orders begin to be answered. */
  #expectant = [];
  /** @type {ModelState} */
  #state = { phase: 'loading', received: 0, total: 0 };
  /** @type {(state: ModelState) => void} */
  #onState;

  /** @param {(state: ModelState) => void} onState  Told of every change, the first one included. */
  constructor(onState) {
    this.#onState = onState;
    this.load();
  }

  /** Loads the model, again if it could not be loaded before. Orders given meanwhile wait for it. */
  load() {
    this.#worker?.terminate();
    const address = new URL('./worker.js', import.meta.url);
    const worker = runsVectorCode() ? startModuleWorker(address) : undefined;
    this.#worker = worker;
    if (!worker) {
      this.#giveUp(new NamedError('UnsupportedBrowser', UNSUPPORTED));
      return;
    }
    this.#enter({ phase: 'loading', received: 0, total: 0 });
    worker.addEventListener('message', ({ data }) => {
      if (worker === this.#worker) this.#hear(data);
    });
    worker.addEventListener('error', () => {
      // Its script did not load or is at fault; the browser's console says which.
      if (worker !== this.#worker) return;
      if (this.#state.phase === 'ready') this.#restart();
      else this.#enter({ phase: 'unreachable' });
    });
    this.#post({ order: 'start', code: this.#code, model: this.#model });
  }

  /**
   * Resolves once orders are answered, be it with the reason why none can be carried out.
   *
   * @returns {Promise<void>}
   */
  answering() {
    return new Promise((resolve) => {
      this.#expectant.push(resolve);
      this.#tellExpectant();
    });
  }

  /**
   * Classifies one file. Its bytes are handed over and cannot be used afterwards.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns {Promise<Examined>}
   */
  examine(bytes) {
    return this.#ask({ order: 'examine', bytes }, [bytes.buffer]);
  }

  /**
   * Changes to another model, after the orders given before. If it is unusable, the one in use stays.
   *
   * @param {Uint8Array<ArrayBuffer>} [model]  The bytes of its file; the module's own model if there
   *   are none.
   */
  async use(model) {
    const card = await this.#ask({ order: 'use', model });
    // A worker that takes over later starts with it.
    this.#model = model;
    this.#enter({ phase: 'ready', card });
  }

  /**
   * Draws a phantom.
   *
   * @param {PhantomKind} kind
   * @returns {Promise<Uint8Array<ArrayBuffer>>}  A BMP file.
   */
  phantom(kind) {
    return this.#ask({ order: 'phantom', kind });
  }

  /**
   * @param {Order} order
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  #ask(order, transfer = []) {
    return new Promise((resolve, reject) => {
      if (this.#state.phase === 'unusable') {
        reject(this.#state.problem);
        return;
      }
      this.#waiting.push({ order, transfer, resolve, reject });
      this.#next();
    });
  }

  #next() {
    if (this.#state.phase !== 'ready' || this.#running) return;
    this.#running = this.#waiting.shift();
    if (this.#running) this.#post(this.#running.order, this.#running.transfer);
  }

  /** @param {Reply} reply */
  #hear(reply) {
    switch (reply.reply) {
      case 'loading':
        this.#enter({ phase: 'loading', received: reply.received, total: reply.total });
        break;
      case 'ready':
        this.#code = reply.code;
        this.#enter({ phase: 'ready', card: reply.card });
        this.#next();
        break;
      case 'unreachable':
        console.error(`The model could not be loaded: ${reply.reason}`);
        this.#enter({ phase: 'unreachable' });
        break;
      case 'unusable':
        this.#giveUp(new NamedError(reply.problem.name, reply.problem.message));
        break;
      case 'broken':
        console.error(`The classifier broke: ${reply.reason}`);
        this.#restart();
        break;
      case 'done':
        this.#finish((pending) => pending.resolve(reply.value));
        break;
      case 'failed':
        this.#finish((pending) =>
          pending.reject(new NamedError(reply.problem.name, reply.problem.message)),
        );
        break;
    }
  }

  /** @param {(pending: Pending) => void} settle */
  #finish(settle) {
    const finished = this.#running;
    this.#running = undefined;
    if (finished) settle(finished);
    this.#next();
  }

  #restart() {
    this.load();
    this.#finish((pending) => pending.reject(new NamedError('Internal', BROKEN)));
  }

  /** @param {NamedError} problem */
  #giveUp(problem) {
    this.#enter({ phase: 'unusable', problem });
    for (const pending of this.#waiting.splice(0)) pending.reject(problem);
  }

  /** @param {ModelState} state */
  #enter(state) {
    this.#state = state;
    this.#onState(state);
    this.#tellExpectant();
  }

  #tellExpectant() {
    if (this.#state.phase !== 'ready' && this.#state.phase !== 'unusable') return;
    for (const tell of this.#expectant.splice(0)) tell();
  }

  /**
   * @param {Order} order
   * @param {Transferable[]} [transfer]
   */
  #post(order, transfer = []) {
    this.#worker?.postMessage(order, { transfer });
  }
}
