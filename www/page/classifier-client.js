/**
 * The classifier as the page sees it: orders in, answers out, however many workers carry them out. A
 * worker has one order at a time, so that when the module breaks it is known which file broke it: that
 * order fails, and another worker takes over. Workers beyond the first start when there is work for
 * them.
 */
import { arrived, doorClosed, doorIsOpen } from './door.js';
import { loadCode } from './module-code.js';
import { ClassifierStopped, NamedError } from './named-error.js';
import { UNSUPPORTED, runsVectorCode } from './support.js';
import { WorkerLink, WorkerLost } from './worker-link.js';

/**
 * @typedef {import('./worker.js').Examined} Examined
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {import('./worker.js').Order} Order
 * @typedef {import('./worker.js').PhantomKind} PhantomKind
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
 * @property {(error: Error) => void} reject
 */

/**
 * A worker and which of the models it uses.
 *
 * @typedef {{ link: WorkerLink, model: Model, busy: boolean }} Lane
 */

/**
 * The chosen model, or the module's own if it has no bytes.
 *
 * @typedef {{ bytes?: Uint8Array<ArrayBuffer> }} Model
 */

/** Most workers: each takes some forty megabytes. */
const MOST_LANES = 8;

/** The sentence shown when the module is of no use and nothing can be fetched any more. */
const DAMAGED =
  'The classifier arrived damaged. Load the page again; if it stays so, tell whoever runs this site.';

/** How long nothing must wait before what is not urgent is carried out, in milliseconds. */
const SPARE_AFTER_MS = 50;

export class ClassifierClient {
  /** How many workers there may be. */
  #mostLanes = Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_LANES));

  /** @type {Promise<{ code: Promise<WebAssembly.Module> }> | undefined} */
  #code;
  /** @type {Model} */
  #model = {};
  /** @type {Lane[]} */
  #lanes = [];
  /** @type {Pending[]} */
  #waiting = [];
  /** @type {Pending[]} What is carried out when nothing else waits. */
  #spare = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** Whether the model is being changed, so that later orders wait. */
  #changing = false;
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
  async load() {
    for (const { link } of this.#lanes.splice(0)) link.close();
    if (!runsVectorCode()) {
      // Nothing will be fetched.
      arrived('module');
      this.#giveUp(new NamedError('UnsupportedBrowser', UNSUPPORTED));
      return;
    }
    this.#enter({ phase: 'loading', received: 0, total: 0 });
    /** @type {Lane | undefined} */
    let lane;
    try {
      this.#code ??= loadCode((received, total) => {
        if (this.#state.phase === 'loading') this.#enter({ phase: 'loading', received, total });
      });
      await this.#code;
      // A worker keeps the policy that it is born with.
      await doorClosed();
      lane = this.#openLane();
      const card = await this.#start(lane);
      this.#enter({ phase: 'ready', card });
      this.#rehearse();
      this.#next();
    } catch (error) {
      if (lane) this.#drop(lane);
      if (error instanceof NamedError) this.#giveUp(error);
      else if (error instanceof WebAssembly.CompileError && !doorIsOpen()) {
        this.#giveUp(new NamedError('Internal', DAMAGED));
      } else this.#lose(error);
    }
  }

  /**
   * How many orders are best given at once: one more than there are workers, so that none waits for its
   * next.
   *
   * @returns {number}
   */
  get width() {
    return this.#mostLanes + 1;
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
   * Classifies a slice of a file. Its bytes are handed over and cannot be used afterwards.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {number} frame  Which of the file's slices, from 0.
   * @returns {Promise<Examined>}  Rejects with `ClassifierStopped` where the module broke over it.
   */
  examine(bytes, frame) {
    return this.#ask(this.#waiting, { order: 'examine', bytes, frame }, [bytes.buffer]);
  }

  /**
   * Changes to another model, after the orders given before. If it is unusable, the one in use stays.
   *
   * @param {Uint8Array<ArrayBuffer>} [bytes]  Those of its file; the module's own model if there are
   *   none.
   * @returns {Promise<void>}
   */
  use(bytes) {
    return this.#ask(this.#waiting, { order: 'use', model: bytes });
  }

  /**
   * Draws a phantom, when nothing waits to be examined.
   *
   * @param {PhantomKind} kind
   * @returns {Promise<Uint8Array<ArrayBuffer>>}  A BMP file.
   */
  phantom(kind) {
    return this.#ask(this.#spare, { order: 'phantom', kind });
  }

  /**
   * @param {Pending[]} queue
   * @param {Order} order
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  #ask(queue, order, transfer = []) {
    return new Promise((resolve, reject) => {
      if (this.#state.phase === 'unusable') {
        reject(this.#state.problem);
        return;
      }
      queue.push({ order, transfer, resolve, reject });
      this.#next();
    });
  }

  /** Hands what waits to the workers that are free; what is not urgent once nothing has waited a while. */
  #next() {
    clearTimeout(this.#pause);
    while (this.#state.phase === 'ready' && !this.#changing && this.#waiting.length > 0) {
      const lane = this.#idleLane();
      if (!lane) {
        this.#widen();
        return;
      }
      this.#carryOut(lane, /** @type {Pending} */ (this.#waiting.shift()));
    }
    this.#pause = setTimeout(() => this.#nextSpare(), SPARE_AFTER_MS);
  }

  #nextSpare() {
    const lane = this.#state.phase === 'ready' && !this.#changing ? this.#idleLane() : undefined;
    const pending = lane && this.#spare.shift();
    if (pending) this.#carryOut(lane, pending);
  }

