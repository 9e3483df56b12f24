/** Answers for examinations, with what the page needs to lead to their slices. */
import { folderOf } from './file-paths.js';
import { placeInList } from './study-members.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../worker.js').StudyAnswer} StudyAnswer
 */

/**
 * @typedef {object} ShownStudy
 * @property {number} number  From 1, as examinations came.
 * @property {StudyAnswer} answer
 * @property {{ entry: Entry, place: number, probability: number }[]} leading  `place` in the list, from 0.
 * @property {ReadonlySet<Entry>} entries  Its slices, and what could not be read of it.
 * @property {string} folder  The one that its files lie in; empty where they lie in several, or in none.
 * @property {number} milliseconds  What its slices took, on however many workers.
 */

/**
 * The answers that say more than those of their slices, those that ask for attention first.
 *
 * @param {StudyAnswer[]} answers
 * @param {readonly Entry[]} entries  Those of the list when the answers were asked for.
 * @returns {ShownStudy[]}
 */
export function shownStudies(answers, entries) {
  const count = (/** @type {StudyAnswer} */ { series }) =>
    series.reduce((sum, { slices, duplicates }) => sum + slices.length + duplicates, 0);
  const studies = answers
    .filter((answer) => count(answer) > 1)
    .map((answer, i) => {
      const files = [...answer.series.flatMap(({ slices }) => slices), ...answer.failed];
      const own = new Set(files.map(({ file }) => entries[placeInList(file)]));
      const folders = new Set([...own].map(({ path }) => folderOf(path)));
      const spent = [...own].map(({ classification }) => classification?.elapsedMs.total ?? 0);
      return {
        number: i + 1,
        answer,
        leading: answer.leading.map(({ file, probability }) => {
          const place = placeInList(file);
          return { entry: entries[place], place, probability };
        }),
        entries: own,
        folder: folders.size === 1 ? [...folders][0] : '',
        milliseconds: spent.reduce((sum, one) => sum + one, 0),
      };
    });
  return studies.sort((a, b) => (b.answer.probability ?? -1) - (a.answer.probability ?? -1));
}
