/**
 * Times what the map of contributions costs a visitor: `node map.mjs MODELS DIST`, the folder with the drawn
 * slices and the project's site. For each slice of the study, once all have their answers: from the moment
 * when the map is wanted to the next picture of the page with the map in it, and how much more that is than
 * the slice's answer took, which is computed again for its map. Prints the figures, and puts them into
 * ../results.json. See ../README.md.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './browser.mjs';
import { median, quantile, rounded } from './figures.mjs';
import { serve } from './site.mjs';

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), '../results.json');

const [models, dist] = process.argv.slice(2);
const study = readdirSync(join(models, 'study')).map((name) => join(models, 'study', name));
const site = await serve({ dist });
const { context, close } = await openBrowser();
const tab = await context.newPage();
await tab.goto(`${site.address}/dist/index.html`);
await tab.locator('[data-part="status"][data-phase="ready"]').waitFor();
await tab.locator('[data-testid="file-input"]').setInputFiles(study);
await tab.waitForFunction((count) => {
  const done = document.querySelectorAll('[data-testid="slice-list"] [data-state="done"]');
  return done.length === count;
}, study.length);

/**
 * Wants the map of the slice that is shown, and then no more; gives the milliseconds until it was seen, and
 * those that the answer had taken.
 */
async function wantMap() {
  const toggle = document.querySelector('[data-testid="map-toggle"]');
  const facts = document.querySelector('[data-testid="map-facts"]');
  const shown = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (facts.hidden) return;
      observer.disconnect();
      // Not before the frame that it is drawn in.
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }).observe(facts, { attributes: true });
  });
  const wanted = performance.now();
  toggle.click();
  const ms = (await shown) - wanted;
  toggle.click();
  return { ms, answerMs: parseFloat(document.querySelector('[data-part="time"]').textContent) };
}

const rows = tab.locator('[data-testid="slice-list"] [role="option"]');
await rows.first().click();
const times = [];
for (let i = 0; i < study.length; i += 1) {
  if (i > 0) await tab.keyboard.press('ArrowDown');
  // The picture comes first.
  await tab.waitForTimeout(200);
  times.push(await tab.evaluate(wantMap));
}
await close();
site.close();

const seen = times.map(({ ms }) => ms);
const more = times.map(({ ms, answerMs }) => ms - answerMs);
const figures = {
  slices: times.length,
  seenMs: rounded(median(seen)),
  leastSeenMs: rounded(Math.min(...seen)),
  moreThanAnswerMs: rounded(median(more)),
};
console.table(figures);
const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
writeFileSync(RESULTS, `${JSON.stringify({ ...results, map: figures }, null, 2)}\n`);
