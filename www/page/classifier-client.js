/**
 * The classifier as the page sees it: orders in, answers out, however many workers carry them out. A
 * worker carries out one order after the other, so that when the module breaks it is known which file
 * broke it: that order fails, and another worker takes over. Workers beyond the first start when there
 * is work for them; one whose memory has grown, which it never gives back, is replaced.
 */
import { arrived, doorClosed, doorIsOpen } from './door.js';
import { loadCode } from './module-code.js';
import { ClassifierStopped, NamedError } from './named-error.js';
import { runsVectorCode } from './support.js';
import { WorkerLink, WorkerLost } from './worker-link.js';

/**
 * @typedef {import('./open-files.js').Address} Address
 * @typedef {import('./slice-pixels.js').Measured} Measured
 * @typedef {import('./module-code.js').Coming} Coming
 * @typedef {import('./worker.js').Examined} Examined
 * @typedef {import('./worker.js').Explanation} Explanation
 * @typedef {import('./worker.js').ModelCard} ModelCard
 * @typedef {import('./worker.js').Order} Order
 * @typedef {import('./worker.js').PhantomKind} PhantomKind
 * @typedef {import('./worker.js').StudyAnswer} StudyAnswer
 * @typedef {import('./worker.js').StudyMember} StudyMember
 * @typedef {import('./worker.js').Unpacked} Unpacked
 * @typedef {import('./answer-terms.js').Terms} Terms
 */

/**
 * How far the model is. `received` and `total` count bytes; a `total` of 0 means unknown. With `anew` only
 * a page that is loaded anew can try once more.
 *
 * @typedef {{ phase: 'loading', received: number, total: number }
 *   | { phase: 'ready', card: ModelCard }
 *   | { phase: 'unreachable', anew: boolean }
 *   | { phase: 'unusable', problem: NamedError }} ModelState
 */

/**
 * @typedef {object} Pending
 * @property {Order} order
 * @property {(value: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {number} passedOver  How many orders that came later were carried out first.
 * @property {boolean} abandoned
 */

/**
 * A worker, which of the models it uses, which file it has open, and what it was asked.
 *
 * @typedef {object} Lane
 * @property {WorkerLink} link
 * @property {Model} model
 * @property {boolean} started
 * @property {number} [fileId]
 * @property {Set<Pending>} inHand
 */

/**
 * The chosen model, or the module's own if it has no bytes.
 *
 * @typedef {{ bytes?: Uint8Array<ArrayBuffer> }} Model
 */

/** Most workers: each takes some forty megabytes. */
const MOST_LANES = 8;

/** Orders that a worker has at once: one that it carries out, and one that it need not wait for. */
const IN_HAND = 2;

/** Bytes of memory beyond which a worker is replaced before it turns to another file. */
const MOST_MEMORY = 256 * 2 ** 20;

/** How long a worker may go on with an order that nobody waits for any more, in milliseconds. */
const ABANDON_AFTER_MS = 200;

/** How long nothing must wait before what is not urgent is carried out, in milliseconds. */
const SPARE_AFTER_MS = 50;

export class ClassifierClient {
  /** How many workers there may be. */
  #mostLanes = Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_LANES));

