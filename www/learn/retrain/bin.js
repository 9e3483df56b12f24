/** A bin for labelled slices: files and folders are dropped on it or picked. */
import { takeDropped, takePicked } from '../../page/intake.js';
import { text } from '../../page/messages.js';
import { part } from '../../page/page-part.js';

export class Bin {
  #root;
  #empty;

  /**
   * @param {HTMLElement} root
   * @param {{ onFiles: (files: File[]) => void, onEmpty: () => void }} listeners
   */
  constructor(root, { onFiles, onEmpty }) {
    this.#root = root;
    this.#empty = part(root, 'empty', HTMLButtonElement);
    this.#empty.addEventListener('click', onEmpty);
    takePicked(part(root, 'bin-files', HTMLInputElement), onFiles);
    takePicked(part(root, 'bin-folder', HTMLInputElement), onFiles);
    takeDropped(root, (dragging) => void root.classList.toggle('wanted', dragging), onFiles);
    this.show(0, 0);
  }

  /**
   * @param {number} files
   * @param {number} slices  Those that were read.
   */
  show(files, slices) {
    const words = files === 0 ? text('learn.retrain.none') : text('learn.retrain.held', { count: slices, files });
    part(this.#root, 'held', HTMLElement).textContent = words;
    if (files === 0 && this.#empty === document.activeElement) part(this.#root, 'bin-files', HTMLInputElement).focus();
    this.#empty.hidden = files === 0;
  }
}
