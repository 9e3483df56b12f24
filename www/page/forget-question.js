/** Asks before the page is loaded anew, which forgets the slices in its list. */
import { text } from './messages.js';
import { part } from './page-part.js';

export class ForgetQuestion {
  #dialog;
  /** @type {((agreed: boolean) => void) | undefined} */
  #answer;

  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.#dialog = dialog;
    part(dialog, 'forget', HTMLButtonElement).addEventListener('click', () => dialog.close('forget'));
    part(dialog, 'keep', HTMLButtonElement).addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      this.#answer?.(dialog.returnValue === 'forget');
      this.#answer = undefined;
    });
  }

  /**
   * @param {number} count  How many slices are forgotten.
   * @param {string} [what]  What the page is loaded anew for, such as a model's title; if nothing is said it
   *   is a new version of the page.
   * @returns {Promise<boolean>}  Whether they may be.
   */
  ask(count, what) {
    part(this.#dialog, 'question', HTMLElement).textContent = what
      ? text('forget.forThis', { count, what })
      : text('forget.forVersion', { count });
    part(this.#dialog, 'forget', HTMLButtonElement).textContent = text('forget.agree', { count });
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => (this.#answer = resolve));
  }
}
