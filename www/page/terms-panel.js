/** Where the visitor says on which terms answers are given. */
import { text } from './messages.js';
import { part } from './page-part.js';
import { share } from './wording.js';

/**
 * @typedef {import('./answer-terms.js').Terms} Terms
 * @typedef {import('./worker.js').ModelCard} ModelCard
 */

export class TermsPanel {
  #root;
  #point;
  #prevalence;
  #summary;
  #note;
  /** @type {ModelCard | undefined} */
  #card;

  /**
   * @param {HTMLElement} root
   * @param {(terms: Terms) => void} onChange  Told of terms that there can be.
   */
  constructor(root, onChange) {
    this.#root = root;
    this.#point = part(root, 'operating-point', HTMLSelectElement);
    this.#prevalence = part(root, 'prevalence', HTMLInputElement);
    this.#summary = part(root, 'terms-summary', HTMLElement);
    this.#note = part(root, 'terms-note', HTMLElement);
    const changed = () => {
      this.sayAnew();
      if (this.#prevalence.validity.valid) onChange(this.#terms);
    };
    this.#point.addEventListener('change', changed);
    this.#prevalence.addEventListener('change', changed);
    // Enter in the only field must not send the form anywhere.
    part(root, 'terms-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  }

  /** @param {ModelCard} card  Of the model in use. */
  use(card) {
    this.#card = card;
    this.#prevalence.disabled = card.prevalence === undefined;
    this.#prevalence.placeholder = card.prevalence === undefined ? '' : (card.prevalence * 100).toFixed(1);
    this.sayAnew();
  }

  /** Says in the page's language what holds. */
  sayAnew() {
    const card = this.#card;
    if (!card) return;
    const { operatingPoint } = this.#terms;
    const wrong = !this.#prevalence.validity.valid;
    const prevalence = (wrong ? undefined : this.#terms.prevalence) ?? card.prevalence;
    const point = text(`terms.${operatingPoint}`);
    this.#summary.textContent =
      prevalence === undefined ? point : text('terms.summary', { point, share: share(prevalence) });
    this.#prevalence.setAttribute('aria-invalid', String(wrong));
    this.#root.classList.toggle('wrong', wrong);
    this.#note.textContent = this.#words(wrong);
  }

  /** @param {boolean} wrong */
  #words(wrong) {
    if (wrong) return text('terms.wrong');
    const meaning = text(`terms.${this.#terms.operatingPoint}Means`);
    const learned = this.#card?.prevalence;
    return learned === undefined
      ? `${meaning} ${text('terms.unknown')}`
      : `${meaning} ${text('terms.learned', { share: share(learned) })}`;
  }

  /** @returns {Terms} */
  get #terms() {
    const operatingPoint = /** @type {Terms['operatingPoint']} */ (this.#point.value);
    const percent = this.#prevalence.valueAsNumber;
    return Number.isNaN(percent) ? { operatingPoint } : { operatingPoint, prevalence: percent / 100 };
  }
}
