/** What is shown of a plane: its figures beside the shipped plane's, its learning curve, its mistakes. */
import { text } from '../../page/messages.js';
import { estimateWords } from '../../page/triage/evaluation-panel.js';
import { agreement } from '../../page/triage/statistics.js';
import { Chart } from '../chart.js';
import { make, number, scrolling, withSign } from '../elements.js';

/**
 * @typedef {import('../../page/triage/statistics.js').Agreement} Agreement
 * @typedef {import('../worker.js').Margins} Margins
 * @typedef {import('./labelled-slices.js').Labelled} Labelled
 */

/** How many mistakes are named. */
const NAMED = 12;

const FIGURES = /** @type {const} */ ({
  accuracy: 'learn.figure.accuracy',
  sensitivity: 'learn.figure.sensitivity',
  specificity: 'learn.figure.specificity',
  auc: 'learn.figure.auc',
});

/** An axis of shares. */
const SHARE = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], digits: 2 };

/**
 * How well margins agree with the labels; slices without a margin are left out. The own plane divides at
 * nought.
 *
 * @param {readonly boolean[]} labels
 * @param {ArrayLike<number>} margins
 * @returns {Agreement}
 */
function judge(labels, margins) {
  const judged = labels.map((truth, i) => ({ truth, score: margins[i], called: margins[i] >= 0 }));
  return agreement(judged.filter(({ score }) => !Number.isNaN(score)));
}

/**
 * @param {readonly Labelled[]} slices  In the order in which they were learned.
 * @param {Margins[]} curve  Of the first slices alone, and at last of all.
 * @param {number[]} sizes  How many slices each point of the curve has.
 * @param {(slice: Labelled) => void} onShow
 * @returns {HTMLElement[]}
 */
export function results(slices, curve, sizes, onShow) {
  const { heldOut, fitted } = curve[curve.length - 1];
  const labels = slices.map(({ haemorrhage }) => haemorrhage);
  const own = judge(labels, heldOut);
  const byHeart = judge(labels, fitted);
  const shipped = agreement(
    slices.map(({ haemorrhage, shipped: { margin, label } }) => ({
      truth: haemorrhage,
      score: margin,
      called: label === 'haemorrhage',
    })),
  );
  const column = (/** @type {(Node | string)[]} */ ...children) => make('div', { class: 'column' }, ...children);
  return [
    figuresTable({ own, byHeart, shipped }),
    make(
      'div',
      { class: 'columns' },
      column(...rocCurves(own, shipped), ...together(slices, heldOut)),
      column(...learningCurve(labels, curve, sizes)),
    ),
    ...mistakes(slices, heldOut, onShow),
  ];
}

/** @param {{ own: Agreement, byHeart: Agreement, shipped: Agreement }} found */
function figuresTable({ own, byHeart, shipped }) {
  const columns = [own, byHeart, shipped];
  const heads = [text('learn.retrain.heldOut'), text('learn.retrain.byHeart'), text('learn.retrain.shipped')];
  const rows = /** @type {[keyof typeof FIGURES, typeof FIGURES[keyof typeof FIGURES]][]} */ (Object.entries(FIGURES)).map(
    ([name, key]) =>
      make(
        'tr',
        { 'data-figure': name },
        make('th', { scope: 'row' }, text(key)),
        ...columns.map(({ shares, auc }) =>
          make('td', { class: 'figure' }, estimateWords(name === 'auc' ? auc : shares[name])),
        ),
      ),
  );
  const table = make(
    'table',
    { class: 'report', 'data-testid': 'retrain-figures' },
    make('caption', {}, text('learn.retrain.figures')),
    make('thead', {}, make('tr', {}, make('td'), ...heads.map((head) => make('th', { scope: 'col' }, head)))),
    make('tbody', {}, ...rows),
  );
  return scrolling(text('learn.retrain.figures'), table);
}

/**
 * @param {[kind: string, words: string][]} lines
 */
function lineLegend(lines) {
  const items = lines.map(([kind, words]) =>
    make('li', {}, make('span', { class: `swatch-line ${kind}`, 'aria-hidden': 'true' }), words),
  );
  return make('ul', { class: 'legend' }, ...items);
}

/**
 * @param {Agreement} own
 * @param {Agreement} shipped
 */
