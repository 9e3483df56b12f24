/**
 * Turns what Trunk has made of the library into the whole site: `node site.mjs FOLDER`. Trunk runs it
 * (see Trunk.toml and .ci/assemble-site).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readCatalogues } from './catalogues.mjs';
import { writeManifest } from './manifest.mjs';
import { copyModels } from './models.mjs';
import { buildPage } from './page.mjs';
import { headersFile } from './policy.mjs';
import { writeServiceWorker } from './service-worker.mjs';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const [site] = process.argv.slice(2);
const models = copyModels(join(REPOSITORY, 'models'), site);
const { html, policy } = await buildPage({ glue: join(site, 'haemolens.js'), models });
writeFileSync(join(site, 'index.html'), html);
writeManifest(site, (await readCatalogues()).en);
await writeServiceWorker(site, ['index.html', 'haemolens_bg.wasm', 'manifest.webmanifest']);
writeFileSync(join(site, '_headers'), headersFile(policy));
