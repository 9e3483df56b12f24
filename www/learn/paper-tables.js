/** The paper's tables and learning curves beside ours; every number of ours leads to its command. */
import { text } from '../page/messages.js';
import { modelTitle } from '../page/wording.js';
import { Chart } from './chart.js';
import { make, number, scrolling } from './elements.js';
import { DATA, REPORT_COMMAND } from './lesson-data.js';

/**
 * @typedef {import('./lesson-data.js').Cell} Cell
 * @typedef {import('./lesson-data.js').Table} Table
 */

/** Columns whose numbers are shares. */
const SHARES = /share|accuracy|sensitivity|specificity|^misclassified$|same label|^(paper|patient) protocol$/;

/** Columns that name what a row is about, with numbers of nobody. */
const NAMES = ['network', 'source', 'protocol', 'figure', 'called haemorrhage by'];

/** What each command makes, and where it stands in the list. */
class Commands {
  /** @type {string[]} */
  #all = [REPORT_COMMAND];

  /**
   * The command whose run a number of a table rests on.
   *
   * @param {Table} table
   * @param {Cell[]} row
   * @param {string} column
   * @returns {number}  Its place in the list.
   */
  of(table, row, column) {
    const { network, source } = rowName(table, row, column);
    const made = DATA.commands.find(
      (one) =>
        (!one.table || one.table === table.key) &&
        (!one.network || one.network === network) &&
        (!one.source || source.startsWith(one.source)),
    );
    return this.place(made?.command ?? REPORT_COMMAND);
  }

  /** @param {string} command */
  place(command) {
    if (!this.#all.includes(command)) this.#all.push(command);
    return this.#all.indexOf(command);
  }

  list() {
    return this.#all.map((command, i) => {
      const words = text(i === 0 ? 'learn.command.report' : 'learn.command.train');
      return make('li', { id: `command-${i}` }, make('code', {}, command), ` ${words}`);
    });
  }
}

/**
 * The network and the source that a number is of.
 *
 * @param {Table} table
 * @param {Cell[]} row
 * @param {string} column
 */
function rowName(table, row, column) {
  const cell = (/** @type {string} */ name) => String(row[table.columns.indexOf(name)] ?? '');
  // There each row is of a preset, and each column of a protocol.
  const [, title, preset] = cell('network').match(/^(.*) \((preset \w+)\)$/) ?? [];
  if (title) return { network: title, source: `ours: ${preset}, ${column}` };
  const source = row.find((value) => typeof value === 'string' && value.startsWith('ours:')) ?? '';
  return { network: cell('network'), source: String(source) };
}

/**
 * @param {Cell} value
 * @param {string} column
 * @returns {string}
 */
function words(value, column) {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') {
    const { value: found, low, high } = value;
    const digits = (/** @type {number} */ one) => number(one, 3);
    if (low === undefined || high === undefined) return digits(found);
    return text('learn.estimate', { value: digits(found), low: digits(low), high: digits(high) });
  }
  if (SHARES.test(column)) return `${number(100 * value, 2)} %`;
  return Number.isInteger(value) ? number(value) : number(value, value < 0.01 ? 4 : 3);
}

/**
 * @param {Table} table
 * @param {Commands} commands
 */
function tableElement(table, commands) {
  const head = table.columns.map((column) => make('th', { scope: 'col' }, column));
  const rows = table.rows.map((row) => {
    const ours = !row.some((cell) => cell === 'the paper' || (typeof cell === 'string' && cell.startsWith('the paper')));
    const cells = row.map((value, i) => {
      const column = table.columns[i];
      const isName = NAMES.includes(column) || typeof value === 'string' || value === null;
      // What AUC and shares of "leakage" are, its rows say.
      const shown = table.key === 'leakage' && row[1] === 'AUC' && typeof value === 'number' ? number(value, 3) : words(value, column);
      if (isName) return make('td', {}, shown);
      if (!ours || !hasCommand(row)) return make('td', { class: 'figure' }, shown);
      return make('td', { class: 'figure' }, make('a', { href: `#command-${commands.of(table, row, column)}` }, shown));
    });
    return make('tr', { class: ours ? '' : 'papers' }, ...cells);
  });
  const parts = [
    make('caption', {}, table.title),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...rows),
  ];
  return scrolling(table.title, make('table', { class: 'report', 'data-table': table.key }, ...parts));
}

/**
 * Whether a row is of what this program measured, and not of an earlier work.
 *
 * @param {Cell[]} row
 */
function hasCommand(row) {
  return row.some((cell) => typeof cell === 'string' && (cell.startsWith('ours') || /\(preset \w+\)$/.test(cell)));
}

/**
 * Learning curves as the paper's Figures 7 to 9 have them, by both protocols.
 *
 * @param {Commands} commands
 */
function learningCurves(commands) {
  const figures = [
    { network: 'cnn', figure: 7 },
    { network: 'alexnet', figure: 8 },
    { network: 'alexnet-svm', figure: 9 },
  ];
  return figures.map(({ network, figure }) => {
    const curves = DATA.curves.filter((curve) => curve.network === network);
    const epochs = Math.max(...curves.flatMap((curve) => curve.epochs.map(([epoch]) => epoch)));
    const ticks = Array.from({ length: 5 }, (_, i) => Math.round((epochs * i) / 4));
    const title = text('learn.curves.title', { network: modelTitle(network), figure });
    const chart = new Chart(
      title,
      { from: 0, to: epochs, ticks, digits: 0, title: text('learn.axis.epoch') },
      { from: 0.5, to: 1, ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1], digits: 1, title: text('learn.axis.accuracy') },
    );
    for (const { protocol, epochs: points } of curves) {
      chart.line(points.map(([epoch, training]) => [epoch, training]), `training ${protocol}`);
      chart.line(points.map(([epoch, , test]) => [epoch, test]), `test ${protocol}`);
    }
    const links = /** @type {const} */ (['paper', 'patient']).map((protocol) => {
      const command = `haemolens train ${network} --preset paper --protocol ${protocol}`;
      return make('a', { href: `#command-${commands.place(command)}` }, text(`learn.protocol.${protocol}`));
    });
    const caption = make('figcaption', {}, `${title} `, links[0], ' · ', links[1]);
    return make('figure', { class: 'curves' }, chart.element, caption);
  });
}

/** What the lines of the learning curves are. */
function curveLegend() {
  const item = (/** @type {string} */ kind, /** @type {string} */ meaning) =>
    make('li', {}, make('span', { class: `swatch-line ${kind}`, 'aria-hidden': 'true' }), meaning);
  return make(
    'ul',
    { class: 'legend' },
    item('training paper', text('learn.curves.training.paper')),
    item('test paper', text('learn.curves.test.paper')),
    item('training patient', text('learn.curves.training.patient')),
    item('test patient', text('learn.curves.test.patient')),
  );
}

/**
 * Shows everything.
 *
 * @param {{ tables: HTMLElement, curves: HTMLElement, commands: HTMLElement }} places
 */
export function showPaper({ tables, curves, commands: list }) {
  const commands = new Commands();
  const boxes = DATA.tables.map((one) => {
    const box = make('details', {}, make('summary', {}, one.title));
    if (one.note) box.append(make('p', { class: 'note', lang: 'en' }, one.note));
    box.append(tableElement(one, commands));
    box.open = one.key === 'table5';
    return box;
  });
  tables.append(...boxes);
  curves.append(curveLegend(), ...learningCurves(commands));
  list.append(...commands.list());
}
