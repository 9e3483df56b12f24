/**
 * Makes one file of the whole site, which opens from the disk by a double click:
 * `node standalone.mjs SITE FILE`. It holds the module with its model, and has no connection from its
 * first byte on; further models and the service worker are for pages with a server.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { buildPage } from './page.mjs';

const [site, file] = process.argv.slice(2);
const code = gzipSync(readFileSync(join(site, 'haemolens_bg.wasm')), { level: 9 }).toString('base64');
const { html } = await buildPage({ glue: join(site, 'haemolens.js'), models: [], code });
writeFileSync(file, html);
console.log(`${file}: ${(Buffer.byteLength(html) / 1e6).toFixed(1)} MB`);
