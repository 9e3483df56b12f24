/** What the page says, in the visitor's language: keys in, words out. Catalogues are in messages/. */
import en from './messages/en.js';
import fr from './messages/fr.js';

/**
 * What a language says for each key: a text with `{name}` where values go, or one for each plural form
 * (see `Intl.PluralRules`) that is chosen by the value `count`.
 *
 * @typedef {Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>} Catalogue
 */

/** @type {Record<string, Catalogue>} */
const catalogues = { en, fr };

/** @type {string} */
let chosen = 'en';

/** @returns {string}  A language tag. */
export function language() {
  return chosen;
}

/**
 * @param {keyof typeof en} key
 * @param {Record<string, string | number>} [values]  `count` chooses the plural form.
 * @returns {string}
 */
export function text(key, values = {}) {
  const found = catalogues[chosen][key] ?? en[key];
  const form = typeof found === 'string' ? found : pluralForm(found, Number(values.count));
  return form.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(chosen) : String(value);
  });
}

/**
 * @param {Partial<Record<Intl.LDMLPluralRule, string>>} forms
 * @param {number} count
 * @returns {string}
 */
function pluralForm(forms, count) {
  return forms[new Intl.PluralRules(chosen).select(count)] ?? forms.other ?? '';
}
