/** Asks before the page is loaded anew, which forgets the slices in its list. */
import { part } from './page-part.js';
import { counted } from './wording.js';

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
   * @param {string} what  What the page is loaded anew for, such as a model's title.
   * @param {number} count  How many slices are forgotten.
   * @returns {Promise<boolean>}  Whether they may be.
   */
  ask(what, count) {
    const slices = counted(count, 'slice');
    part(this.#dialog, 'question', HTMLElement).textContent =
      `This page has cut itself off from the network. For ${what} it must be loaded anew, and then ` +
      `forgets the ${slices} in its list.`;
    part(this.#dialog, 'forget', HTMLButtonElement).textContent = `Forget ${slices} and load`;
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => (this.#answer = resolve));
  }
}