  /** @type {Promise<Coming> | undefined} */
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
      this.#giveUp(new NamedError('UnsupportedBrowser', { key: 'error.UnsupportedBrowser' }));
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
        // It is of no use, and nothing can be fetched any more.
        this.#giveUp(new NamedError('Internal', { key: 'problem.damagedClassifier' }));
      } else this.#lose(error);
    }
  }

  /**
   * How many orders are best given at once: enough that no worker waits for its next, and that each can
   * be given those of the file that it has open.
   *
   * @returns {number}
   */
  get width() {
    return this.#mostLanes * (IN_HAND + 1);
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
   * Reads a file and classifies one of its slices; of an archive, finds what is in it.
   *
   * @param {Address} address
   * @param {number} frame  Which of the slices, from 0.
   * @param {AbortSignal} [signal]  Gives the order up: what was not begun is not done, and a worker that
   *   does not end it soon is replaced.
   * @returns {Promise<Examined | Unpacked>}  Rejects with `ClassifierStopped` where the module broke over
   *   it, and with the signal's reason where it was given up.
   */
  examine(address, frame, signal) {
    return this.#ask(this.#waiting, { order: 'examine', address, frame }, signal);
  }

  /**
   * Says where in a slice the margin of the model in use comes from, in pixels of its file.
   *
   * @param {Address} address
   * @param {number} frame
   * @param {Explanation['kind']} kind  One kind of haemorrhage; undefined for haemorrhage as a whole.
   * @param {AbortSignal} [signal]  Gives the order up.
   * @returns {Promise<Explanation>}
   */
  explain(address, frame, kind, signal) {
    return this.#ask(this.#waiting, { order: 'explain', address, frame, kind }, signal);
  }

  /**
   * What a slice measured, of the size that `examine` gives it.
   *
   * @param {Address} address
   * @param {number} frame
   * @param {AbortSignal} [signal]  Gives the order up.
   * @returns {Promise<Measured | undefined>}  Nothing where it has no Hounsfield units.
   */
  measure(address, frame, signal) {
    return this.#ask(this.#waiting, { order: 'measure', address, frame }, signal);
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
   * Answers for whole examinations, by the model in use.
   *
   * @param {StudyMember[]} members  What that model has said of their slices.
   * @param {Terms} terms  On which to answer.
   * @param {AbortSignal} [signal]  Gives the order up.
   * @returns {Promise<StudyAnswer[]>}
   */
  summarise(members, terms, signal) {
    return this.#ask(this.#waiting, { order: 'summarise', members, terms }, signal);
  }

  /**
   * @param {Pending[]} queue
   * @param {Order} order
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async #ask(queue, order, signal) {
    if (this.#state.phase === 'unusable') throw this.#state.problem;
    signal?.throwIfAborted();
    /** @type {() => void} */
    let giveUp = () => {};
    try {
      return await new Promise((resolve, reject) => {
        const pending = { order, resolve, reject, passedOver: 0, abandoned: false };
        giveUp = () => {
          reject(signal?.reason);
          this.#abandon(queue, pending);
        };
        signal?.addEventListener('abort', giveUp);
        queue.push(pending);
        this.#next();
      });
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Takes an order back, from the worker too if it is still at it after a moment.
   *
   * @param {Pending[]} queue
   * @param {Pending} pending
   */
  #abandon(queue, pending) {
    pending.abandoned = true;
    const at = queue.indexOf(pending);
    if (at >= 0) queue.splice(at, 1);
    const lane = this.#lanes.find(({ inHand }) => inHand.has(pending));
    if (!lane) return;
    setTimeout(() => {
      if (lane.inHand.has(pending)) this.#drop(lane);
    }, ABANDON_AFTER_MS);
  }

  /** Hands what waits to the workers; what is not urgent once nothing has waited a while. */
  #next() {
    clearTimeout(this.#pause);
    while (this.#state.phase === 'ready' && !this.#changing && this.#waiting.length > 0) {
      const lane = this.#readyLane();
      if (!lane) return;
      this.#carryOut(lane, this.#take(lane));
    }
    this.#pause = setTimeout(() => this.#nextSpare(), SPARE_AFTER_MS);
  }

  #nextSpare() {
    for (const lane of this.#lanes) if (isIdle(lane) && isFull(lane)) this.#drop(lane);
    if (this.#state.phase !== 'ready' || this.#changing) return;
    const lane = this.#lanes.find(isIdle);
    // One worker is always at hand.
    if (this.#lanes.length === 0) this.#widen();
    const pending = lane && this.#spare.shift();
    if (pending) this.#carryOut(lane, pending);
  }

  /**
   * A worker that can take one of the orders that wait. Others are started and replaced as need be.
   *
   * @returns {Lane | undefined}
   */
  #readyLane() {
    for (const lane of this.#lanes) if (isIdle(lane) && !this.#canTake(lane)) this.#drop(lane);
    const idle = this.#lanes.filter(isIdle);
    const next = fileOf(this.#waiting[0]);
    if (idle.length > 0) return idle.find(({ fileId }) => fileId === next) ?? idle[0];
    this.#widen();
    // Whoever is free first takes the last ones, so that all are done at the same time.
    if (this.#waiting.length < this.#lanes.length) return undefined;
    return this.#lanes.find(
      (lane) => lane.started && lane.inHand.size < IN_HAND && this.#canTake(lane),
    );
  }

  /**
   * Whether a worker may be given anything that waits: one that is full ends the file that it has open.
   *
   * @param {Lane} lane
   * @returns {boolean}
   */
  #canTake(lane) {
    return !isFull(lane) || this.#choice().some((pending) => fileOf(pending) === lane.fileId);
  }

  /**
   * The orders that may be carried out next: none passes over a change of models.
   *
   * @returns {Pending[]}
   */
  #choice() {
    const change = this.#waiting.findIndex(({ order }) => order.order === 'use');
    return change < 0 ? this.#waiting : this.#waiting.slice(0, Math.max(1, change));
  }

  /**
   * Takes the order out of those that wait that suits a worker best: of the file that it has open, or
   * else of one that no other worker has open, or else the first. None is passed over for long.
   *
   * @param {Lane} lane
   * @returns {Pending}
   */
  #take(lane) {
    const choice = this.#choice();
    const openElsewhere = new Set(this.#lanes.map(({ fileId }) => fileId));
    let at = 0;
    if (isFull(lane) || choice[0].passedOver < this.width) {
      at = choice.findIndex((pending) => fileOf(pending) === lane.fileId);
      if (at < 0) at = choice.findIndex((pending) => !openElsewhere.has(fileOf(pending)));
      at = Math.max(0, at);
    }
    if (at > 0) choice[0].passedOver++;
    const [taken] = this.#waiting.splice(at, 1);
    return taken;
  }

  /**
   * @param {Lane} lane
   * @param {Pending} pending
   */
  async #carryOut(lane, pending) {
    const { order, resolve, reject } = pending;
    lane.inHand.add(pending);
    lane.fileId = fileOf(pending) ?? lane.fileId;
    this.#changing = order.order === 'use';
    try {
      if (order.order === 'use') resolve(await this.#change(lane, { bytes: order.model }));
      else {
        const followed = this.#follow(lane);
        const [, value] = await Promise.all([followed, lane.link.ask(order)]);
        resolve(value);
      }
    } catch (error) {
      if (!(error instanceof WorkerLost)) reject(/** @type {Error} */ (error));
      else this.#lost(lane, pending, error);
    }
    if (order.order === 'use') this.#changing = false;
    lane.inHand.delete(pending);
    // One worker is always at hand.
    if (this.#lanes.length === 0) this.#widen();
    this.#next();
  }

  /**
   * A worker is gone: the order at which it broke has failed, others are carried out by another.
   *
   * @param {Lane} lane
   * @param {Pending} pending
   * @param {WorkerLost} loss
   */
  #lost(lane, pending, loss) {
    const dropped = !this.#lanes.includes(lane);
    this.#drop(lane);
    if (pending.abandoned) return;
    if (dropped || !loss.begun) {
      this.#waiting.unshift(pending);
      return;
    }
    console.error(`The classifier broke: ${loss.message}`);
    pending.reject(new ClassifierStopped());
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
   * Brings a worker to the model in use, before what it is asked next.
   *
   * @param {Lane} lane
   */
  async #follow(lane) {
    const model = this.#model;
    if (lane.model === model) return;
    lane.model = model;
    try {
      await lane.link.ask({ order: 'use', model: model.bytes });
    } catch (error) {
      this.#drop(lane);
      throw error;
    }
  }

  /** Starts one more worker, if there may be one more and there is work for it. */
  async #widen() {
    const starting = this.#lanes.filter(({ started }) => !started).length;
    const useful = Math.min(this.#mostLanes - this.#lanes.length, Math.max(1, this.#waiting.length) - starting);
    if (useful <= 0) return;
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

  /** @returns {Lane}  Not yet started. */
  #openLane() {
    /** @type {Lane} */
    const lane = { link: WorkerLink.open(), model: this.#model, started: false, inHand: new Set() };
    this.#lanes.push(lane);
    return lane;
  }

  /**
   * @param {Lane} lane
   * @returns {Promise<ModelCard>}
   */
  async #start(lane) {
    const { code: compiling } = await /** @type {Promise<Coming>} */ (this.#code);
    const code = await compiling;
    const card = await lane.link.ask({ order: 'start', code, model: lane.model.bytes });
    lane.started = true;
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
    if (doorIsOpen()) this.#code = undefined;
    // A worker that is lost can be replaced; a module that broke off on its way has no other way to come.
    this.#enter({ phase: 'unreachable', anew: !doorIsOpen() && !(reason instanceof WorkerLost) });
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

/**
 * The file that an order is about, if it is about one.
 *
 * @param {Pending} pending
 * @returns {number | undefined}
 */
function fileOf({ order }) {
  return 'address' in order ? order.address.fileId : undefined;
}

/**
 * @param {Lane} lane
 * @returns {boolean}
 */
function isIdle({ started, inHand }) {
  return started && inHand.size === 0;
}

/**
 * @param {Lane} lane
 * @returns {boolean}
 */
function isFull({ link }) {
  return link.memory > MOST_MEMORY;
}
