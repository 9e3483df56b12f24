/** A table that says of files whether they show a haemorrhage. */
import { text } from '../messages.js';
import { classNamed, isNameOfHaemorrhage, plainName } from './class-names.js';
import { readTable } from './separated-values.js';

/**
 * @typedef {object} LabelRow
 * @property {number} line  In the table, from 1.
 * @property {string} file  A path or a name, `/` between folders.
 * @property {boolean} haemorrhage
 */

/**
 * @typedef {object} LabelTable
 * @property {string} name  Of the table's own file.
 * @property {LabelRow[]} rows  None where it is no table of labels.
 * @property {string[]} problems  Sentences that the visitor can act on.
 */

/** Longest table that is read, in bytes: some hundred thousand lines. */
const MOST_BYTES = 16 * 2 ** 20;

const FILE_HEADINGS = ['file', 'files', 'filename', 'file_name', 'path', 'image', 'name', 'id', 'fichier', 'chemin'];
const LABEL_HEADINGS = ['truelabel', 'true_label', 'truth', 'ground_truth', 'label', 'labels', 'class', 'target', 'classe', 'etiquette', 'verite'];

/** Headings that only a table of answers has: what a model said is not what is true. */
const ANSWER_HEADINGS = ['probability', 'margin'];

/**
 * Whether a file is a table by its name; whether of labels, its content says.
 *
 * @param {File} file
 * @returns {boolean}
 */
export function isTable({ name }) {
  return /\.(csv|tsv)$/i.test(name);
}

/**
 * @param {File} file
 * @returns {Promise<LabelTable>}  Never rejects.
 */
export async function readLabelTable(file) {
  const { name } = file;
  if (file.size > MOST_BYTES) return { name, rows: [], problems: [text('labels.tooLarge', { name })] };
  try {
    return labelTable(name, await file.text());
  } catch {
    return { name, rows: [], problems: [text('labels.unreadable', { name })] };
  }
}

/**
 * @param {string} name
 * @param {string} content
 * @returns {LabelTable}
 */
export function labelTable(name, content) {
  const rows = readTable(content);
  const columns = columnsOf(rows);
  if (!columns) return { name, rows: [], problems: [text('labels.noColumns', { name })] };
  if (columns === 'answers') return { name, rows: [], problems: [text('labels.areAnswers', { name })] };
  /** @type {LabelRow[]} */
  const labels = [];
  /** @type {{ line: number, value: string }[]} */
  const unknown = [];
  for (const { line, cells } of rows.slice(columns.firstRow)) {
    const [file, value] = [cells[columns.file] ?? '', cells[columns.label] ?? ''];
    const haemorrhage = classNamed(value);
    if (haemorrhage === undefined) unknown.push({ line, value });
    else if (file !== '') labels.push({ line, file: file.replaceAll('\\', '/'), haemorrhage });
  }
  const problems = [];
  if (unknown.length > 0) {
    const [{ line, value }] = unknown;
    problems.push(text('labels.unknownValues', { name, count: unknown.length, line, value }));
  }
  return { name, rows: labels, problems };
}

/**
 * Which columns hold files and labels, and in which row they begin.
 *
 * @param {{ cells: string[] }[]} rows
 * @returns {{ file: number, label: number, firstRow: number } | 'answers' | undefined}
 */
function columnsOf(rows) {
  if (rows.length === 0) return undefined;
  const headings = rows[0].cells.map(plainName);
  const first = (/** @type {string[]} */ known) =>
    known.map((heading) => headings.indexOf(heading)).find((at) => at >= 0) ?? -1;
  const file = first(FILE_HEADINGS);
  const named = first(LABEL_HEADINGS);
  const label = named >= 0 ? named : headings.findIndex(isNameOfHaemorrhage);
  if (file >= 0 && label >= 0) {
    const isAnswer = ANSWER_HEADINGS.every((heading) => headings.includes(heading)) && headings[label] === 'label';
    return isAnswer ? 'answers' : { file, label, firstRow: 1 };
  }
  // Two columns without headings say themselves what they are.
  const bare = rows[0].cells.length === 2 && classNamed(rows[0].cells[1]) !== undefined;
  return bare ? { file: 0, label: 1, firstRow: 0 } : undefined;
}
