/** Files that the visitor saves. They never leave the machine: the browser writes them to its disk. */

/** How long a browser may take to begin writing a file, in milliseconds. */
const KEEP_FOR_MS = 60_000;

/**
 * @param {string} name
 * @param {string} type  A media type.
 * @param {string} content
 */
export function saveFile(name, type, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_FOR_MS);
}

/**
 * A name for a file of results, with the day on the visitor's calendar.
 *
 * @param {string} ending
 * @param {Date} now
 * @returns {string}
 */
export function resultsFileName(ending, now) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return `haemolens-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}.${ending}`;
}
