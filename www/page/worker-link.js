/** The page's end of one worker. */
import { NamedError } from './named-error.js';
import { startWorker } from './own-scripts.js';

/**
 * @typedef {import('./worker.js').Order} Order
 * @typedef {import('./worker.js').Reply} Reply
 */

/** Why an order was not answered: the worker is gone. */
export class WorkerLost extends Error {
  name = 'WorkerLost';
}

export class WorkerLink {
  #worker;
  /** @type {{ resolve: (value: any) => void, reject: (error: Error) => void } | undefined} */
  #asked;
  /** @type {WorkerLost | undefined} */
  #lost;

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
   * Has an order carried out; the one before must have been answered.
   *
   * @param {Order} order
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}  Rejects with a `NamedError` where the order is at fault and `WorkerLost`
   *   where the worker is.
   */
  ask(order, transfer = []) {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      this.#asked = { resolve, reject };
      this.#worker.postMessage(order, { transfer });
    });
  }

  close() {
    this.#lose('it was closed');
  }

  /** @param {Reply} reply */
  #hear(reply) {
    const asked = this.#asked;
    this.#asked = undefined;
    if (reply.reply === 'done') asked?.resolve(reply.value);
    else if (reply.reply === 'failed') {
      asked?.reject(new NamedError(reply.problem.name, reply.problem.message));
    } else {
      this.#asked = asked;
      this.#lose(reply.reason);
    }
  }

  /** @param {string} reason */
  #lose(reason) {
    this.#worker.terminate();
    this.#lost ??= new WorkerLost(reason);
    this.#asked?.reject(this.#lost);
    this.#asked = undefined;
  }
}
