/** Makes one file of the page: its scripts, its worker's, its style and its icon inside its HTML. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { readCatalogues, withoutLesson } from './catalogues.mjs';
import { pagePolicy } from './policy.mjs';
import { themeMetas } from './theme.mjs';
import { withWords } from './words.mjs';

export const WWW = fileURLToPath(new URL('..', import.meta.url));

const COMMON = { bundle: true, minify: true, write: false, target: 'es2022', charset: 'utf8', legalComments: 'none' };

/** @param {import('esbuild').BuildOptions} options */
export async function bundle(options) {
  const { outputFiles, warnings } = await build({ ...COMMON, ...options });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0].text.trimEnd();
}

/**
 * The worker's script in one piece, for browsers and places that know no modules in workers.
 *
 * @param {string} glue  The file that wasm-bindgen made, or one in its place.
 * @param {string} [entry]  The worker's first module, from www/.
 */
export function workerScript(glue, entry = 'page/worker.js') {
  const found = {
    name: 'glue',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.\/haemolens\.js$/ }, () => ({ path: resolve(glue) }));
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
export const withinScript = (text) => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');

/**
 * @param {object} options
 * @param {string} options.glue  See `workerScript`.
 * @param {import('./models.mjs').ModelFile[]} options.models  Those that a visitor can choose besides the
 *   one inside the module.
 * @param {string} [options.code]  The module itself, gzipped, in base64, for a page without a server.
 * @param {import('./catalogues.mjs').Catalogues} [options.catalogues]  Those of page/messages, if no
 *   others are given.
 * @returns {Promise<{ html: string, inline: { scripts: string[], styles: string[] } }>}  With the texts
 *   that its policy names.
 */
export async function buildPage({ glue, models, code, catalogues }) {
  const languages = catalogues ?? (await readCatalogues());
  const script = withinScript(
    await bundle({
      entryPoints: [join(WWW, 'page/app.js')],
      format: 'esm',
      define: {
        WORKER_SCRIPT: JSON.stringify(await workerScript(glue)),
        CATALOGUES: JSON.stringify(withoutLesson(languages)),
      },
    }),
  );
  const style = await bundle({ entryPoints: [join(WWW, 'page/style.css')] });
  const icon = readFileSync(join(WWW, 'icons/icon.svg')).toString('base64');
  const inline = { scripts: [script], styles: [style] };
  const policy = pagePolicy(inline, { connected: !code });

  let html = withWords(readFileSync(join(WWW, 'index.html'), 'utf8'), languages.en);
  // Orders for Trunk, which has followed them by now.
  html = html.replace(/ *<link\s+data-trunk[^>]*>\n/g, '');
  html = replaceOnce(
    html,
    '<meta charset="utf-8" />',
    `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
  );
  const scheme = '<meta name="color-scheme" content="dark light" />';
  html = replaceOnce(html, scheme, `${scheme}\n    ${themeMetas()}`);
  html = replaceOnce(html, 'href="icons/icon.svg"', `href="data:image/svg+xml;base64,${icon}"`);
  html = replaceOnce(html, '<link rel="stylesheet" href="page/style.css" />', `<style>${style}</style>`);
  html = replaceOnce(html, '<script type="module" src="page/app.js"></script>', `<script type="module">${script}</script>`);
  html = replaceOnce(html, '[]</script>', `${JSON.stringify(models)}</script>`);
  if (code) {
    html = html.replace(/ *<link rel="(preload|manifest)"[^>]*>\n/g, '');
    // There is no lesson beside a page without a server.
    html = replaceOnce(html, html.match(/ *<p data-part="lesson-link">.*?<\/p>\n/s)?.[0] ?? 'the link', '');
    html = replaceOnce(html, '</body>', `<script type="text/plain" data-part="module">${code}</script>\n  </body>`);
  }
  return { html, inline };
}
