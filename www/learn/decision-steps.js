/** From the units to the answer: the margin and its parts, its place among others, its probability. */
import { kindBars, tellsKinds } from '../page/kind-bars.js';
import { text } from '../page/messages.js';
import { reasonWords } from '../page/reason-words.js';
import { LABEL_WORDS, percent } from '../page/wording.js';
import { Chart, roundTicks } from './chart.js';
import { figure, paragraph } from './conv-steps.js';
import { make, number, withSign } from './elements.js';
import { DATA, of, presetOf } from './lesson-data.js';
import { EMBEDDED, OWN } from './networks.js';
import { heatSquares, slicePicture } from './pictures.js';

/**
 * @typedef {import('./walk-view.js').Seen} Seen
 * @typedef {{ name: string, value: number }} Part  Of a sum.
 */

/** How many units are named that speak most for either side. */
const NAMED = 6;

/** @param {ArrayLike<number>} values */
const sum = (values) => Array.from(values).reduce((whole, value) => whole + value, 0);

/**
 * A sum as a table of its parts, each with a bar to the left or to the right.
 *
 * @param {string} caption
 * @param {Part[]} parts
 * @param {Part} whole
 */
function sumTable(caption, parts, whole) {
  const largest = Math.max(...[...parts, whole].map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const row = (/** @type {Part} */ { name, value }, /** @type {string} */ kind) => {
    const bar = make('span', { class: `share ${value >= 0 ? 'positive' : 'negative'}` });
    bar.style.setProperty('--share', (Math.abs(value) / largest).toFixed(4));
    const cells = [
      make('th', { scope: 'row' }, name),
      make('td', { class: 'shares' }, bar),
      make('td', { class: 'figure' }, withSign(value, 3)),
    ];
    return make('tr', { class: kind }, ...cells);
  };
  const body = make('tbody', {}, ...parts.map((part) => row(part, '')), row(whole, 'whole'));
  return make('table', { class: 'sum' }, make('caption', {}, caption), body);
}

/**
 * What a number is called that the decision reads.
 *
 * @param {Seen['walk']['linears'][number]} layer
 * @param {number} feature  Counted from 0.
 * @returns {string}
 */
function featureName({ name, map, top = 0 }, feature) {
  const layer = name.toUpperCase();
  if (!map) return text('learn.margin.unit', { layer, unit: feature + 1 });
  const unit = (feature % map.channels) + 1;
  return feature < map.channels
    ? text('learn.margin.mean', { layer, unit })
    : text('learn.margin.top', { layer, unit, count: top });
}

/**
 * The margin as a sum: of the last layer's units, and of the places of the last map.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function margin({ walk, name }) {
  const last = walk.linears[walk.linears.length - 1];
  const { units } = last;
  const layer = last.name.toUpperCase();
  const { weights, bias } = walk.plane;
  const shares = Array.from(units, (unit, i) => ({ unit: i, value: unit * weights[i] }));
  const sorted = shares.toSorted((a, b) => b.value - a.value);
  const named = [...sorted.slice(0, NAMED), ...sorted.slice(-NAMED)];
  const others = sorted.slice(NAMED, -NAMED);
  const { explanation } = walk;
  const total = { name: text('learn.margin.whole'), value: explanation.margin };
  const parts = named.map(({ unit, value }) => ({ name: featureName(last, unit), value }));
  parts.splice(NAMED, 0, {
    name: text('learn.margin.others', { count: others.length }),
    value: sum(others.map(({ value }) => value)),
  });
  parts.push({ name: text('learn.margin.offset'), value: bias });
  const places = explanation.contributions;
  const perPlace = [
    { name: text('learn.margin.for'), value: sum(places.filter((value) => value > 0)) },
    { name: text('learn.margin.against'), value: sum(places.filter((value) => value < 0)) },
    { name: text(last.map ? 'learn.margin.offset' : 'learn.margin.constant'), value: explanation.constant },
  ];
  if (explanation.rounding !== 0) perPlace.push({ name: text('learn.margin.rounding'), value: explanation.rounding });
  const heat = heatSquares(places, explanation.columns, explanation.field);
  const kind = [EMBEDDED, OWN].includes(name) ? 'learn.margin.svm' : 'learn.margin.softmax';
  const reads = last.map
    ? text('learn.margin.places', { layer, count: units.length, units: last.map.channels, top: last.top ?? 0 })
    : text(kind, { layer, count: units.length });
  return [
    paragraph(reads),
    sumTable(text('learn.margin.byUnit'), parts, total),
    figure(slicePicture(text('learn.margin.map'), walk.slice, heat), text('learn.margin.map')),
    sumTable(text('learn.margin.byPlace'), perPlace, total),
  ];
}

/**
 * Where the margin stands among those of slices that the network had not learned from.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function amongOthers({ walk, name }) {
  const [found] = of(DATA.margins, name, presetOf(name), 'patient');
  if (!found) return [paragraph(text('learn.among.none'))];
  const { margin } = walk.explanation;
  const chart = marginChart(found, text('learn.among.chart'), margin);
  const { balanced: threshold } = walk.calibration.threshold;
  chart.mark(threshold, text('learn.among.threshold'), 'threshold', 1);
  chart.mark(margin, text('learn.among.here', { margin: withSign(margin, 2) }), 'here');
  const below = (/** @type {number[]} */ counts) => {
    const width = (found.highest - found.lowest) / counts.length;
    const bins = Math.min(Math.max((margin - found.lowest) / width, 0), counts.length);
    const whole = counts.slice(0, Math.floor(bins));
    const part = (counts[Math.floor(bins)] ?? 0) * (bins - Math.floor(bins));
    return percent((sum(whole) + part) / sum(counts));
  };
  return [
    legend(),
    chart.element,
    paragraph(text('learn.among.shares', { haemorrhage: below(found.haemorrhage), normal: below(found.normal) })),
  ];
}

