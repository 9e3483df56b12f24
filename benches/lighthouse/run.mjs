/**
 * Has Lighthouse judge the built page, on this machine, as a desktop: `node run.mjs DIST`. Prints its
 * scores, puts them into scores.json, and fails where one is below the goal. CHROMIUM names the browser.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

import { serve } from '../browser/site.mjs';

const SCORES = join(dirname(fileURLToPath(import.meta.url)), 'scores.json');
const GOAL = 95;

const [dist] = process.argv.slice(2);
const site = await serve({ dist });
const chrome = await launch({
  chromePath: process.env.CHROMIUM,
  chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
});
try {
  const { lhr } = await lighthouse(`${site.address}/dist/index.html`, { port: chrome.port }, desktopConfig);
  const scores = Object.fromEntries(
    Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]),
  );
  console.table(scores);
  for (const { id, title, score, displayValue } of Object.values(lhr.audits)) {
    if (score !== null && score < 1) console.log(`${id}: ${title} ${displayValue ?? ''}`);
  }
  const paint = Math.round(lhr.audits['first-contentful-paint'].numericValue);
  const { lighthouseVersion: version, environment, fetchTime } = lhr;
  const facts = { version, date: fetchTime.slice(0, 10), browser: environment.hostUserAgent, scores };
  writeFileSync(SCORES, `${JSON.stringify({ ...facts, firstContentfulPaintMs: paint }, null, 2)}\n`);
  if (Object.values(scores).some((score) => score < GOAL)) process.exitCode = 1;
} finally {
  chrome.kill();
  site.close();
}
