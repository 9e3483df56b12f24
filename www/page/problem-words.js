/** What is said of errors. */
import { speaksEnglish } from './english.js';
import { text } from './messages.js';

/** @typedef {import('./named-error.js').NamedError} NamedError */

/**
 * What happened and what to do. The module knows more of it than its name, and says so in English: to
 * those who read English that is all; to others it is a detail.
 *
 * @param {NamedError} error
 * @returns {{ words: string, detail?: string }}  A detail is in English, where the page is not.
 */
export function problemWords({ name, message, saying }) {
  if (saying) return { words: text(saying.key, saying.values) };
  if (speaksEnglish() && message) return { words: message };
  return { words: text(`error.${name}`), detail: message };
}