function rocCurves(own, shipped) {
  const chart = new Chart(
    text('learn.retrain.roc', { own: estimateWords(own.auc), shipped: estimateWords(shipped.auc) }),
    { ...SHARE, title: text('learn.retrain.falseAlarms') },
    { ...SHARE, title: text('learn.figure.sensitivity') },
  );
  chart.line([[0, 0], [1, 1]], 'ideal');
  chart.line(shipped.roc.map(({ x, y }) => [x, y]), 'paper');
  chart.line(own.roc.map(({ x, y }) => [x, y]), 'patient');
  const legend = lineLegend([
    ['patient', text('learn.retrain.heldOut')],
    ['paper', text('learn.retrain.shipped')],
  ]);
  return [make('h3', {}, text('learn.retrain.rocTitle')), legend, chart.element];
}

/**
 * How far both planes say the same of the same slices.
 *
 * @param {readonly Labelled[]} slices
 * @param {ArrayLike<number>} heldOut
 * @returns {HTMLElement[]}
 */
function together(slices, heldOut) {
  const pairs = slices.flatMap(({ shipped }, i) => (Number.isNaN(heldOut[i]) ? [] : [{ shipped, own: heldOut[i] }]));
  if (pairs.length === 0) return [];
  const same = pairs.filter(({ shipped, own }) => (shipped.label === 'haemorrhage') === own >= 0).length;
  const words = text('learn.retrain.same', { same, all: pairs.length });
  return [make('p', { 'data-testid': 'retrain-same' }, words)];
}

/**
 * Accuracy on slices that were learned and on held-out ones, with more and more slices.
 *
 * @param {readonly boolean[]} labels
 * @param {Margins[]} curve
 * @param {number[]} sizes
 */
function learningCurve(labels, curve, sizes) {
  const accuracy = (/** @type {'heldOut' | 'fitted'} */ which) =>
    sizes.flatMap((size, i) => {
      const share = judge(labels.slice(0, size), curve[i][which]).shares.accuracy;
      return share ? [/** @type {[number, number]} */ ([size, share.value])] : [];
    });
  const last = sizes[sizes.length - 1];
  const ticks = sizes.filter((size, i) => i === 0 || size === last || size - sizes[i - 1] >= last / 12);
  const chart = new Chart(
    text('learn.retrain.curve'),
    { from: 0, to: last, ticks, digits: 0, title: text('learn.retrain.slices') },
    { ...SHARE, title: text('learn.axis.accuracy') },
  );
  chart.line(accuracy('fitted'), 'training patient');
  chart.line(accuracy('heldOut'), 'patient');
  chart.dots(accuracy('heldOut'), 'curve');
  const legend = lineLegend([
    ['training patient', text('learn.retrain.byHeart')],
    ['patient', text('learn.retrain.heldOut')],
  ]);
  return [make('h3', {}, text('learn.retrain.curveTitle')), legend, chart.element, make('p', {}, text('learn.retrain.curve.text'))];
}

/**
 * The held-out slices that the plane calls what they are not, the surest first.
 *
 * @param {readonly Labelled[]} slices
 * @param {ArrayLike<number>} heldOut
 * @param {(slice: Labelled) => void} onShow
 * @returns {HTMLElement[]}
 */
function mistakes(slices, heldOut, onShow) {
  const wrong = slices
    .map((slice, i) => ({ slice, margin: heldOut[i] }))
    .filter(({ slice, margin }) => !Number.isNaN(margin) && margin >= 0 !== slice.haemorrhage)
    .sort((a, b) => Math.abs(b.margin) - Math.abs(a.margin));
  const title = make('h3', {}, text('learn.retrain.mistakes', { count: wrong.length }));
  if (wrong.length === 0) return [title];
  const items = wrong.slice(0, NAMED).map(({ slice, margin }) => {
    const words = text(slice.haemorrhage ? 'learn.retrain.missed' : 'learn.retrain.falseAlarm', {
      margin: withSign(margin, 3),
    });
    const show = make('button', { type: 'button', class: 'quiet' }, text('learn.retrain.look'));
    show.setAttribute('aria-label', text('learn.retrain.lookAt', { name: slice.name }));
    show.addEventListener('click', () => onShow(slice));
    return make('li', {}, make('bdi', {}, slice.name), ` ${words} `, show);
  });
  const more = wrong.length - items.length;
  const rest = more > 0 ? [make('p', { class: 'note' }, text('learn.retrain.moreMistakes', { count: more, number: number(more) }))] : [];
  return [title, make('ul', { class: 'mistakes', 'data-testid': 'retrain-mistakes' }, ...items), ...rest];
}
