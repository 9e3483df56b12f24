/** One line that says how far the model is, with a way to try again or to give up. */
import { part } from './page-part.js';
import { megabytes } from './wording.js';

/**
 * @typedef {import('./classifier-client.js').ModelState} ModelState
 * @typedef {import('./model-choice.js').ChangeState} ChangeState
 */

/**
 * @param {ModelState | ChangeState} state
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
    case 'fetching':
      return `Loading ${state.title}: ${megabytes(state.received)} of ${megabytes(state.total)}`;
    case 'starting':
      return `Starting ${state.title}…`;
    case 'failed':
      return state.message;
  }
}

export class ModelStatus {
  #root;
  #text;
  #progress;
  #cancel;
  #retry;
  /** @type {(ModelState | ChangeState)['phase'] | undefined} */
  #phase;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onRetry
   * @param {() => void} onCancel
   */
  constructor(root, onRetry, onCancel) {
    this.#root = root;
    this.#text = part(root, 'status-text', HTMLElement);
    this.#progress = part(root, 'model-progress', HTMLProgressElement);
    this.#cancel = part(root, 'cancel', HTMLButtonElement);
    this.#cancel.addEventListener('click', onCancel);
    this.#retry = part(root, 'retry', HTMLButtonElement);
    this.#retry.addEventListener('click', onRetry);
  }

  /** @param {ModelState | ChangeState} state */
  show(state) {
    // Each step of a download shows, but is not read aloud.
    this.#root.setAttribute('aria-live', state.phase === this.#phase ? 'off' : 'polite');
    this.#phase = state.phase;
    this.#root.dataset.phase = state.phase;
    this.#text.textContent = words(state);
    const counted = state.phase === 'loading' || state.phase === 'fetching';
    const share = counted && state.total > 0 ? state.received / state.total : 0;
    this.#root.style.setProperty('--share', String(share));
    this.#progress.value = share;
    this.#progress.hidden = this.#cancel.hidden = state.phase !== 'fetching';
    const hopeless = state.phase === 'unusable' && state.problem.name === 'UnsupportedBrowser';
    this.#retry.hidden = hopeless || !['unreachable', 'unusable', 'failed'].includes(state.phase);
  }
}
