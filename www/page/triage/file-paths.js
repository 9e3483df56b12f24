/**
 * Where files lay in the folders that they came with. Browsers say it of picked folders; of dropped ones
 * only while they are looked through.
 */

/** @type {WeakMap<Blob, string>} */
const paths = new WeakMap();

/**
 * @param {File} file
 * @param {string} path  `/` between folders, none in front.
 */
export function rememberPath(file, path) {
  paths.set(file, path);
}

/**
 * The path of a file from the folder on that was picked or dropped; its bare name where it came alone.
 *
 * @param {File} file
 * @returns {string}
 */
export function pathOf(file) {
  return paths.get(file) || file.webkitRelativePath || file.name;
}

/**
 * The folders of a path, without a `/` at the end; empty where there are none.
 *
 * @param {string} path
 * @returns {string}
 */
export function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/**
 * The last part of a path.
 *
 * @param {string} path
 * @returns {string}
 */
export function baseOf(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}
