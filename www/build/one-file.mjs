/** Makes one file of a page: its script, its worker's, its style, its icon and its words inside its HTML. */
import { readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { pagePolicy } from './policy.mjs';
import { themeMetas } from './theme.mjs';
import { withWords } from './words.mjs';

const WWW = fileURLToPath(new URL('..', import.meta.url));

const COMMON = { bundle: true, minify: true, write: false, target: 'es2022', charset: 'utf8', legalComments: 'none' };

/** @param {import('esbuild').BuildOptions} options */
async function bundle(options) {
  const { outputFiles, warnings } = await build({ ...COMMON, ...options });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0].text.trimEnd();
}

/**
 * The worker's script in one piece, for browsers and places that know no modules in workers.
 *
 * @param {string} glue  The file that wasm-bindgen made, or one in its place.
 * @param {string} entry  The worker's first module, from www/.
 * @param {string} [reference]  The same of the f32 networks' module, where there is one.
 */
function workerScript(glue, entry, reference) {
  const found = {
    name: 'glue',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\.\.\/haemolens\.js$/ }, () => ({ path: resolve(glue) }));
      onResolve({ filter: /^haemolens-reference$/ }, () =>
        reference ? { path: resolve(reference) } : { path: 'none', namespace: 'nothing' },
      );
      // Where it is not there, nobody asks for it.
      onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: 'export default null; export const run = null;' }));
    },
  };
  return bundle({
    entryPoints: [join(WWW, entry)],
    format: 'iife',
    plugins: [found],
    // The glue would load the module from beside itself, if it were not handed over.
    define: { 'import.meta.url': 'undefined' },
  });
}

/**
 * Puts something into the place of the only element that says this.
 *
 * @param {string} html
 * @param {string} mark
 * @param {string} text
 */
export function replaceOnce(html, mark, text) {
  const parts = html.split(mark);
  if (parts.length !== 2) throw new Error(`the page should say once: ${mark}`);
  return parts.join(text);
}

/** A text that stands inside a script element, where `</script` would end it. */
const withinScript = (text) => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

/**
 * A page in one file, and the texts that its policy names.
 *
 * @typedef {{ html: string, inline: { scripts: string[], styles: string[] } }} OneFile
 */

/**
 * @param {object} options
 * @param {string} options.html  This and the next three from www/; the HTML names them from where it is.
 * @param {string} options.script
 * @param {string} options.style
 * @param {string} options.worker
 * @param {string} options.glue  This and the next: see `workerScript`.
 * @param {string} [options.reference]
 * @param {import('./models.mjs').ModelFile[]} options.models  Those that a visitor can choose besides the
 *   one inside the module.
 * @param {import('./catalogues.mjs').Catalogues} options.catalogues  What the page says.
 * @param {boolean} options.connected  Whether it has a server.
 * @returns {Promise<OneFile>}
 */
export async function oneFile({ html: page, script: entry, style: sheet, worker, glue, reference, models, catalogues, connected }) {
  const script = withinScript(
    await bundle({
      entryPoints: [join(WWW, entry)],
      format: 'esm',
      define: {
        WORKER_SCRIPT: JSON.stringify(await workerScript(glue, worker, reference)),
        CATALOGUES: JSON.stringify(catalogues),
      },
    }),
  );
  const style = await bundle({ entryPoints: [join(WWW, sheet)] });
  const icon = readFileSync(join(WWW, 'icons/icon.svg')).toString('base64');
  const inline = { scripts: [script], styles: [style] };
  const policy = pagePolicy(inline, { connected });
  const from = (/** @type {string} */ file) => posix.relative(posix.dirname(page), file);

  let html = withWords(readFileSync(join(WWW, page), 'utf8'), catalogues.en);
  // Orders for Trunk, which has followed them by now.
  html = html.replace(/ *<link\s+data-trunk[^>]*>\n/g, '');
  html = replaceOnce(
    html,
    '<meta charset="utf-8" />',
    `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
  );
  const scheme = '<meta name="color-scheme" content="dark light" />';
  html = replaceOnce(html, scheme, `${scheme}\n    ${themeMetas()}`);
  html = replaceOnce(html, `href="${from('icons/icon.svg')}"`, `href="data:image/svg+xml;base64,${icon}"`);
  html = replaceOnce(html, `<link rel="stylesheet" href="${from(sheet)}" />`, `<style>${style}</style>`);
  html = replaceOnce(html, `<script type="module" src="${from(entry)}"></script>`, `<script type="module">${script}</script>`);
  html = replaceOnce(html, '[]</script>', `${JSON.stringify(models)}</script>`);
  return { html, inline };
}
