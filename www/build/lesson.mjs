/** Makes one file of the lesson, as page.mjs does of the page, with the report's numbers inside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readCatalogues } from './catalogues.mjs';
import { lessonData } from './lesson-data.mjs';
import { WWW, bundle, replaceOnce, withinScript, workerScript } from './page.mjs';
import { pagePolicy } from './policy.mjs';
import { themeMetas } from './theme.mjs';
import { withWords } from './words.mjs';

/**
 * @param {object} options
 * @param {string} options.glue  See `workerScript` in page.mjs.
 * @param {import('./models.mjs').ModelFile[]} options.models
 * @param {string} options.repository  The folder that `models/report` is in.
 * @returns {Promise<{ html: string, inline: { scripts: string[], styles: string[] } }>}
 */
export async function buildLesson({ glue, models, repository }) {
  const languages = await readCatalogues();
  const script = withinScript(
    await bundle({
      entryPoints: [join(WWW, 'learn/lesson.js')],
      format: 'esm',
      define: {
        WORKER_SCRIPT: JSON.stringify(await workerScript(glue, 'learn/worker.js')),
        CATALOGUES: JSON.stringify(languages),
      },
    }),
  );
  const style = await bundle({ entryPoints: [join(WWW, 'learn/lesson.css')] });
  const icon = readFileSync(join(WWW, 'icons/icon.svg')).toString('base64');
  const inline = { scripts: [script], styles: [style] };
  const policy = pagePolicy(inline, { connected: true });
  const data = JSON.stringify(lessonData(repository)).replaceAll('<', '\\u003c');

  let html = withWords(readFileSync(join(WWW, 'learn/index.html'), 'utf8'), languages.en);
  html = replaceOnce(
    html,
    '<meta charset="utf-8" />',
    `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
  );
  const scheme = '<meta name="color-scheme" content="dark light" />';
  html = replaceOnce(html, scheme, `${scheme}\n    ${themeMetas()}`);
  html = replaceOnce(html, 'href="../icons/icon.svg"', `href="data:image/svg+xml;base64,${icon}"`);
  html = replaceOnce(html, '<link rel="stylesheet" href="lesson.css" />', `<style>${style}</style>`);
  html = replaceOnce(html, '<script type="module" src="lesson.js"></script>', `<script type="module">${script}</script>`);
  html = replaceOnce(html, '[]</script>', `${JSON.stringify(models)}</script>`);
  html = replaceOnce(html, '{}</script>', `${data}</script>`);
  return { html, inline };
}
