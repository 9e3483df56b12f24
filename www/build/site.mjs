/**
 * Turns what Trunk has made of the library into the whole site: `node site.mjs FOLDER`. Trunk runs it
 * (see Trunk.toml and .ci/assemble-site).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readCatalogues } from './catalogues.mjs';
import { buildLesson } from './lesson.mjs';
import { writeManifest } from './manifest.mjs';
import { copyModels } from './models.mjs';
import { buildPage } from './page.mjs';
import { headersFile, pagePolicy } from './policy.mjs';
import { writeServiceWorker } from './service-worker.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const [site] = process.argv.slice(2);
const models = copyModels(join(REPOSITORY, 'models'), site);
const glue = join(site, 'haemolens.js');
const page = await buildPage({ glue, models });
const lesson = await buildLesson({ glue, models, repository: REPOSITORY, site });
writeFileSync(join(site, 'index.html'), page.html);
mkdirSync(join(site, 'learn'), { recursive: true });
writeFileSync(join(site, 'learn/index.html'), lesson.html);
writeManifest(site, (await readCatalogues()).en);
await writeServiceWorker(site, ['index.html', 'learn/index.html', 'haemolens_bg.wasm', 'manifest.webmanifest']);
// One header for both: each page's own policy names its own scripts alone.
const scripts = [...page.inline.scripts, ...lesson.inline.scripts];
const styles = [...page.inline.styles, ...lesson.inline.styles];
writeFileSync(join(site, '_headers'), headersFile(pagePolicy({ scripts, styles }, { connected: true })));
