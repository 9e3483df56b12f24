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

/** A module that breaks over files that begin with TRAP, by a real WebAssembly trap. */
const trapping = (glue) => `
import init, { Classifier as Real, phantom } from ${JSON.stringify(glue)};
export default init;
export { phantom };
const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0,
  7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11);
const { trap } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
export class Classifier extends Real {
  static fromModel(model) {
    return Object.setPrototypeOf(super.fromModel(model), Classifier.prototype);
  }
  examine(image) {
    if (String.fromCharCode(...image.subarray(0, 4)) === 'TRAP') trap();
    return super.examine(image);
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
