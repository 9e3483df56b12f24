/** The service worker of one version of the site. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../offline/service-worker.js', import.meta.url));

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/**
 * @param {string} site
 * @param {string[]} files  What it keeps, from the site's folder.
 */
export async function writeServiceWorker(site, files) {
  const kept = files.map((file) => ({
    // A page has the address of its folder.
    path: file.replace(/(^|\/)index\.html$/, '$1'),
    sha256: sha256(readFileSync(join(site, file))),
  }));
  await build({
    entryPoints: [SOURCE],
    outfile: join(site, 'service-worker.js'),
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    define: {
      SITE_FILES: JSON.stringify(kept),
      SITE_VERSION: JSON.stringify(sha256(JSON.stringify(kept)).slice(0, 16)),
    },
  });
}
