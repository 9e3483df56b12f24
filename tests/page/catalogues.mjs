/** What is wrong with the catalogues of the page's words, and with how the page uses them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { namedKeys } from '../../www/build/words.mjs';
import { REPOSITORY } from './site.mjs';

const WWW = join(REPOSITORY, 'www');

/** Keys with which a language describes itself; the page finds them by other means. */
const OF_THE_LANGUAGE = ['language.name', 'language.direction'];

/** Attributes that a visitor sees or hears. */
const SPOKEN_ATTRIBUTES = ['alt', 'aria-label', 'aria-description', 'placeholder', 'title'];

/** The HTML of the page and of the lesson. */
export const pageHtml = () =>
  ['index.html', 'learn/index.html'].map((name) => readFileSync(join(WWW, name), 'utf8')).join('\n');

/** The scripts of both, without the catalogues. */
export function pageScripts() {
  return ['page', 'learn']
    .flatMap((folder) =>
      readdirSync(join(WWW, folder), { recursive: true })
        .filter((name) => name.endsWith('.js') && !/^messages[/\\]/.test(name))
        .map((name) => readFileSync(join(WWW, folder, name), 'utf8')),
    )
    .join('\n');
}

/** Names of the places for values in a text, in order, each once. */
const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

/** The texts for a key, by plural form; one that has no forms counts as `other`. */
const forms = (message) => (typeof message === 'string' ? { other: message } : message);

/**
 * How a language differs from English where it must not.
 *
 * @param {string} tag
 * @param {import('../../www/page/messages.js').Catalogue} catalogue
 * @param {import('../../www/page/messages.js').Catalogue} english
 * @returns {string[]}
 */
export function faultsOfLanguage(tag, catalogue, english) {
  const faults = [];
  for (const key of Object.keys(english)) if (!(key in catalogue)) faults.push(`${tag} lacks ${key}`);
  for (const key of Object.keys(catalogue)) if (!(key in english)) faults.push(`${tag} has ${key}, English not`);
  if (!['ltr', 'rtl'].includes(catalogue['language.direction'])) faults.push(`${tag} runs in no direction`);
  const plurals = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
  for (const [key, message] of Object.entries(catalogue)) {
    if (!(key in english)) continue;
    if ((typeof message === 'string') !== (typeof english[key] === 'string')) {
      faults.push(`${tag}: ${key} has plural forms in one of the languages only`);
      continue;
    }
    const expected = placeholders(forms(english[key]).other);
    for (const [form, text] of Object.entries(forms(message))) {
      if (typeof text !== 'string' || text.trim() === '') faults.push(`${tag}: ${key} says nothing`);
      else if (typeof message !== 'string' && !plurals.includes(form)) {
        faults.push(`${tag}: ${key} has a form ${form}, the language none`);
      } else if (!sameValues(placeholders(text), expected, form)) {
        faults.push(`${tag}: ${key} (${form}) has other values than ${expected.join(', ') || 'none'}`);
      }
    }
    if (forms(message).other === undefined) faults.push(`${tag}: ${key} lacks the form other`);
  }
  return faults;
}

/** A form for one or two may say the count in words. */
function sameValues(found, expected, form) {
  const needed = form === 'other' ? expected : expected.filter((name) => name !== 'count');
  return needed.every((name) => found.includes(name)) && found.every((name) => expected.includes(name));
}

/**
 * Keys that are used but not there, and keys that are there but not used.
 *
 * @param {string[]} keys
 * @param {{ html: string, scripts: string }} page
 * @returns {string[]}
 */
export function faultsOfUse(keys, { html, scripts }) {
  const code = scripts.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const inHtml = namedKeys(html).map(({ key }) => key);
  const said = [...code.matchAll(/\btext\(\s*'([^']*)'/g)].map(([, key]) => key);
  const missing = [...new Set([...inHtml, ...said])].filter((key) => !keys.includes(key));
  const written = new Set([...code.matchAll(/'([a-z]\w*(?:\.\w+)+)'/g)].map(([, key]) => key));
  // Those that end, or begin, with a value, such as the name of an error.
  const made = [...code.matchAll(/`([a-z][\w.]*\.)\$\{[^`{}]+\}([\w.]*)`/g)].map(
    ([, start, end]) => new RegExp(`^${start.replaceAll('.', '\\.')}\\w+${end.replaceAll('.', '\\.')}$`),
  );
  const isUsed = (key) =>
    inHtml.includes(key) || written.has(key) || made.some((pattern) => pattern.test(key));
  const unused = keys.filter((key) => !isUsed(key) && !OF_THE_LANGUAGE.includes(key));
  return [...missing.map((key) => `there is no ${key}`), ...unused.map((key) => `${key} is used nowhere`)];
}

/**
 * What the HTML says that is not from the catalogue. Names that no language translates are marked
 * `translate="no"`. The English words of a key may stand there, as the build puts them.
 *
 * @param {string} html
 * @param {import('../../www/page/messages.js').Catalogue} english
 * @returns {string[]}
 */
export function wordsOfItsOwn(html, english) {
  const found = [];
  const body = html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
  for (const [, tag, content] of body.matchAll(/(<[^>]*>)([^<]*)/g)) {
    const words = content.replace(/\s+/g, ' ').trim();
    const [said] = namedKeys(tag).filter(({ attribute }) => !attribute);
    if (words && words !== english[said?.key] && !/\stranslate="no"/.test(tag)) found.push(words);
    const keys = namedKeys(tag);
    const attributes = /^<meta\b[^>]*name="description"/.test(tag)
      ? [...SPOKEN_ATTRIBUTES, 'content']
      : SPOKEN_ATTRIBUTES;
    for (const attribute of attributes) {
      const [, value] = tag.match(new RegExp(`\\s${attribute}="([^"]+)"`)) ?? [];
      const named = keys.find((key) => key.attribute === attribute);
      if (value && value !== english[named?.key]) found.push(`${attribute}="${value}"`);
    }
  }
  return found;
}

/** Statements that put something on the page, or name an error, up to their ends. */
const SAYING =
  /(?:\.(?:textContent|title|placeholder|ariaLabel|alt)\s*=(?!=)|\.setAttribute\(\s*'(?:aria-label|title|placeholder|alt)',|new NamedError\(\s*'\w+',)([^;]*);/g;

/**
 * Words that scripts put on the page without a catalogue, as far as they can be told from the text of a
 * statement.
 *
 * @param {string} scripts
 * @returns {string[]}
 */
export function wordsOfScripts(scripts) {
  const code = scripts.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(SAYING)].flatMap(([, said]) => {
    const literals = [...said.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(
      ([, plain, pattern]) => plain ?? pattern.replace(/\$\{[^{}]*\}/g, ''),
    );
    // A key, the name of a part or a type is one word; so might be what the page says, with a capital.
    return literals.filter((words) => /\p{L}\p{L}/u.test(words) && /\s|^\p{Lu}/u.test(words));
  });
}

/**
 * Words that a style sheet puts on the page.
 *
 * @param {string} style
 * @returns {string[]}
 */
export const wordsOfStyle = (style) =>
  [...style.matchAll(/\bcontent:\s*(['"])(.*?)\1/g)].map(([, , words]) => words).filter((words) => /\w/.test(words));

/** The page's style sheets. */
export function pageStyles() {
  const folder = join(WWW, 'page');
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.css'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}