  /** @returns {Lane | undefined} */
  #idleLane() {
    return this.#lanes.find(({ busy }) => !busy);
  }

  /**
   * @param {Lane} lane
   * @param {Pending} pending
   */
  async #carryOut(lane, { order, transfer, resolve, reject }) {
    lane.busy = true;
    this.#changing = order.order === 'use';
    try {
      if (order.order === 'use') resolve(await this.#change(lane, { bytes: order.model }));
      else {
        await this.#follow(lane);
        resolve(await lane.link.ask(order, transfer));
      }
    } catch (error) {
      if (error instanceof WorkerLost) {
        console.error(`The classifier broke: ${error.message}`);
        this.#drop(lane);
        reject(new ClassifierStopped());
      } else {
        reject(/** @type {Error} */ (error));
      }
    }
    if (order.order === 'use') this.#changing = false;
    lane.busy = false;
    // One worker is always at hand.
    if (this.#lanes.length === 0) this.#widen();
    this.#next();
  }

  /**
   * Changes the model that is in use from now on.
   *
   * @param {Lane} lane
   * @param {{ bytes?: any }} model
   */
  async #change(lane, model) {
    const card = await lane.link.ask({ order: 'use', model: model.bytes });
    this.#model = lane.model = model;
    this.#enter({ phase: 'ready', card });
  }

  /**
   * Brings a worker to the model in use.
   *
   * @param {Lane} lane
   */
  async #follow(lane) {
    const model = this.#model;
    if (lane.model === model) return;
    await lane.link.ask({ order: 'use', model: model.bytes });
    lane.model = model;
  }

  /** Starts one more worker, if there may be one more. */
  async #widen() {
    if (this.#lanes.length >= this.#mostLanes) return;
    const lane = this.#openLane();
    try {
      await this.#start(lane);
      this.#next();
    } catch (error) {
      this.#drop(lane);
      // There is no room for more; without any the page cannot go on by itself.
      this.#mostLanes = Math.max(1, this.#lanes.length);
      if (this.#lanes.length === 0) this.#lose(error);
    }
  }

  /** @returns {Lane}  Busy until it is started. */
  #openLane() {
    const lane = { link: WorkerLink.open(), model: this.#model, busy: true };
    this.#lanes.push(lane);
    return lane;
  }

  /**
   * @param {Lane} lane
   * @returns {Promise<ModelCard>}
   */
  async #start(lane) {
    const { code: compiling } = await /** @type {Promise<{ code: Promise<WebAssembly.Module> }>} */ (this.#code);
    const code = await compiling;
    const card = await lane.link.ask({ order: 'start', code, model: lane.model.bytes });
    lane.busy = false;
    return card;
  }

  /** @param {Lane} lane */
  #drop(lane) {
    lane.link.close();
    this.#lanes = this.#lanes.filter((other) => other !== lane);
  }

  /** Runs the model while nobody waits, so that the first answer is as fast as those after it. */
  #rehearse() {
    this.#ask(this.#spare, { order: 'rehearse' }).catch(console.warn);
  }

  /** @param {unknown} reason */
  #lose(reason) {
    console.error(`The model could not be loaded: ${reason}`);
    // Once the door is closed there is no other; what failed then was a worker.
    if (doorIsOpen()) this.#code = undefined;
    this.#enter({ phase: 'unreachable' });
  }

  /** @param {NamedError} problem */
  #giveUp(problem) {
    this.#enter({ phase: 'unusable', problem });
    for (const pending of [...this.#waiting.splice(0), ...this.#spare.splice(0)]) pending.reject(problem);
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
}
