/**
 * Times networks against each other in the project's module, by turns in one browser:
 * `node inference.mjs DIST MODEL…`, the project's site and model files, the first of which the others
 * are compared with. Prints the median milliseconds of inference (input to margin, one thread) of 60
 * turns, and the ratio to the first.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './browser.mjs';
import { median, rounded } from './figures.mjs';
import { serve } from './site.mjs';

const WARM_UP = 10;
const TURNS = 60;

const [dist, ...models] = process.argv.slice(2);
const folders = Object.fromEntries(models.map((model, i) => [`models${i}`, dirname(model)]));
const page = dirname(fileURLToPath(import.meta.url));
const site = await serve({ dist, page, ...folders });
const { context, close } = await openBrowser();
const tab = await context.newPage();
await tab.goto(`${site.address}/page/page.html`);
const addresses = models.map((model, i) => `/models${i}/${basename(model)}`);
const times = await tab.evaluate(
  async ({ addresses, warmUp, turns }) => {
    const module = await import('/dist/haemolens.js');
    await module.default();
    const picture = module.phantom('subdural');
    const classifiers = [];
    for (const address of addresses) {
      const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
      classifiers.push(module.Classifier.fromModel(bytes));
    }
    const times = classifiers.map(() => []);
    for (let turn = 0; turn < warmUp + turns; turn += 1) {
      for (const [i, classifier] of classifiers.entries()) {
        const { inference } = classifier.classify(picture).elapsedMs;
        if (turn >= warmUp) times[i].push(inference);
      }
    }
    return times;
  },
  { addresses, warmUp: WARM_UP, turns: TURNS },
);
await close();
site.close();

const medians = times.map(median);
console.table(
  models.map((model, i) => ({
    model: basename(model),
    inferenceMs: rounded(medians[i]),
    ratio: rounded(medians[i] / medians[0]),
  })),
);
