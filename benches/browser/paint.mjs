/**
 * Times how soon the page can be seen and used: `node paint.mjs DIST`, the folder of the project's site.
 * Each run has a browser of its own with an empty cache. Prints a table, and puts its medians into
 * ../results.json. See ../README.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './browser.mjs';
import { median, quantile, rounded } from './figures.mjs';
import { serve } from './site.mjs';

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), '../results.json');
const RUNS = 11;

const [dist] = process.argv.slice(2);
const site = await serve({ dist });

/** Notes when the page's script has run, and when the classifier is ready. */
function watch() {
  window.seen = { longestTaskMs: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      window.seen.longestTaskMs = Math.max(window.seen.longestTaskMs, duration);
    }
  }).observe({ type: 'longtask', buffered: true });
  window.ready = new Promise((resolve) => {
    new MutationObserver(() => {
      const status = document.querySelector('[data-part="status"]');
      const said = status?.querySelector('[data-part="status-text"]')?.textContent ?? '';
      // What the HTML says at first, the script replaces as soon as it runs.
      if (said.trim() && !said.includes('Starting')) window.seen.interactiveMs ??= performance.now();
      if (status?.dataset.phase === 'ready') resolve((window.seen.readyMs ??= performance.now()));
    }).observe(document, { childList: true, subtree: true, attributes: true });
  });
}

/** From navigation, in milliseconds. */
async function run() {
  const { context, close } = await openBrowser();
  const tab = await context.newPage();
  await tab.addInitScript(watch);
  await tab.goto(`${site.address}/dist/index.html`);
  const seen = await tab.evaluate(async () => {
    await window.ready;
    const paints = performance.getEntriesByType('paint');
    const paintMs = paints.find(({ name }) => name === 'first-contentful-paint')?.startTime;
    return { paintMs, ...window.seen };
  });
  await close();
  return seen;
}

const runs = [];
for (let i = 0; i < RUNS; i += 1) runs.push(await run());
site.close();

const values = (name) => runs.map((seen) => seen[name]);
const names = ['paintMs', 'interactiveMs', 'readyMs', 'longestTaskMs'];
console.table(
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        median: rounded(median(values(name))),
        least: rounded(Math.min(...values(name))),
        '90 %': rounded(quantile(values(name), 0.9)),
      },
    ]),
  ),
);
const figures = Object.fromEntries(names.map((name) => [name, rounded(median(values(name)))]));
const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
writeFileSync(RESULTS, `${JSON.stringify({ ...results, paint: figures }, null, 2)}\n`);
