/** What the page says in each language: the files of page/messages, each called by its language's tag. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FOLDER = fileURLToPath(new URL('../page/messages', import.meta.url));

/** @typedef {Record<string, import('../page/messages.js').Catalogue>} Catalogues  By tag. */

/**
 * English first, because it is what the page falls back to, then the others by their names.
 *
 * @returns {Promise<Catalogues>}
 */
export async function readCatalogues() {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.js'));
  const entries = files.map(async (file) => {
    const { default: catalogue } = await import(pathToFileURL(join(FOLDER, file)).href);
    return [basename(file, '.js'), catalogue];
  });
  const { en, ...others } = Object.fromEntries(await Promise.all(entries));
  const name = (tag) => others[tag]['language.name'];
  const tags = Object.keys(others).sort((one, other) => name(one).localeCompare(name(other), 'en'));
  return { en, ...Object.fromEntries(tags.map((tag) => [tag, others[tag]])) };
}

/**
 * What the page itself says: the lesson is as long as the page, and would only make it slower.
 *
 * @param {Catalogues} catalogues
 * @returns {Catalogues}
 */
export function withoutLesson(catalogues) {
  const others = (catalogue) =>
    Object.fromEntries(Object.entries(catalogue).filter(([key]) => !key.startsWith('learn.')));
  return Object.fromEntries(Object.entries(catalogues).map(([tag, catalogue]) => [tag, others(catalogue)]));
}
