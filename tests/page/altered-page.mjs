/** The built page with other models to choose, or with another module behind it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/**
 * A module that hits a real WebAssembly trap on files that begin with TRAP, a real endless loop on those
 * that begin with LOOP.
 */
const trapping = (glue) => `
import init, { Classifier, OpenFile as Real, phantom } from ${JSON.stringify(glue)};
export default init;
export { Classifier, phantom };
const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 3, 2, 0, 0,
  7, 15, 2, 4, 84, 82, 65, 80, 0, 0, 4, 76, 79, 79, 80, 0, 1,
  10, 13, 2, 3, 0, 0, 11, 7, 0, 3, 64, 12, 0, 11, 11);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
export class OpenFile extends Real {
  static fromBlob(file) {
    exports[new FileReaderSync().readAsText(file.slice(0, 4))]?.();
    return super.fromBlob(file);
  }
}`;

/** A page, built as the site's is, whose worker has that module. */
export async function trappingPage() {
  const folder = mkdtempSync(join(tmpdir(), 'haemolens-test-'));
  try {
    const glue = join(folder, 'trapping.js');
    writeFileSync(glue, trapping(join(DIST, 'haemolens.js')));
    const { html } = await buildPage({ glue, models: offeredModels() });
    return html;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