/** What the colours of the two classes mean. */
export function legend() {
  const item = (/** @type {string} */ kind, /** @type {string} */ words) =>
    make('li', {}, make('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), words);
  return make(
    'ul',
    { class: 'legend' },
    item('haemorrhage', text('learn.class.haemorrhage')),
    item('normal', text('learn.class.normal')),
  );
}

/**
 * The margins of both classes, each as a share of its class.
 *
 * @param {import('./lesson-data.js').Margins} margins
 * @param {string} label
 * @param {number} [also]  A margin that must be in sight.
 * @returns {Chart}
 */
export function marginChart({ lowest, highest, haemorrhage, normal }, label, also = lowest) {
  const share = (/** @type {number[]} */ counts) => counts.map((count) => (100 * count) / sum(counts));
  const [with_, without] = [share(haemorrhage), share(normal)];
  const top = Math.max(...with_, ...without) * 1.15;
  // The ends are single slices: what matters is where both classes are.
  const [from, to] = [Math.min(lowest, also), Math.max(highest, also)];
  const chart = new Chart(
    label,
    { from, to, ...roundTicks(from, to), title: text('learn.axis.margin') },
    { from: 0, to: top, ...roundTicks(0, top), title: text('learn.axis.share') },
  );
  const width = (highest - lowest) / haemorrhage.length;
  chart.bars(lowest, width, without, 'normal');
  chart.bars(lowest, width, with_, 'haemorrhage');
  return chart;
}

/**
 * From margin to probability, and whether such probabilities were what they say.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function calibration({ walk, name }) {
  const { slope, offset } = walk.calibration.haemorrhage;
  const { margin, classification } = walk.explanation;
  const probability = (/** @type {number} */ m) => 1 / (1 + Math.exp(slope * m + offset));
  const { inconclusive } = walk.calibration;
  const { balanced: threshold } = walk.calibration.threshold;
  // Where the curve rises, and whatever is marked on it.
  const centre = -offset / slope;
  const reach = 5 / Math.abs(slope);
  const [from, to] = [Math.min(centre - reach, margin, threshold), Math.max(centre + reach, margin, threshold)];
  const points = Array.from({ length: 101 }, (_, i) => from + ((to - from) * i) / 100);
  const share = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], digits: 2 };
  const chart = new Chart(
    text('learn.calibration.chart', { probability: percent(classification.probability) }),
    { from, to, ...roundTicks(from, to), title: text('learn.axis.margin') },
    { ...share, title: text('learn.axis.probability') },
  );
  chart.band(inconclusive[0], inconclusive[1], 'inconclusive');
  chart.line(points.map((m) => [m, probability(m)]), 'curve');
  chart.mark(threshold, text('learn.among.threshold'), 'threshold', 1);
  chart.mark(margin, text('learn.among.here', { margin: withSign(margin, 2) }), 'here');
  chart.dots([[margin, probability(margin)]], 'here');
  const formula = text('learn.calibration.formula', {
    slope: number(slope, 3),
    offset: withSign(offset, 3),
    margin: withSign(margin, 3),
    probability: number(probability(margin), 3),
  });
  const result = [chart.element, paragraph(formula)];
  const [found] = of(DATA.figures, name, presetOf(name), 'patient');
  if (found) {
    const reliability = new Chart(
      text('learn.calibration.reliability'),
      { ...share, title: text('learn.axis.said') },
      { ...share, title: text('learn.axis.found') },
    );
    reliability.line([[0, 0], [1, 1]], 'ideal');
    reliability.dots(found.reliability.map(({ predicted, observed }) => [predicted, observed]), 'curve');
    result.push(reliability.element, paragraph(text('learn.calibration.reliability')));
  }
  return result;
}

/**
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function answer({ walk }) {
  const { classification } = walk.explanation;
  const { label, probability, inconclusive, scores, inDistribution, reason, elapsedMs } = classification;
  const verdict = make('p', { class: `verdict ${label}`, 'data-testid': 'lesson-verdict' }, LABEL_WORDS[label]);
  const facts = [
    text('learn.answer.probability', { probability: percent(probability) }),
    text('learn.answer.scores', {
      haemorrhage: percent(scores.haemorrhage),
      normal: percent(scores.normal),
    }),
    text('learn.answer.time', { ms: number(elapsedMs.inference, 0) }),
  ];
  /** @type {Element[]} */
  const result = [verdict, ...facts.map(paragraph)];
  if (tellsKinds(classification)) {
    result.push(
      paragraph(text('learn.answer.kinds')),
      make('ul', { class: 'kinds', 'data-testid': 'lesson-kinds' }, ...kindBars(classification.kinds)),
    );
  }
  if (inconclusive) result.push(paragraph(text('learn.answer.inconclusive')));
  if (!inDistribution) {
    const why = reason ? (reasonWords(reason) ?? reason) : '';
    result.push(paragraph(`${text('learn.answer.unlike')} ${why}`));
  }
  return result;
}
