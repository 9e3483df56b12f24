/** What slices are called outside of the page, where a file's name may give away a patient's. */

/** @typedef {import('../batch.js').Entry} Entry */

/**
 * @param {Entry} entry
 * @param {number} index  Its place in the list as it came, from 0.
 * @returns {string}  Such as `slice 1`; the same in every language, because programs read it.
 */
export function numberedName(entry, index) {
  return `slice ${index + 1}`;
}

/**
 * The path of its file, and which of its slices it is where there are several.
 *
 * @param {Entry} entry
 * @returns {string}
 */
export function fullName({ path, frame, slices = 1 }) {
  return slices > 1 ? `${path} (${frame + 1} of ${slices})` : path;
}
