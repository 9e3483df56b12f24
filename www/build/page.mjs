/** Makes one file of the page. */
import { readCatalogues, withoutLesson } from './catalogues.mjs';
import { modelReports } from './model-reports.mjs';
import { oneFile, replaceOnce } from './one-file.mjs';

/**
 * @param {object} options
 * @param {string} options.glue  See `workerScript` in one-file.mjs.
 * @param {import('./models.mjs').ModelFile[]} options.models  Those that a visitor can choose besides the
 *   one inside the module.
 * @param {string} [options.code]  The module itself, gzipped, in base64, for a page without a server.
 * @param {import('./catalogues.mjs').Catalogues} [options.catalogues]  Those of page/messages, if no
 *   others are given.
 * @returns {Promise<import('./one-file.mjs').OneFile>}
 */
export async function buildPage({ glue, models, code, catalogues }) {
  const page = await oneFile({
    html: 'index.html',
    script: 'page/app.js',
    style: 'page/style.css',
    worker: 'page/worker.js',
    glue,
    models,
    catalogues: withoutLesson(catalogues ?? (await readCatalogues())),
    connected: !code,
  });
  const reports = JSON.stringify(modelReports(models)).replaceAll('<', '\\u003c');
  const whole = replaceOnce(page.html, '{}</script>', `${reports}</script>`);
  if (!code) return { ...page, html: whole };
  let html = whole.replace(/ *<link rel="(preload|manifest)"[^>]*>\n/g, '');
  // There is no lesson beside a page without a server.
  html = replaceOnce(html, html.match(/ *<p data-part="lesson-link">.*?<\/p>\n/s)?.[0] ?? 'the link', '');
  html = replaceOnce(html, '</body>', `<script type="text/plain" data-part="module">${code}</script>\n  </body>`);
  return { ...page, html };
}
