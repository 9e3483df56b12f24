/** The examinations as a list to work through: those that ask for attention first. */
import { likeliest, tellsKinds } from '../kind-bars.js';
import { text } from '../messages.js';
import { copyOf, part, scrollInside } from '../page-part.js';
import { LABEL_WORDS, duration, percent } from '../wording.js';
import { baseOf } from './file-paths.js';

/**
 * @typedef {import('./shown-study.js').ShownStudy} ShownStudy
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 */

/**
 * What is said of an examination in one line: how sure the answer is, and the likeliest kind.
 *
 * @param {StudyAnswer} answer
 * @returns {string}
 */
export function callWords({ label, inconclusive, kinds }) {
  if (!label) return text('study.noAnswer');
  const words = [LABEL_WORDS[label]];
  if (inconclusive) words.push(text('worklist.inconclusive'));
  if (tellsKinds({ label, inconclusive, kinds })) {
    const { kind, probability } = likeliest(kinds);
    words.push(`${kind} ${percent(probability)}`);
  }
  return words.join(', ');
}

export class Worklist {
  #root;
  #onChoose;
  /** @type {(ShownStudy | undefined)[]}  As they stand; the last row is for all slices. */
  #studies = [];

  /**
   * @param {HTMLElement} root  An element of role listbox.
   * @param {(study: ShownStudy | undefined) => void} onChoose  Told what the visitor chooses; nothing for
   *   the slices of all.
   */
  constructor(root, onChoose) {
    this.#root = root;
    this.#onChoose = onChoose;
    root.addEventListener('click', ({ target }) => {
      const row = target instanceof Element && target.closest('[role="option"]');
      if (row) this.#choose([...root.children].indexOf(row));
    });
    root.addEventListener('keydown', (event) => this.#press(event));
  }

  /**
   * @param {readonly ShownStudy[]} studies  Highest first.
   * @param {ShownStudy | undefined} chosen
   */
  show(studies, chosen) {
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.hidden = studies.length < 2;
    this.#studies = studies.length < 2 ? [] : [...studies, undefined];
    this.#root.replaceChildren(...this.#studies.map((study) => row(study)));
    this.#mark(this.#studies.indexOf(chosen));
    if (hadFocus) this.#entrance?.focus({ preventScroll: true });
  }

  /** @returns {HTMLElement | undefined}  The row at which the keyboard enters. */
  get #entrance() {
    const found = [...this.#root.children].find((one) => one instanceof HTMLElement && one.tabIndex === 0);
    return found instanceof HTMLElement ? found : undefined;
  }

  /** @param {number} at */
  #mark(at) {
    for (const [i, one] of [...this.#root.children].entries()) {
      if (!(one instanceof HTMLElement)) continue;
      one.setAttribute('aria-selected', String(i === at));
      one.tabIndex = i === Math.max(0, at) ? 0 : -1;
      if (i === at) scrollInside(this.#root, one);
    }
  }

  /** @param {number} at */
  #choose(at) {
    if (at < 0) return;
    this.#mark(at);
    this.#entrance?.focus({ preventScroll: true });
    this.#onChoose(this.#studies[at]);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const rows = [...this.#root.children];
    const at = rows.findIndex((one) => one === document.activeElement);
    /** @type {Record<string, number>} */
    const targets = {
      ArrowDown: Math.min(at + 1, rows.length - 1),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: rows.length - 1,
      Enter: at,
      ' ': at,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#choose(target);
  }
}

/**
 * @param {ShownStudy | undefined} study
 * @returns {HTMLElement}
 */
function row(study) {
  const line = copyOf('examination', HTMLElement);
  const write = (/** @type {string} */ name, /** @type {string} */ words) => {
    part(line, name, HTMLElement).textContent = words;
  };
  if (!study) {
    write('examination-name', text('worklist.all'));
    return line;
  }
  const { number, answer, folder, milliseconds } = study;
  const { label, probability, inDistribution, inconclusive, slices } = answer;
  const name = text('study.number', { number });
  write('examination-name', folder === '' ? name : text('worklist.named', { name, folder: baseOf(folder) }));
  write('examination-call', inDistribution ? callWords(answer) : text('study.unlike'));
  write('examination-figure', probability === undefined ? '' : percent(probability));
  write('examination-notes', [text('study.slices', { count: slices }), duration(milliseconds)].join(', '));
  if (label) line.dataset.label = label;
  line.dataset.number = String(number);
  line.classList.toggle('doubtful', inconclusive || !inDistribution);
  return line;
}
