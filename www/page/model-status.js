/** One line that says how far the model is, with a way to try again. */
import { part } from './page-part.js';
import { megabytes } from './wording.js';

/** @typedef {import('./classifier-client.js').ModelState} ModelState */

/**
 * @param {ModelState} state
 * @returns {string}
 */
function words(state) {
  switch (state.phase) {
    case 'loading':
      if (state.received === 0) return 'Loading the model…';
      return state.total > 0
        ? `Loading the model: ${megabytes(state.received)} of ${megabytes(state.total)}`
        : `Loading the model: ${megabytes(state.received)}`;
    case 'ready':
      return 'Model ready';
    case 'unreachable':
      return 'The model could not be loaded. Check the connection, then try again.';
    case 'unusable':
      return state.problem.message;
  }
}

export class ModelStatus {
  #root;
  #text;
  #retry;
  /** @type {ModelState['phase'] | undefined} */
  #phase;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onRetry
   */
  constructor(root, onRetry) {
    this.#root = root;
    this.#text = part(root, 'status-text', HTMLElement);
    this.#retry = part(root, 'retry', HTMLButtonElement);
    this.#retry.addEventListener('click', onRetry);
  }

  /** @param {ModelState} state */
  show(state) {
    // Each step of a download shows, but is not read aloud.
    this.#root.setAttribute('aria-live', state.phase === this.#phase ? 'off' : 'polite');
    this.#phase = state.phase;
    this.#root.dataset.phase = state.phase;
    this.#text.textContent = words(state);
    const share = state.phase === 'loading' && state.total > 0 ? state.received / state.total : 0;
    this.#root.style.setProperty('--share', String(share));
    const hopeless = state.phase === 'unusable' && state.problem.name === 'UnsupportedBrowser';
    this.#retry.hidden = state.phase === 'loading' || state.phase === 'ready' || hopeless;
  }
}
