/** What the lesson shows of the committed report: numbers only, taken from `models/report`. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The tables that the lesson shows, in their order. */
const TABLES = ['table2', 'table3', 'table4', 'table5', 'table6', 'internet', 'leakage', 'rounding'];

/** @param {string} path */
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * The learning curves of the runs that were measured more than once: accuracy by epoch.
 *
 * @param {string} folder
 */
function curves(folder) {
  const runs = readdirSync(folder)
    .filter((file) => /-(paper|patient-fold\d)\.json$/.test(file))
    .sort()
    .map((file) => json(join(folder, file)));
  const share = (/** @type {number} */ value) => Number(value.toFixed(4));
  return runs
    .filter(({ preset, epochs }) => preset === 'paper' && epochs.length > 1)
    .map(({ network, protocol, fold, epochs }) => ({
      network,
      protocol,
      fold,
      epochs: epochs.map(({ epoch, trainAccuracy, testAccuracy }) => [
        epoch,
        share(trainAccuracy),
        share(testAccuracy),
      ]),
    }));
}

/** @param {string} repository */
export function lessonData(repository) {
  const report = join(repository, 'models/report');
  const { tables, commands, figures } = json(join(report, 'report.json'));
  return {
    tables: TABLES.map((key) => tables.find((/** @type {{ key: string }} */ table) => table.key === key)),
    commands,
    figures: figures.map(({ network, preset, protocol, decision, figures: found, reliability }) => ({
      network,
      preset,
      protocol,
      decision,
      figures: Object.fromEntries(
        ['auc', 'accuracy', 'sensitivity', 'specificity'].map((name) => [name, found[name]]),
      ),
      reliability,
    })),
    margins: json(join(report, 'margins.json')),
    curves: curves(join(report, 'runs')),
  };
}
