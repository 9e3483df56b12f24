/**
 * Times the page as a visitor meets it: `node page.mjs MODELS DIST`, the folder with the drawn slices
 * and the project's site. Prints a table, and puts it into ../results.json. See ../README.md.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './browser.mjs';
import { median, rounded } from './figures.mjs';
import { serve } from './site.mjs';

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), '../results.json');
const REPEATS = 7;
const CLASSIFICATIONS = 60;
const WARM_UP = 20;
const WARM_STUDIES = 2;

const [models, dist] = process.argv.slice(2);
const browser = dirname(fileURLToPath(import.meta.url));
const site = await serve({ dist, models, browser });
const page = `${site.address}/dist/index.html`;
const study = readdirSync(join(models, 'study')).map((name) => join(models, 'study', name));

/** Lets the page believe that there are so many processors. */
function pretendProcessors(count) {
  Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => count });
}

/** Notes, in milliseconds since navigation, when files were added and when all were answered. */
function watch() {
  window.seen = {};
  window.answered = new Promise((resolve) => (window.seen.tell = resolve));
  document.addEventListener('DOMContentLoaded', () => {
    const list = document.querySelector('[data-testid="slice-list"]');
    new MutationObserver(() => {
      const rows = [...list.querySelectorAll('[role="option"]')];
      if (rows.length === 0) return;
      window.seen.added ??= performance.now();
      if (rows.every((row) => row.dataset.state === 'done')) {
        window.seen.tell({ added: window.seen.added, answered: performance.now() });
      }
    }).observe(list, { childList: true, subtree: true, attributes: true });
  });
}

/** Adds a file as soon as the page takes it. */
function addAtOnce(address) {
  const fetched = fetch(address).then((response) => response.blob());
  addEventListener('load', async () => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([await fetched], 'slice.jpg'));
    const input = document.querySelector('[data-testid="file-input"]');
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

const answers = (tab) => tab.evaluate(() => window.answered);

/** From navigation to the first answer, with an empty cache. */
async function coldStart() {
  const { context, close } = await openBrowser();
  const tab = await context.newPage();
  await tab.addInitScript(watch);
  await tab.addInitScript(addAtOnce, `/models${study[0].slice(models.length)}`);
  await tab.goto(page);
  const { answered } = await answers(tab);
  await close();
  return answered;
}

/** The whole study on so many workers, once they are warm. */
async function examineStudy(processors) {
  const { context, close } = await openBrowser();
  const tab = await context.newPage();
  await tab.addInitScript(pretendProcessors, processors);
  await tab.addInitScript(watch);
  await tab.goto(page);
  const input = tab.locator('[data-testid="file-input"]');
  for (let i = 0; i < WARM_STUDIES; i += 1) {
    await input.setInputFiles(study);
    await answers(tab);
    await tab.locator('[data-part="clear"]').click();
    await tab.evaluate(() => {
      window.seen = {};
      window.answered = new Promise((resolve) => (window.seen.tell = resolve));
    });
  }
  await input.setInputFiles(study);
  const { added, answered } = await answers(tab);
  await close();
  return answered - added;
}

const repeated = async (measure) => {
  const values = [];
  for (let i = 0; i < REPEATS; i += 1) values.push(await measure());
  return median(values);
};

/** What `classify` takes for one slice besides running the network, the call included. */
async function beyondInference() {
  const { context, close } = await openBrowser();
  const tab = await context.newPage();
  // The page's own policy allows no script but its own.
  await tab.goto(`${site.address}/browser/page.html`);
  const slice = study[0].slice(models.length);
  const milliseconds = await tab.evaluate(
    async ({ address, runs, warmUp }) => {
      const { default: init, Classifier } = await import('/dist/haemolens.js');
      await init();
      const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
      const classifier = new Classifier();
      const beyond = [];
      for (let i = 0; i < warmUp + runs; i += 1) {
        const started = performance.now();
        const { elapsedMs } = classifier.classify(bytes);
        beyond.push(performance.now() - started - elapsedMs.inference);
      }
      return beyond.slice(warmUp);
    },
    { address: `/models${slice}`, runs: CLASSIFICATIONS, warmUp: WARM_UP },
  );
  await close();
  return median(milliseconds);
}

const coldMs = await repeated(coldStart);
const pairs = [];
for (let i = 0; i < REPEATS; i += 1) {
  const one = await examineStudy(1);
  const two = await examineStudy(2);
  pairs.push({ one, two, faster: one / two });
}
const figures = {
  coldMs: rounded(coldMs),
  studySlices: study.length,
  studyOneWorkerMs: rounded(median(pairs.map(({ one }) => one))),
  studyTwoWorkersMs: rounded(median(pairs.map(({ two }) => two))),
  studyTwoWorkersTimesFaster: rounded(median(pairs.map(({ faster }) => faster))),
  beyondInferenceMs: rounded(await repeated(beyondInference)),
};
site.close();
console.table(figures);
const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
writeFileSync(RESULTS, `${JSON.stringify({ ...results, page: figures }, null, 2)}\n`);
