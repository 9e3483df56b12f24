/** What a browser needs to install the page: its manifest, with its icons inside. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { grounds } from './theme.mjs';

const ICONS = fileURLToPath(new URL('../icons', import.meta.url));

/** The PNG ones are drawn from the SVG ones by www/icons/render. */
const FILES = [
  { file: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
  { file: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
  { file: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
  { file: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
];

/**
 * An icon with its picture. The page's policy governs these too, and lets no picture come from a server.
 *
 * @param {(typeof FILES)[number]} icon
 */
function whole({ file, ...icon }) {
  return { src: `data:${icon.type};base64,${readFileSync(join(ICONS, file), 'base64')}`, ...icon };
}

/**
 * @param {string} site
 * @param {import('../page/messages.js').Catalogue} catalogue  Of the language that the page is built in.
 */
export function writeManifest(site, catalogue) {
  const { dark } = grounds();
  const manifest = {
    name: 'haemolens',
    short_name: 'haemolens',
    description: catalogue['page.description'],
    lang: 'en',
    dir: catalogue['language.direction'],
    id: './',
    start_url: './',
    scope: './',
    display: 'standalone',
    background_color: dark,
    theme_color: dark,
    icons: FILES.map(whole),
  };
  writeFileSync(join(site, 'manifest.webmanifest'), `${JSON.stringify(manifest, null, 2)}\n`);
}
