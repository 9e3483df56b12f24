/** The control with which a visitor chooses the model. */
import { onLanguageChange } from './messages.js';
import { megabytes, modelTitle } from './wording.js';

/** @typedef {import('./model-files.js').ModelFile} ModelFile */

export class ModelSelect {
  #root;
  #select;

  /**
   * @param {HTMLElement} root  Holds the control and its label; hidden while there is no choice.
   * @param {HTMLSelectElement} select
   * @param {(name: string) => void} onChoose
   */
  constructor(root, select, onChoose) {
    this.#root = root;
    this.#select = select;
    select.addEventListener('change', () => onChoose(select.value));
  }

  /** @param {ModelFile[]} models  Those there are besides the one that the HTML names. */
  offer(models) {
    for (const { name, bytes } of models) {
      const option = new Option('', name);
      const sayOption = () => (option.text = `${modelTitle(name)} (${megabytes(bytes)})`);
      sayOption();
      onLanguageChange(sayOption);
      this.#select.add(option);
    }
    this.#root.hidden = models.length === 0;
  }

  /** @param {string} name */
  show(name) {
    this.#select.value = name;
  }
}
