/**
 * Puts the words of a catalogue into HTML whose elements name their keys, as page/page-words.js does in
 * the browser: so the first paint needs no script.
 */
import { ATTRIBUTES } from '../page/page-words.js';

/** A tag that opens an element. */
const TAG = /<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/g;

/**
 * A text in HTML, also between quotation marks.
 *
 * @param {string} text
 * @returns {string}
 */
export const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * Elements and attributes of HTML that say something by a key, in their order.
 *
 * @param {string} html
 * @returns {{ tag: string, key: string, attribute?: string }[]}
 */
export function namedKeys(html) {
  return [...html.matchAll(TAG)].flatMap(([tag, , attributes]) =>
    [...attributes.matchAll(/\sdata-text(?:-([\w-]+))?="([^"]*)"/g)].map(([, attribute, key]) => {
      if (attribute && !ATTRIBUTES.includes(attribute)) {
        throw new Error(`page/page-words.js puts no words into the attribute ${attribute}: ${tag}`);
      }
      return { tag, key, attribute };
    }),
  );
}

/** An element that says something by a key: its tag, the key, what is in it, and its end. */
const SAYING =
  /(<([a-z][\w-]*)(?:\s+[\w:-]+(?:="[^"]*")?)*?\s+data-text="([^"]*)"(?:\s+[\w:-]+(?:="[^"]*")?)*\s*>)([^<]*)(<\/\2>)/g;

/**
 * @param {string} html
 * @param {import('../page/messages.js').Catalogue} catalogue
 * @returns {string}
 */
export function withWords(html, catalogue) {
  const words = (key, tag) => {
    if (typeof catalogue[key] !== 'string') throw new Error(`there are no words for the key in ${tag}`);
    return escaped(catalogue[key]);
  };
  const named = html.replace(TAG, (tag) => {
    let said = tag;
    for (const { key, attribute } of namedKeys(tag)) {
      if (!attribute) continue;
      const without = said.replace(new RegExp(`\\s${attribute}="[^"]*"`), '');
      said = without.replace(/\s*\/?>$/, (end) => ` ${attribute}="${words(key, tag)}"${end}`);
    }
    return said;
  });
  /** @type {string[]} */
  const filled = [];
  const page = named.replace(SAYING, (_, start, name, key, content, end) => {
    filled.push(start);
    return start + words(key, start) + end;
  });
  const tags = namedKeys(named).flatMap(({ tag, attribute }) => (attribute ? [] : [tag]));
  const other = tags.find((tag, i) => tag !== filled[i]);
  if (other) throw new Error(`an element that says something must not hold elements: ${other}`);
  return page;
}
