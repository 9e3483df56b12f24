/** The page's end of one worker. */
import { NamedError } from './named-error.js';
import { startWorker } from './own-scripts.js';

/**
 * @typedef {import('./worker.js').Order} Order
 * @typedef {import('../learn/worker.js').LessonOrder} LessonOrder
 * @typedef {import('./worker.js').Reply} Reply
 */

/** Why an order was not answered: the worker is gone. */
export class WorkerLost extends Error {
  name = 'WorkerLost';

  /**
   * @param {string} reason
   * @param {boolean} begun  Whether the order was being carried out, and not one that came after it.
   */
  constructor(reason, begun) {
    super(reason);
    this.begun = begun;
  }
}

export class WorkerLink {
  #worker;
  /** @type {{ resolve: (value: any) => void, reject: (error: Error) => void }[]}  In order. */
  #asked = [];
  /** @type {string | undefined}  Why the worker is gone. */
  #lost;
  /** Bytes of the module's memory, as the worker last said. */
  memory = 0;

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }) => this.#hear(data));
    worker.addEventListener('error', ({ message }) => {
      // Its script did not load or is at fault; the browser's console says which.
      this.#lose(message || 'its script did not load');
    });
  }

  /** Starts a worker. */
  static open() {
    return new WorkerLink(startWorker());
  }

  /**
   * Has an order carried out, after those given before.
   *
   * @param {Order | LessonOrder} order
   * @returns {Promise<any>}  Rejects with a `NamedError` where the order is at fault and `WorkerLost`
   *   where the worker is.
   */
  ask(order) {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(new WorkerLost(this.#lost, false));
        return;
      }
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage(order);
    });
  }

  close() {
    this.#lose('it was closed');
  }

  /** @param {Reply} reply */
  #hear(reply) {
    if (reply.reply === 'broken') {
      this.#lose(reply.reason);
      return;
    }
    this.memory = reply.memory;
    const asked = this.#asked.shift();
    if (reply.reply === 'done') asked?.resolve(reply.value);
    else asked?.reject(new NamedError(reply.problem.name, reply.problem.message));
  }

  /** @param {string} reason */
  #lose(reason) {
    this.#worker.terminate();
    this.#lost ??= reason;
    for (const [place, { reject }] of this.#asked.splice(0).entries()) {
      reject(new WorkerLost(reason, place === 0));
    }
  }
}
