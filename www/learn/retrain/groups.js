/**
 * Which slices belong together, so that none is tested by a plane that has learned from its neighbour: by
 * the examination that a DICOM header names, by the file that holds several, else by what the visitor says
 * of folders and names.
 */
import { baseOf, folderOf } from '../../page/triage/file-paths.js';

/** @typedef {Pick<import('./labelled-slices.js').Labelled, 'path' | 'together' | 'haemorrhage'>} Grouped */

/**
 * How files without a header are told apart: each by itself, by the folder they lie in, or by what their
 * names begin with.
 *
 * @typedef {'each' | 'folder' | 'name'} Rule
 */

/**
 * The beginning of a file's name, without the number that ends it: `049` of `049_12.jpg`.
 *
 * @param {string} path
 * @returns {string}
 */
export function beginningOf(path) {
  const stem = baseOf(path).replace(/\.[a-z]\w{0,8}$/i, '');
  return stem.replace(/[-_ .]*\(?\d+\)?$/, '') || stem;
}

/**
 * The number of the group of each slice, from 0.
 *
 * @param {readonly Grouped[]} slices
 * @param {Rule} rule
 * @returns {number[]}
 */
export function groupsOf(slices, rule) {
  /** @type {Map<string, number>} */
  const numbers = new Map();
  // The folder that a whole class lies in says nothing of patients.
  const classFolders = [true, false].flatMap((haemorrhage) => {
    const folders = new Set(slices.filter((slice) => slice.haemorrhage === haemorrhage).map(({ path }) => folderOf(path)));
    return folders.size === 1 ? [...folders] : [];
  });
  return slices.map(({ path, together }, i) => {
    let key = `slice ${i}`;
    if (together) key = `together ${together}`;
    else if (rule === 'name') key = `name ${beginningOf(path)}`;
    else if (rule === 'folder' && !classFolders.includes(folderOf(path))) key = `folder ${baseOf(folderOf(path))}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/**
 * An order in which both classes come in their shares from the beginning on, each as it was added.
 *
 * @param {readonly Grouped[]} slices
 * @returns {number[]}  Places of slices.
 */
export function mixedOrder(slices) {
  const places = [true, false].flatMap((haemorrhage) => {
    const all = slices.flatMap((slice, i) => (slice.haemorrhage === haemorrhage ? [i] : []));
    return all.map((place, rank) => ({ place, share: (rank + 0.5) / all.length }));
  });
  return places.sort((a, b) => a.share - b.share).map(({ place }) => place);
}
