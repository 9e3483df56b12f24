/**
 * What is true of slices, as far as whoever added them has said: by the folders that they lie in, or by
 * a table that came with them, which counts for more.
 */
import { text } from '../messages.js';
import { classNamed } from './class-names.js';
import { baseOf, folderOf } from './file-paths.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('./label-table.js').LabelRow} LabelRow
 * @typedef {import('./label-table.js').LabelTable} LabelTable
 */

/** How many files that do not match are named. */
const NAMED = 3;

export class Truth {
  /** @type {() => readonly Entry[]} */
  #entries;
  /** @type {LabelTable[]} */
  #tables = [];
  /** @type {Map<number, boolean> | undefined}  By entries; made when it is asked for. */
  #labels;
  /** @type {string[]} */
  #problems = [];

  /** @param {() => readonly Entry[]} entries  Those of the list as they came. */
  constructor(entries) {
    this.#entries = entries;
  }

  /** @param {LabelTable} table */
  add(table) {
    this.#tables.push(table);
    this.renew();
  }

  /** Forgets what tables have said. */
  clear() {
    this.#tables = [];
    this.renew();
  }

  /** Must be called when entries were added or removed. */
  renew() {
    this.#labels = undefined;
  }

  /**
   * Whether a slice shows a haemorrhage.
   *
   * @param {Entry} entry
   * @returns {boolean | undefined}
   */
  of({ id }) {
    return this.#known().get(id);
  }

  /** @returns {boolean}  Whether anything was said of any slice. */
  get isKnown() {
    return this.#known().size > 0;
  }

  /** @returns {boolean}  Whether a table of labels was added, matching or not. */
  get hasTables() {
    return this.#tables.length > 0;
  }

  /** @returns {readonly string[]}  Sentences: which lines of tables match nothing, or several files. */
  get problems() {
    this.#known();
    return this.#problems;
  }

  /** @returns {Map<number, boolean>} */
  #known() {
    if (this.#labels) return this.#labels;
    const entries = this.#entries();
    const byFolder = labelsOfFolders(entries.map(({ path }) => folderOf(path)));
    this.#labels = new Map();
    for (const { id, path } of entries) {
      const label = byFolder.get(folderOf(path));
      if (label !== undefined) this.#labels.set(id, label);
    }
    this.#problems = [];
    if (entries.length === 0) return this.#labels;
    const files = filesByName(entries);
    for (const table of this.#tables) this.#problems.push(...applyTable(table, files, this.#labels));
    return this.#labels;
  }
}

/**
 * The class that the folders of slices are called by, the innermost where several are.
 *
 * @param {string[]} folders
 * @returns {Map<string, boolean | undefined>}
 */
export function labelsOfFolders(folders) {
  const all = new Set(folders);
  // A folder called 0 or 1 is a class only beside the other, and where nothing is counted further.
  /** @type {Map<string, Set<string>>} */
  const numbersIn = new Map();
  for (const folder of all) {
    let parent = '';
    for (const part of folder.split('/')) {
      if (/^\d+$/.test(part)) numbersIn.set(parent, (numbersIn.get(parent) ?? new Set()).add(part));
      parent += `${part}/`;
    }
  }
  const isPair = (/** @type {string} */ parent) => {
    const numbers = numbersIn.get(parent);
    return numbers?.size === 2 && numbers.has('0') && numbers.has('1');
  };
  return new Map(
    [...all].map((folder) => {
      const parts = folder.split('/');
      for (let i = parts.length - 1; i >= 0; i--) {
        const isNumber = /^\d+$/.test(parts[i]);
        if (isNumber && !isPair(parts.slice(0, i).map((part) => `${part}/`).join(''))) continue;
        const label = parts[i].length > 1 || isNumber ? classNamed(parts[i]) : undefined;
        if (label !== undefined) return [folder, label];
      }
      return [folder, undefined];
    }),
  );
}

/**
 * Files by the last part of their names: each path with the entries of its slices.
 *
 * @typedef {Map<string, Map<string, Entry[]>>} Files
 */

/**
 * @param {readonly Entry[]} entries
 * @returns {Files}
 */
function filesByName(entries) {
  /** @type {Files} */
  const files = new Map();
  for (const entry of entries) {
    const path = entry.path.toLowerCase();
    for (const key of new Set([baseOf(path), stem(baseOf(path))])) {
      const alike = files.get(key) ?? new Map();
      files.set(key, alike);
      const slices = alike.get(path);
      if (slices) slices.push(entry);
      else alike.set(path, [entry]);
    }
  }
  return files;
}

/**
 * A name without its extension; numbers without the zeros in front, as spreadsheets leave them.
 *
 * @param {string} name
 * @returns {string}
 */
function stem(name) {
  const bare = name.replace(/\.[a-z][a-z0-9]{1,4}$/, '');
  return `${/^\d+$/.test(bare) ? bare.replace(/^0+(?=\d)/, '') : bare}/`;
}

/**
 * The files that a row of a table can mean: those whose path it is, or ends in it.
 *
 * @param {string} file
 * @param {Files} files
 * @returns {[path: string, slices: Entry[]][]}
 */
function meant(file, files) {
  const sought = file.toLowerCase().replace(/^(\.?\/)+/, '');
  const base = baseOf(sought);
  const folder = folderOf(sought);
  const alike = [...(files.get(base) ?? files.get(stem(base)) ?? [])];
  const fits = alike.filter(([path]) => folder === '' || `/${folderOf(path)}`.endsWith(`/${folder}`));
  const exact = fits.filter(([path]) => path === sought);
  return exact.length > 0 ? exact : fits;
}

/**
 * Says of slices what a table says of their files.
 *
 * @param {LabelTable} table
 * @param {Files} files
 * @param {Map<number, boolean>} labels
 * @returns {string[]}  What does not match.
 */
function applyTable({ name, rows, problems }, files, labels) {
  /** @type {Record<'missing' | 'ambiguous' | 'contradictory', LabelRow[]>} */
  const faults = { missing: [], ambiguous: [], contradictory: [] };
  /** @type {Map<string, LabelRow>}  Rows by the file that they mean. */
  const said = new Map();
  for (const row of rows) {
    const found = meant(row.file, files);
    if (found.length === 0) faults.missing.push(row);
    else if (found.length > 1) faults.ambiguous.push(row);
    else {
      const [[path, slices]] = found;
      const before = said.get(path);
      if (before && before.haemorrhage !== row.haemorrhage) faults.contradictory.push(row);
      said.set(path, row);
      for (const { id } of slices) labels.set(id, row.haemorrhage);
    }
  }
  for (const { file } of faults.contradictory) {
    for (const [, slices] of meant(file, files)) for (const { id } of slices) labels.delete(id);
  }
  const sentences = [...problems];
  for (const [fault, lines] of Object.entries(faults)) {
    if (lines.length === 0) continue;
    const named = lines.slice(0, NAMED).map(({ line, file }) => text('labels.fileInLine', { file, line }));
    const some = named.join(', ');
    const key = /** @type {const} */ ({
      missing: 'labels.missing',
      ambiguous: 'labels.ambiguous',
      contradictory: 'labels.contradictory',
    })[/** @type {keyof typeof faults} */ (fault)];
    sentences.push(text(key, { name, count: lines.length, files: lines.length > NAMED ? `${some}…` : some }));
  }
  return sentences;
}
