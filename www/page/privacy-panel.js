/** Shows that the page asks nothing of any server, by the browser's own count, and how to check it. */
import { watchAttempts } from './attempts.js';
import { closedAt, doorClosed } from './door.js';
import { part } from './page-part.js';
import { onWorkersAttempts } from './watched-workers.js';
import { counted } from './wording.js';

/** @typedef {import('./attempts.js').Attempts} Attempts */

export class PrivacyPanel {
  #root;
  #requests = 0;
  #stopped = 0;
  #closed = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    const add = (/** @type {Attempts} */ attempts) => this.#add(attempts);
    watchAttempts(document, add, closedAt);
    onWorkersAttempts(add);
    doorClosed().then(() => {
      this.#closed = true;
      this.#show();
    });
    this.#show();
  }

  /** @param {Attempts} attempts */
  #add({ requests, stopped }) {
    this.#requests += requests;
    this.#stopped += stopped;
    this.#show();
  }

  #show() {
    const { dataset } = this.#root;
    dataset.door = this.#closed ? 'closed' : 'open';
    dataset.requests = String(this.#requests);
    dataset.stopped = String(this.#stopped);
    part(this.#root, 'requests-summary', HTMLElement).textContent = this.#closed
      ? `${counted(this.#requests, 'request')} since the page was loaded`
      : 'the page is being loaded';
    part(this.#root, 'requests', HTMLElement).textContent = String(this.#requests);
    part(this.#root, 'stopped', HTMLElement).textContent = String(this.#stopped);
    part(this.#root, 'door', HTMLElement).textContent = this.#closed
      ? 'Closed: this page has told the browser to refuse it any connection, also to its own server, until it is loaded anew.'
      : 'Open to this site’s own server, until the classifier is on its way. No file is read before it is closed.';
  }
}
