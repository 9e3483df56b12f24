/** What an answer is worth where haemorrhage is as common as the visitor says. */
import { text } from '../page/messages.js';
import { part } from '../page/page-part.js';
import { Chart } from './chart.js';
import { draw, make, number } from './elements.js';
import { DATA } from './lesson-data.js';

/** @typedef {'screening' | 'balanced' | 'confirming'} Point */

/** Of so many examinations the drawing has one square each. */
const EXAMINATIONS = 1000;
const COLUMNS = 50;
const SQUARE = 8;

/** The highest share that can be chosen, in percent. */
const MOST = 60;

/** @typedef {'found' | 'missed' | 'alarmed' | 'passed'} Outcome */

/** In the order in which they are drawn. */
const OUTCOMES = /** @type {const} */ (['found', 'missed', 'alarmed', 'passed']);

/**
 * How many of so many examinations are called what.
 *
 * @param {{ sensitivity: number, specificity: number }} skill
 * @param {number} prevalence  The share with haemorrhage, 0 to 1.
 * @param {number} all
 * @returns {Record<Outcome, number>}
 */
export function outcomes({ sensitivity, specificity }, prevalence, all) {
  const bleeding = Math.round(all * prevalence);
  const found = Math.round(bleeding * sensitivity);
  const passed = Math.round((all - bleeding) * specificity);
  return { found, missed: bleeding - found, alarmed: all - bleeding - passed, passed };
}

/**
 * Positive and negative predictive value, by Bayes' rule.
 *
 * @param {{ sensitivity: number, specificity: number }} skill
 * @param {number} prevalence
 */
export function predictiveValues({ sensitivity, specificity }, prevalence) {
  const [found, missed] = [sensitivity, 1 - sensitivity].map((share) => share * prevalence);
  const [passed, alarmed] = [specificity, 1 - specificity].map((share) => share * (1 - prevalence));
  return { positive: found / (found + alarmed), negative: passed / (passed + missed) };
}

export class Common {
  #root;
  #share;
  #point;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#share = part(root, 'common-share', HTMLInputElement);
    this.#point = part(root, 'common-point', HTMLSelectElement);
    root.addEventListener('input', () => this.#show());
    this.#show();
  }

  #show() {
    const point = /** @type {Point} */ (this.#point.value);
    const skill = DATA.points[point];
    const prevalence = this.#share.valueAsNumber / 100;
    const share = text('quantity.percent', { number: this.#share.valueAsNumber });
    part(this.#root, 'common-share-words', HTMLElement).textContent = share;
    const { positive, negative } = predictiveValues(skill, prevalence);
    const counts = outcomes(skill, prevalence, EXAMINATIONS);
    const percent = (/** @type {number} */ value) => text('quantity.percent', { number: number(100 * value, 1) });
    const line = (/** @type {'ppv' | 'npv' | 'sensitivity' | 'specificity'} */ name, /** @type {number} */ value) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, text(`learn.common.${name}`)),
        make('td', { class: 'figure', 'data-figure': name }, percent(value)),
      );
    part(this.#root, 'common-figures', HTMLElement).replaceChildren(
      line('ppv', positive),
      line('npv', negative),
      line('sensitivity', skill.sensitivity),
      line('specificity', skill.specificity),
    );
    part(this.#root, 'common-words', HTMLElement).textContent = text('learn.common.words', {
      all: number(EXAMINATIONS),
      bleeding: counts.found + counts.missed,
      called: counts.found + counts.alarmed,
      found: counts.found,
      missed: counts.missed,
    });
    part(this.#root, 'common-drawing', HTMLElement).replaceChildren(legend(counts), squares(counts));
    part(this.#root, 'common-curve', HTMLElement).replaceChildren(curve(skill, 100 * prevalence, share));
  }
}

/** @param {Record<Outcome, number>} counts */
function legend(counts) {
  const items = OUTCOMES.map((outcome) =>
    make(
      'li',
      {},
      make('span', { class: `swatch ${outcome}`, 'aria-hidden': 'true' }),
      text(`learn.common.${outcome}`, { count: counts[outcome] }),
    ),
  );
  return make('ul', { class: 'legend' }, ...items);
}

/** @param {Record<Outcome, number>} counts */
function squares(counts) {
  const rows = EXAMINATIONS / COLUMNS;
  const picture = draw('svg', {
    viewBox: `0 0 ${COLUMNS * SQUARE} ${rows * SQUARE}`,
    class: 'outcomes',
    'aria-hidden': 'true',
  });
  let at = 0;
  for (const outcome of OUTCOMES) {
    let path = '';
    for (let i = 0; i < counts[outcome]; i++, at++) {
      path += `M${(at % COLUMNS) * SQUARE} ${Math.floor(at / COLUMNS) * SQUARE}h${SQUARE - 1}v${SQUARE - 1}h${1 - SQUARE}z`;
    }
    picture.append(draw('path', { d: path, class: outcome }));
  }
  return picture;
}

/**
 * Both predictive values over the share of haemorrhage.
 *
 * @param {{ sensitivity: number, specificity: number }} skill
 * @param {number} chosen  In percent.
 * @param {string} words
 */
function curve(skill, chosen, words) {
  const ticks = [0, 10, 20, 30, 40, 50, 60];
  const chart = new Chart(
    text('learn.common.curve'),
    { from: 0, to: MOST, ticks, digits: 0, title: text('learn.common.axis') },
    { from: 0, to: 100, ticks: [0, 25, 50, 75, 100], digits: 0, title: text('learn.common.right') },
  );
  const shares = Array.from({ length: 10 * MOST }, (_, i) => (i + 1) / 10);
  const values = shares.map((share) => ({ share, ...predictiveValues(skill, share / 100) }));
  chart.line(values.map(({ share, positive }) => [share, 100 * positive]), 'haemorrhage');
  chart.line(values.map(({ share, negative }) => [share, 100 * negative]), 'normal');
  chart.mark(chosen, words, 'here');
  return chart.element;
}
