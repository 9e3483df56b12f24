/** Numbers and lists as a language writes them. What formats them takes long to make, and is kept. */

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @type {Map<string, Intl.PluralRules>} */
const rules = new Map();

/** @type {Map<string, Intl.ListFormat>} */
const lists = new Map();

/**
 * @param {string} language  Its tag.
 * @param {number} value
 * @param {Intl.NumberFormatOptions} [options]
 * @returns {string}
 */
export function formatNumber(language, value, options = {}) {
  const key = `${language} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format.format(value);
}

/**
 * @param {string} language  Its tag.
 * @param {number} count
 * @returns {Intl.LDMLPluralRule}
 */
export function pluralRule(language, count) {
  const rule = rules.get(language) ?? new Intl.PluralRules(language);
  rules.set(language, rule);
  return rule.select(count);
}

/**
 * Phrases one after the other, such as `a, b, c`.
 *
 * @param {string} language  Its tag.
 * @param {string[]} phrases
 * @returns {string}
 */
export function joinedList(language, phrases) {
  const list = lists.get(language) ?? new Intl.ListFormat(language, { type: 'unit', style: 'short' });
  lists.set(language, list);
  return list.format(phrases);
}
