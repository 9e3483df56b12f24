/** How well the kinds of haemorrhage are told, from normal slices and from each other. */
import { text } from '../page/messages.js';
import { part } from '../page/page-part.js';
import { make, meterCell, number } from './elements.js';
import { DATA } from './lesson-data.js';

/** @typedef {'normal' | 'others'} Against */

/** An area of one half is what guessing gives. */
const GUESSING = 0.5;

export class Kinds {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.addEventListener('change', () => this.#show());
    this.#show();
  }

  /** @returns {Against} */
  get #against() {
    const chosen = this.#root.querySelector('input[name="against"]:checked');
    return chosen instanceof HTMLInputElement && chosen.value === 'others' ? 'others' : 'normal';
  }

  #show() {
    const against = this.#against;
    const rows = DATA.kinds.map((told) => {
      const { value, low, high } = told[against];
      // From guessing, which is no skill, to one.
      const skill = Math.max(0, (value - GUESSING) / (1 - GUESSING));
      const range = { value: number(value, 2), low: number(low, 2), high: number(high, 2) };
      return make(
        'tr',
        {},
        make('th', { scope: 'row' }, text('learn.kinds.row', { kind: text(`kind.${told.kind}`), slices: told.slices })),
        meterCell(skill),
        make('td', { class: 'figure', 'data-kind': told.kind }, text('learn.estimate', range)),
      );
    });
    part(this.#root, 'kind-figures', HTMLElement).replaceChildren(...rows);
    part(this.#root, 'kind-reason', HTMLElement).textContent = text(`learn.kinds.${against}.reason`);
  }
}
