/** One line that says how far the model is, with a way to try again or to give up. */
import { englishSentence } from './english.js';
import { text } from './messages.js';
import { NamedError } from './named-error.js';
import { part } from './page-part.js';
import { problemWords } from './problem-words.js';
import { megabytes } from './wording.js';

/**
 * @typedef {import('./classifier-client.js').ModelState} ModelState
 * @typedef {import('./model-choice.js').ChangeState} ChangeState
 */

/**
 * @param {ModelState | ChangeState} state
 * @returns {{ words: string, detail?: string }}  A detail is in English, where the page is not.
 */
function said(state) {
  switch (state.phase) {
    case 'loading': {
      if (state.received === 0) return { words: text('status.loading') };
      const received = megabytes(state.received);
      if (state.total === 0) return { words: text('status.loadingSome', { received }) };
      return { words: text('status.loadingOf', { received, total: megabytes(state.total) }) };
    }
    case 'ready':
      return { words: text('status.ready') };
    case 'unreachable':
      return { words: text('status.unreachable') };
    case 'unusable':
      return problemWords(state.problem);
    case 'fetching': {
      const [received, total] = [megabytes(state.received), megabytes(state.total)];
      return { words: text('status.fetching', { model: state.title, received, total }) };
    }
    case 'starting':
      return { words: text('status.starting', { model: state.title }) };
    case 'failed': {
      const { title: model, inUse, error } = state;
      const cause =
        error instanceof NamedError ? problemWords(error) : { words: text('status.checkConnection') };
      return { ...cause, words: text('status.failed', { model, cause: cause.words, inUse }) };
    }
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
    const { words, detail } = said(state);
    this.#text.replaceChildren(words, ...(detail ? [' ', englishSentence(detail)] : []));
    const counted = state.phase === 'loading' || state.phase === 'fetching';
    const share = counted && state.total > 0 ? state.received / state.total : 0;
    this.#root.style.setProperty('--share', String(share));
    this.#progress.value = share;
    this.#progress.hidden = this.#cancel.hidden = state.phase !== 'fetching';
    const hopeless = state.phase === 'unusable' && state.problem.name === 'UnsupportedBrowser';
    this.#retry.hidden = hopeless || !['unreachable', 'unusable', 'failed'].includes(state.phase);
  }
}
