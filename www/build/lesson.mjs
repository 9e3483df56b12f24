/** Makes one file of the lesson, with the report's numbers inside. */
import { readCatalogues } from './catalogues.mjs';
import { lessonData } from './lesson-data.mjs';
import { oneFile, replaceOnce } from './one-file.mjs';

/**
 * @param {object} options
 * @param {string} options.glue  See `workerScript` in one-file.mjs.
 * @param {import('./models.mjs').ModelFile[]} options.models
 * @param {string} options.repository  The folder that `models/report` is in.
 * @returns {Promise<import('./one-file.mjs').OneFile>}
 */
export async function buildLesson({ glue, models, repository }) {
  const lesson = await oneFile({
    html: 'learn/index.html',
    script: 'learn/lesson.js',
    style: 'learn/lesson.css',
    worker: 'learn/worker.js',
    glue,
    models,
    catalogues: await readCatalogues(),
    connected: true,
  });
  const data = JSON.stringify(lessonData(repository)).replaceAll('<', '\\u003c');
  return { ...lesson, html: replaceOnce(lesson.html, '{}</script>', `${data}</script>`) };
}
