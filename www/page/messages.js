/**
 * What the page says, in the visitor's language: keys in, words out. Each language is a file in
 * messages/, which the build finds by itself.
 */
import { formatNumber, pluralRule } from './numbers.js';

/**
 * What a language says for each key: a text with `{name}` where values go, or one for each plural form
 * (see `Intl.PluralRules`) that is chosen by the value `count`. It names itself as `language.name`, and
 * says as `language.direction` whether it is written from left to right, `ltr`, or from right to left,
 * `rtl`.
 *
 * @typedef {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} Catalogue
 */

/** @typedef {keyof typeof import('./messages/en.js').default} MessageKey */

/** @typedef {Record<string, string | number>} Values  By the names in the text. */

/** The language that has every key, and the one that the module's own sentences are in. */
export const FALLBACK = 'en';

/** @type {string} */
let chosen = FALLBACK;

/** @type {(() => void)[]}  Those that say anew what they show. */
const listeners = [];

/** @returns {string}  A language tag. */
export function language() {
  return chosen;
}

/**
 * The languages that there are, each by its tag, its own name and its direction.
 *
 * @returns {{ tag: string, name: string, direction: string }[]}
 */
export function languages() {
  return Object.entries(CATALOGUES).map(([tag, catalogue]) => ({
    tag,
    name: String(catalogue['language.name']),
    direction: String(catalogue['language.direction']),
  }));
}

/**
 * The language that a person would like best of those that there are. One who prefers `fr-CA` is
 * content with `fr`.
 *
 * @param {readonly string[]} wanted  Language tags, the most wanted first.
 * @returns {string}
 */
export function bestLanguage(wanted) {
  for (const tag of wanted) {
    const subtags = tag.split('-');
    while (subtags.length > 0) {
      const shorter = subtags.join('-').toLowerCase();
      const found = Object.keys(CATALOGUES).find((known) => known.toLowerCase() === shorter);
      if (found) return found;
      subtags.pop();
    }
  }
  return FALLBACK;
}

/**
 * Says everything in another language from now on.
 *
 * @param {string} tag  One of those that there are.
 */
export function useLanguage(tag) {
  chosen = tag;
  for (const listener of listeners) listener();
}

/**
 * Has a part of the page say anew what it shows whenever the language has changed. What only names its
 * key in the HTML needs none of this.
 *
 * @param {() => void} listener
 */
export function onLanguageChange(listener) {
  listeners.push(listener);
}

/**
 * To be called when something is said, not before: the language may change.
 *
 * @param {MessageKey} key
 * @param {Values} [values]  `count` chooses the plural form; numbers are written as the language does.
 * @returns {string}
 */
export function text(key, values = {}) {
  const found = CATALOGUES[chosen][key] ?? CATALOGUES[FALLBACK][key];
  const form =
    typeof found === 'string' ? found : (found[pluralRule(chosen, Number(values.count))] ?? found.other ?? '');
  return form.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === 'number' ? formatNumber(chosen, value) : apart(String(value));
  });
}

/**
 * An English sentence in the language that is chosen: it is known by the texts of the English catalogue.
 *
 * @param {string} sentence
 * @param {readonly MessageKey[]} keys  Of the texts without plural forms that it may be.
 * @param {Record<string, (value: string) => string | undefined>} [parts]  What becomes of the values in it,
 *   by their names; others stay as they are.
 * @returns {string | undefined}  Nothing where it is none of them, or a value has no other words.
 */
export function rephrased(sentence, keys, parts = {}) {
  for (const key of keys) {
    const { groups } = sentence.match(patternOf(String(CATALOGUES[FALLBACK][key]))) ?? {};
    const values = Object.entries(groups ?? {}).map(([name, value]) => [name, (parts[name] ?? String)(value)]);
    if (groups && values.every(([, value]) => value !== undefined)) return text(key, Object.fromEntries(values));
  }
  return undefined;
}

/**
 * What matches a text with any values.
 *
 * @param {string} message
 * @returns {RegExp}  With a group for each value, and one that matches nothing where there is none.
 */
function patternOf(message) {
  const plain = message.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${plain.replace(/\{(\w+)\}/g, '(?<$1>.+)')}(?<_>)$`);
}

/**
 * A value in the midst of a sentence that runs from right to left, kept from running together with it:
 * names of files, and of models, run the other way.
 *
 * @param {string} value
 * @returns {string}
 */
function apart(value) {
  return CATALOGUES[chosen]['language.direction'] === 'rtl' ? `\u2068${value}\u2069` : value;
}
