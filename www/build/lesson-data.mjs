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

/**
 * The rows of a table as objects by their columns, those of the model from all sources.
 *
 * @param {{ columns: string[], rows: any[][] }} table
 */
function ofAllSources({ columns, rows }) {
  const objects = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
  return objects.filter((row) => row.model === 'all sources');
}

/** What a protocol of the report is to the lesson. */
const PROTOCOLS = { 'held-out patients': 'patients', 'source left out': 'leftOut' };

/**
 * How the model does on each source that counts, by both protocols.
 *
 * @param {(key: string) => any} table
 */
function bySource(table) {
  const calls = ofAllSources(table('operating-points')).filter((row) => row['operating point'] === 'balanced');
  const counted = ofAllSources(table('sources')).filter((row) => row.counts === 'yes' && row['slices of'] !== 'pooled');
  return counted.flatMap((row) => {
    const { protocol, 'slices of': source, slices } = row;
    const call = calls.find((one) => one.protocol === protocol && one['slices of'] === source);
    if (!(protocol in PROTOCOLS) || !call) return [];
    return {
      source,
      protocol: PROTOCOLS[protocol],
      slices,
      auc: row.AUC,
      sensitivityAt90: row['sensitivity at 90 % specificity'],
      sensitivity: call.sensitivity,
      specificity: call.specificity,
    };
  });
}

/**
 * How well kinds are told, of the slices of all sources together.
 *
 * @param {(key: string) => any} table
 */
function kinds(table) {
  const pooled = ofAllSources(table('kinds')).filter(
    (row) => row['slices of'] === 'pooled' && row.protocol === 'held-out patients',
  );
  return pooled.map((row) => ({
    kind: row.kind,
    slices: row['slices with it'],
    normal: row['AUC against no haemorrhage'],
    others: row['AUC against other kinds'],
  }));
}

/**
 * Sensitivity and specificity of whole examinations at each operating point.
 *
 * @param {(key: string) => any} table
 */
function points(table) {
  const studies = ofAllSources(table('predictive-values')).filter(({ of }) => of === 'studies');
  return Object.fromEntries(
    studies.map(({ 'operating point': point, sensitivity, specificity }) => [point, { sensitivity, specificity }]),
  );
}

/** @param {string} repository */
export function lessonData(repository) {
  const report = join(repository, 'models/report');
  const { tables, commands, figures } = json(join(report, 'report.json'));
  const table = (/** @type {string} */ key) => tables.find((/** @type {{ key: string }} */ one) => one.key === key);
  return {
    tables: TABLES.map(table),
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
    bySource: bySource(table),
    kinds: kinds(table),
    points: points(table),
  };
}
