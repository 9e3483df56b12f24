/**
 * Times every engine in one Chromium, in turn: `node bench.mjs MODELS RIVALS DIST`, the folders of
 * the drawn network, of the built rivals and of the project's site. Prints a table, and writes
 * ../results.json. See ../README.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

import { openBrowser } from './browser.mjs';
import { ENGINES } from './engines.mjs';
import { median, quantile, rounded } from './figures.mjs';
import { busyShare } from './noise.mjs';
import { serve } from './site.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROUNDS = 6;
const RUNS = 6;
const WARM_UP = 8;
const COLD_STARTS = 7;
/** A machine busier than this while the benchmark rests is not quiet. */
const QUIET = 0.1;
/** How often a round waits for quiet before it is timed regardless, and counted as noisy. */
const PATIENCE = 20;

const [models, rivals, dist] = process.argv.slice(2);
const python = process.env.PYTHON ?? 'python3';

/** The bytes that a host which compresses with brotli would send of a file. */
function compressed(path) {
  const file = readFileSync(path);
  const params = {
    // Weights of a hundred megabytes would take minutes at the highest quality.
    [constants.BROTLI_PARAM_QUALITY]: file.length > 2e7 ? 5 : 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: file.length,
  };
  return brotliCompressSync(file, { params }).length;
}

const site = await serve({
  browser: HERE,
  node_modules: join(HERE, 'node_modules'),
  models,
  rivals,
  dist,
});

/** Opens an engine's page; gives the page, the first margin and the time since navigation. */
async function open(context, engine) {
  const page = await context.newPage();
  await page.goto(`${site.address}/browser/page.html`);
  const first = await page.evaluate(({ worker, files }) => start(worker, files), engine);
  return { page, ...first };
}

let measured = ENGINES.filter(({ name, files }) => {
  const missing = Object.values(files).find((address) => !existsSync(site.file(address)));
  if (missing) console.error(`${name} is left out: there is no ${missing}.`);
  return !missing;
}).map((engine) => ({ engine, milliseconds: [], cold: [], noisy: 0 }));

// Cold starts, each with an empty cache, all engines in turn.
for (let i = 0; i < COLD_STARTS; i += 1) {
  for (const entry of measured.filter(({ cold }) => cold.length === i)) {
    const { context, close } = await openBrowser();
    try {
      entry.cold.push((await open(context, entry.engine)).coldMs);
    } catch (error) {
      console.error(`${entry.engine.name} is left out: ${error}`);
    }
    await close();
  }
}
measured = measured.filter(({ cold }) => cold.length === COLD_STARTS);

const { context, close } = await openBrowser();
for (const entry of measured) {
  entry.page = (await open(context, entry.engine)).page;
  await entry.page.evaluate((times) => ask('run', times), WARM_UP);
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const entry of measured) {
    let patience = PATIENCE;
    while ((await busyShare(200)) > QUIET && patience > 0) patience -= 1;
    if (patience === 0) entry.noisy += 1;
    await entry.page.bringToFront();
    const runs = await entry.page.evaluate((times) => ask('run', times + 1), RUNS);
    // The first run after another engine's finds cold caches.
    entry.milliseconds.push(...runs.slice(1).map((run) => run.milliseconds));
    entry.margin = runs[0].margin;
  }
}
for (const entry of measured) {
  entry.memory = await entry.page.evaluate(() => ask('memory'));
}
const version = context.browser()?.version() ?? (await measured[0].page.evaluate(() => navigator.userAgent));
await close();
site.close();

const engines = measured.map(({ engine, milliseconds, cold, memory, margin, noisy }) => ({
  name: engine.name,
  threads: engine.threads,
  build: engine.build,
  medianMs: rounded(median(milliseconds)),
  p90Ms: rounded(quantile(milliseconds, 0.9)),
  coldMs: rounded(median(cold)),
  transferBrotliBytes: Object.values(engine.files)
    .map((address) => compressed(site.file(address)))
    .reduce((a, b) => a + b),
  wasmBytes: memory,
  margin,
  noisyRounds: noisy,
}));
const native = JSON.parse(execFileSync(python, [join(HERE, '../network/native.py'), models]));
for (const [name, { milliseconds, margin }] of Object.entries(native.engines)) {
  engines.push({
    name,
    threads: 1,
    build: 'native',
    medianMs: rounded(median(milliseconds)),
    p90Ms: rounded(quantile(milliseconds, 0.9)),
    margin,
  });
}

const packages = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')).dependencies;
const results = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}`,
  browser: version,
  versions: { ...packages, 'onnxruntime (native)': native.version },
  runs: ROUNDS * RUNS,
  engines,
};
writeFileSync(join(HERE, '../results.json'), `${JSON.stringify(results, null, 2)}\n`);

const best = (part) => Math.min(...engines.filter(part).map((engine) => engine.medianMs));
const rival = best(({ name }) => name.startsWith('onnxruntime-web'));
console.table(
  engines.map(({ name, medianMs, p90Ms, coldMs, transferBrotliBytes, wasmBytes, noisyRounds }) => ({
    engine: name,
    'median ms': medianMs,
    '90 % ms': p90Ms,
    'of onnxruntime-web': rounded(medianMs / rival),
    'cold start ms': coldMs ? Math.round(coldMs) : '–',
    'download MB': transferBrotliBytes ? rounded(transferBrotliBytes / 1e6) : '–',
    'memory MB': wasmBytes ? Math.round(wasmBytes / 2 ** 20) : '–',
    'noisy rounds': noisyRounds ?? '–',
  })),
);
