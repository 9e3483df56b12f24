/** Which slices of the list belong to examinations, and how the module is told of them. */
import { isSameModel } from '../batch.js';
import { folderOf } from './file-paths.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').Classification} Classification
 * @typedef {import('../worker.js').StudyMember} StudyMember
 */

/**
 * The folder that keeps a slice together with others; none for a picture that came alone. A file of
 * several slices is a folder of its own where it does not lie in one.
 *
 * @param {Entry} entry
 * @returns {string}
 */
function folderOfSlice({ path, slices = 1 }) {
  return folderOf(path) || (slices > 1 ? path : '');
}

/**
 * Members of studies: slices that say to which examination they belong, and others by their folder. A
 * labelled picture belongs to a collection, not to a patient. Instead of names they have numbers, `folder
 * number/place in the list`, which are in the order of the list and give nothing away.
 *
 * @param {readonly Entry[]} entries
 * @param {(entry: Entry) => boolean} isLabelled
 * @param {Classification['model']} model  The one in use; answers of others are left out.
 * @returns {{ members: StudyMember[], byOthers: number }}  How many others have answered.
 */
export function studyMembers(entries, isLabelled, model) {
  /** @type {Map<string, number>} */
  const folders = new Map();
  /** @type {StudyMember[]} */
  const members = [];
  let byOthers = 0;
  for (const [index, entry] of entries.entries()) {
    const { classification, place, error } = entry;
    const folder = folderOfSlice(entry);
    if (!place?.study && (folder === '' || isLabelled(entry))) continue;
    if (!folders.has(folder)) folders.set(folder, folders.size);
    const file = `${folders.get(folder)}/${index}`;
    if (error) members.push({ file, error: { name: error.name, message: error.message } });
    else if (!classification || !place) continue;
    else if (isSameModel(classification.model, model)) members.push({ file, classification, place });
    else byOthers++;
  }
  return { members, byOthers };
}

/**
 * The place in the list that `studyMembers` has given a file's number for.
 *
 * @param {string} file
 * @returns {number}
 */
export function placeInList(file) {
  return Number(file.slice(file.indexOf('/') + 1));
}
