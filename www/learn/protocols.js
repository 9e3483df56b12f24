/** Why patients are split, not images: our own figures by either protocol, and a drawing of the splits. */
import { text } from '../page/messages.js';
import { part } from '../page/page-part.js';
import { legend, marginChart } from './decision-steps.js';
import { draw, make, meterCell, number, withSign } from './elements.js';
import { DATA, of, table } from './lesson-data.js';
import { scattered } from './scattered.js';

/**
 * @typedef {'paper' | 'patient'} Protocol
 * @typedef {import('./walk-view.js').Key} Key
 */

const FIGURES = /** @type {const} */ (['accuracy', 'auc', 'sensitivity', 'specificity']);

/** The rule of decision that both protocols were measured with: see the report's "leakage". */
const OWN = /^own decision/;

/** The drawing: so many patients with so many slices, each in so many copies. */
const DRAWN = { patients: 8, slices: 6, copies: 5, testPatients: [2, 6], side: 9, gap: 5 };

/** Whether a copy of the drawing is tested on: nearly a third of them, at random but always the same. */
const isDrawnTest = (/** @type {number} */ copy) => scattered(0, copy) < 0.3;

/** The networks that were measured by both protocols. */
function networks() {
  const both = DATA.margins.filter(({ protocol }) => protocol === 'paper');
  return both.map(({ network, preset }) => ({ network, preset, value: `${network} ${preset}` }));
}

export class Protocols {
  #root;
  #select;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#select = part(root, 'protocol-network', HTMLSelectElement);
    const titles = [...new Set(table('leakage').rows.map(([title]) => String(title)))];
    this.#select.append(
      ...networks().map(({ value }, i) => make('option', { value }, titles[i])),
    );
    this.#select.value = 'alexnet-svm paper';
    root.addEventListener('change', () => this.#show());
    this.#show();
  }

  /** @returns {Protocol} */
  get #protocol() {
    const chosen = this.#root.querySelector('input[name="protocol"]:checked');
    return chosen instanceof HTMLInputElement && chosen.value === 'patient' ? 'patient' : 'paper';
  }

  #show() {
    const protocol = this.#protocol;
    const [network, preset] = this.#select.value.split(' ');
    const figuresOf = (/** @type {Protocol} */ of_) =>
      of(DATA.figures, network, preset, of_).find(({ decision }) => OWN.test(decision))?.figures;
    const [shown, paper] = [figuresOf(protocol), figuresOf('paper')];
    if (!shown || !paper) return;
    const meters = FIGURES.map((name) => {
      const title = text(/** @type {Key} */ (`learn.figure.${name}`));
      const { value } = shown[name];
      // An area has no unit; the others are shares.
      const change = name === 'auc' ? value - paper[name].value : 100 * (value - paper[name].value);
      const points = withSign(change, name === 'auc' ? 3 : 1);
      const figure = name === 'auc' ? number(value, 3) : `${number(100 * value, 1)} %`;
      const fall = protocol === 'paper' ? '' : text(name === 'auc' ? 'learn.protocol.change.auc' : 'learn.protocol.change', { points });
      return make(
        'tr',
        {},
        make('th', { scope: 'row' }, title),
        meterCell(value, protocol === 'paper' ? undefined : paper[name].value),
        make('td', { class: 'figure', 'data-figure': name }, figure),
        make('td', { class: 'figure' }, fall),
      );
    });
    part(this.#root, 'figures', HTMLElement).replaceChildren(...meters);
    part(this.#root, 'reason', HTMLElement).textContent = text(/** @type {Key} */ (`learn.protocol.${protocol}.reason`));
    const [margins] = of(DATA.margins, network, preset, protocol);
    const label = text('learn.protocol.margins', { protocol: text(/** @type {Key} */ (`learn.protocol.${protocol}`)) });
    const chart = marginChart(margins, label);
    chart.mark(0, text('learn.protocol.zero'), 'threshold');
    part(this.#root, 'protocol-margins', HTMLElement).replaceChildren(legend(), chart.element);
    part(this.#root, 'split', HTMLElement).replaceChildren(...splitDrawing(protocol));
  }
}

/**
 * The images of a few patients as small squares, tested or trained on.
 *
 * @param {Protocol} protocol
 * @returns {Element[]}
 */
function splitDrawing(protocol) {
  const { patients, slices, copies, testPatients, side, gap } = DRAWN;
  const width = 70 + slices * (copies * side + gap);
  const height = patients * (side + gap);
  const picture = draw('svg', { viewBox: `0 0 ${width} ${height}`, class: 'split', role: 'img' });
  let [tested, twins, kin] = [0, 0, 0];
  for (let patient = 0; patient < patients; patient++) {
    const y = patient * (side + gap);
    picture.append(draw('text', { x: 0, y: y + side }, text('learn.split.patient', { number: patient + 1 })));
    const isTest = (/** @type {number} */ slice, /** @type {number} */ copy) =>
      protocol === 'patient'
        ? testPatients.includes(patient)
        : isDrawnTest((patient * slices + slice) * copies + copy);
    for (let slice = 0; slice < slices; slice++) {
      for (let copy = 0; copy < copies; copy++) {
        const test = isTest(slice, copy);
        const x = 70 + slice * (copies * side + gap) + copy * side;
        picture.append(
          draw('rect', { x, y, width: side - 1, height: side, class: test ? 'tested' : 'trained' }),
        );
        if (!test) continue;
        const all = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => i);
        tested++;
        if (all(copies).some((other) => !isTest(slice, other))) twins++;
        if (all(slices * copies).some((i) => !isTest(Math.floor(i / copies), i % copies))) kin++;
      }
    }
  }
  const words = text('learn.split.count', { tested, twins, kin });
  picture.prepend(draw('title', {}, words));
  const item = (/** @type {string} */ kind, /** @type {string} */ meaning) =>
    make('li', {}, make('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), meaning);
  const key = make(
    'ul',
    { class: 'legend' },
    item('trained', text('learn.split.trained')),
    item('tested', text('learn.split.tested')),
  );
  return [key, picture, make('p', {}, words)];
}
