/** Shows that the page asks nothing of any server, by the browser's own count, and how to check it. */
import { watchAttempts } from './attempts.js';
import { closedAt, doorClosed } from './door.js';
import { onLanguageChange, text } from './messages.js';
import { part } from './page-part.js';
import { onWorkersAttempts } from './watched-workers.js';
import { decimal } from './wording.js';

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
    onLanguageChange(() => this.#show());
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
      ? text('privacy.summary', { count: this.#requests })
      : text('privacy.loading');
    part(this.#root, 'requests', HTMLElement).textContent = decimal(this.#requests, 0);
    part(this.#root, 'stopped', HTMLElement).textContent = decimal(this.#stopped, 0);
    part(this.#root, 'door', HTMLElement).textContent = text(this.#closed ? 'privacy.closed' : 'privacy.open');
  }
}
