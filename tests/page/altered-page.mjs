/** The built page with other models to choose, or with another module behind it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { buildPage } from '../../www/build/page.mjs';
import { DIST } from './site.mjs';

const LIST = /(<script type="application\/json" data-part="models">)[^<]*(?=<\/script>)/;

/** The page of the site. */
export const builtPage = () => readFileSync(join(DIST, 'index.html'), 'utf8');

/** The models that the page of the site offers. */
export const offeredModels = () => {
  const [, list] = builtPage().match(/data-part="models">([^<]*)<\/script>/);
  return JSON.parse(list);
};

/**
 * A page that offers these models instead.
 *
 * @param {string} page
 * @param {object[]} models
 */
export const withModels = (page, models) => page.replace(LIST, (_, start) => start + JSON.stringify(models));

/** The real module but for its files, of which a function is called with each before it is opened. */
const watchingFiles = (glue, setUp, each) => `
import init, { Classifier, OpenFile as Real, phantom } from ${JSON.stringify(glue)};
export default init;
export { Classifier, phantom };
${setUp}
export class OpenFile extends Real {
  static fromBlob(file) {
    ${each};
    return super.fromBlob(file);
  }
}`;

/** Functions TRAP, which hits a real WebAssembly trap, and LOOP, which never ends. */
const TRAP_AND_LOOP = `
const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 3, 2, 0, 0,
  7, 15, 2, 4, 84, 82, 65, 80, 0, 0, 4, 76, 79, 79, 80, 0, 1,
  10, 13, 2, 3, 0, 0, 11, 7, 0, 3, 64, 12, 0, 11, 11);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));`;

/** A page, built as the site's is, whose worker has another module. */
async function pageWith(setUp, each) {
  const folder = mkdtempSync(join(tmpdir(), 'haemolens-test-'));
  try {
    const glue = join(folder, 'watching.js');
    writeFileSync(glue, watchingFiles(join(DIST, 'haemolens.js'), setUp, each));
    const { html } = await buildPage({ glue, models: offeredModels() });
    return html;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The page in further languages.
 *
 * @param {Record<string, import('../../www/page/messages.js').Catalogue>} further  By tag.
 */
export async function pageInLanguages(further) {
  const catalogues = { ...(await readCatalogues()), ...further };
  const { html } = await buildPage({ glue: join(DIST, 'haemolens.js'), models: offeredModels(), catalogues });
  return html;
}

/** A page whose module breaks over files that begin with TRAP, and never ends over those with LOOP. */
export const trappingPage = () =>
  pageWith(TRAP_AND_LOOP, 'exports[new FileReaderSync().readAsText(file.slice(0, 4))]?.()');

/** A page whose module tells the console of each file that it opens. */
export const countingPage = () => pageWith('', "console.log('opened')");
