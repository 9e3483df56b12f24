/**
 * Has Lighthouse judge the built page, on this machine, as a desktop: `node run.mjs DIST`. Prints the
 * scores of the run in the middle of several, puts them into scores.json, and fails where one is below
 * the goal. CHROMIUM names the browser.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

import { serve } from '../browser/site.mjs';

const SCORES = join(dirname(fileURLToPath(import.meta.url)), 'scores.json');
const GOAL = 95;
const RUNS = 3;

/**
 * Lighthouse asks for these files from within the page, after it has loaded. By then the page's policy
 * refuses every connection, so that the audits fail whatever the server has.
 */
const REFUSED_BY_THE_POLICY = ['robots-txt', 'llms-txt'];

const [dist] = process.argv.slice(2);
const site = await serve({ dist });
const config = {
  ...desktopConfig,
  settings: { ...desktopConfig.settings, skipAudits: REFUSED_BY_THE_POLICY },
};

/** A run in a browser of its own. */
async function judge() {
  const chrome = await launch({
    chromePath: process.env.CHROMIUM,
    chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  try {
    return (await lighthouse(`${site.address}/dist/index.html`, { port: chrome.port }, config)).lhr;
  } finally {
    chrome.kill();
  }
}

const runs = [];
for (let i = 0; i < RUNS; i += 1) runs.push(await judge());
site.close();
const performance = ({ categories }) => categories.performance.score ?? 0;
const lhr = runs.sort((a, b) => performance(a) - performance(b))[Math.floor(RUNS / 2)];

const scores = Object.fromEntries(
  Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]),
);
console.table(scores);
for (const { id, title, score, displayValue } of Object.values(lhr.audits)) {
  if (score !== null && score < 1) console.log(`${id}: ${title} ${displayValue ?? ''}`);
}
const facts = {
  version: lhr.lighthouseVersion,
  date: lhr.fetchTime.slice(0, 10),
  browser: lhr.environment.hostUserAgent,
  runs: RUNS,
  skipped: REFUSED_BY_THE_POLICY,
  scores,
  firstContentfulPaintMs: Math.round(lhr.audits['first-contentful-paint'].numericValue),
};
writeFileSync(SCORES, `${JSON.stringify(facts, null, 2)}\n`);
if (Object.values(scores).some((score) => score < GOAL)) process.exitCode = 1;
