/** Makes one file of the lesson, with the report's numbers inside. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { readCatalogues } from './catalogues.mjs';
import { lessonData } from './lesson-data.mjs';
import { modelFile } from './models.mjs';
import { oneFile, replaceOnce } from './one-file.mjs';

/**
 * @param {object} options
 * @param {string} options.glue  See `workerScript` in one-file.mjs.
 * @param {import('./models.mjs').ModelFile[]} options.models
 * @param {string} options.repository  The folder that `models/report` is in.
 * @param {string} options.site  Where `learn/` has the f32 networks' module, if it was built.
 * @returns {Promise<import('./one-file.mjs').OneFile>}
 */
export async function buildLesson({ glue, models, repository, site }) {
  const reference = join(site, 'learn/reference.js');
  const built = existsSync(reference);
  const lesson = await oneFile({
    html: 'learn/index.html',
    script: 'learn/lesson.js',
    style: 'learn/lesson.css',
    worker: 'learn/worker.js',
    glue,
    reference: built ? reference : undefined,
    models,
    catalogues: await readCatalogues(),
    connected: true,
  });
  // The page checks and keeps it as it does the models, from whose folder it is named; none of them can
  // have this name.
  const file = '../learn/reference_bg.wasm';
  const module = built ? modelFile('learn/reference', file, join(site, 'models', file)) : null;
  const data = JSON.stringify(lessonData(repository)).replaceAll('<', '\\u003c');
  let html = replaceOnce(lesson.html, 'null</script>', `${JSON.stringify(module)}</script>`);
  html = replaceOnce(html, '{}</script>', `${data}</script>`);
  return { ...lesson, html };
}
