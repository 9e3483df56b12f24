import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { DIST, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 128;

/** What no export may hold unless it was asked for: folder, file names, and what stands in the files. */
const NAMES = /doe|jane|letter/i;

const NOT_A_DEVICE = 'Research software, not a medical device: never base a diagnosis on it.';

describe('results leave the page', () => {
  let site, browser, visitor, page, patient;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    patient = join(folder, 'Doe^Jane');
    mkdirSync(join(patient, 'series'), { recursive: true });
    writeFileSync(join(patient, 'series', 'Doe-1.dcm'), ctFile(SIDE, [head(SIDE, 16), head(SIDE)]));
    writeFileSync(join(patient, 'series', 'Doe-2.dcm'), ctFile(SIDE, [head(SIDE, 6)]));
    writeFileSync(join(patient, 'series', 'letter-Doe.txt'), 'Dear colleague');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url, { offline: false });
    ({ page } = visitor);
  });
  afterEach(() => visitor.close());

  async function examine(who = visitor) {
    await who.modelIs('ready');
    await who.page.locator('#folder-input').setInputFiles(patient);
    await who.settled(4);
  }

  /** Clicks a button that saves a file, and gives the file's name and content. */
  async function saved(name, who = visitor) {
    const [download] = await Promise.all([
      who.page.waitForEvent('download'),
      who.page.getByRole('button', { name }).click(),
    ]);
    return { name: download.suggestedFilename(), content: readFileSync(await download.path(), 'utf8') };
  }

  const rows = (table) => table.trimEnd().split('\r\n').map((line) => line.split(','));

  test('as a table, without names unless they are asked for', async () => {
    await examine();
    const { name, content } = await saved('Save as CSV');
    assert.match(name, /^haemolens-\d{4}-\d\d-\d\d\.csv$/);
    assert.doesNotMatch(content, NAMES);
    const [headings, ...lines] = rows(content);
    assert.equal(headings[0], 'file');
    assert.ok(!headings.includes('trueLabel'), 'nothing is known to be true');
    assert.deepEqual(lines.map(([slice]) => slice), ['slice 1', 'slice 2', 'slice 3', 'slice 4']);
    await page.getByTestId('with-names').check();
    const named = rows((await saved('Save as CSV')).content).slice(1);
    assert.deepEqual(named.map(([file]) => file), [
      'Doe^Jane/series/Doe-1.dcm (1 of 2)',
      'Doe^Jane/series/Doe-1.dcm (2 of 2)',
      'Doe^Jane/series/Doe-2.dcm',
      'Doe^Jane/series/letter-Doe.txt',
    ]);
    assert.deepEqual(named.map(([, ...answer]) => answer), lines.map(([, ...answer]) => answer));
  });

  test('as one JSON object with every answer, error and examination', async () => {
    await examine();
    const { name, content } = await saved('Save as JSON');
    assert.match(name, /\.json$/);
    assert.doesNotMatch(content, NAMES);
    const results = JSON.parse(content);
    assert.equal(results.format, 'haemolens-results');
    assert.equal(results.formatVersion, 2);
    assert.ok(Math.abs(Date.parse(results.date) - Date.now()) < 600_000);
    assert.equal(results.notice, NOT_A_DEVICE);
    assert.equal(results.model.name, 'alexnet-svm');
    assert.deepEqual(
      results.answers.map(({ slice, frame, frames }) => [slice, frame, frames]),
      [[1, 0, 2], [2, 1, 2], [3, 0, 1]],
    );
    const shown = await visitor.allResults();
    for (const [i, answer] of results.answers.entries()) {
      const { label, probability, margin, distance } = shown[i];
      assert.deepEqual(
        { label: answer.label, probability: answer.probability, margin: answer.margin, distance: answer.distance },
        { label, probability, margin, distance },
      );
      assert.deepEqual(answer.kinds.map(({ kind }) => kind), ['EDH', 'IPH', 'IVH', 'SAH', 'SDH']);
      for (const { probability } of answer.kinds) assert.ok(probability > 0 && probability < 1);
      for (const key of ['inconclusive', 'inDistribution']) assert.equal(typeof answer[key], 'boolean');
      assert.equal(typeof answer.threshold, 'number');
      assert.equal(answer.reason === null, answer.inDistribution);
    }
    assert.deepEqual(results.errors.map(({ slice, name: error }) => [slice, error]), [[4, 'UnsupportedFormat']]);
    assert.equal(results.studies.length, 1);
    const [study] = results.studies;
    const highest = results.answers.toSorted((a, b) => b.margin - a.margin)[0];
    assert.equal(study.leading[0].slice, highest.slice);
    assert.deepEqual(study.series.flatMap(({ slices }) => slices).sort(), [1, 2, 3]);
    assert.deepEqual(study.failed, [4]);
    await page.getByTestId('with-names').check();
    const named = JSON.parse((await saved('Save as JSON')).content);
    assert.equal(named.answers[2].file, 'Doe^Jane/series/Doe-2.dcm');
    assert.equal(named.errors[0].file, 'Doe^Jane/series/letter-Doe.txt');
  });

  test('copied, without names unless they are asked for', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await examine();
    assert.doesNotMatch(await visitor.copyTable(), NAMES);
    await page.getByRole('button', { name: 'Copy as CSV' }).waitFor();
    await page.getByTestId('with-names').check();
    assert.match(await visitor.copyTable(), NAMES);
  });

  test('printed: the report, and nothing else of the page', async () => {
    await examine();
    const report = page.getByTestId('report');
    assert.equal(await report.isVisible(), false);
    await page.evaluate(() => window.addEventListener('beforeprint', () => (window.printed = true)));
    await page.getByRole('button', { name: 'Print report' }).click();
    await page.waitForFunction(() => window.printed);
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    const words = await page.locator('body').innerText();
    assert.match(words, /^Brain CT examined by haemolens/);
    assert.equal(words.split(NOT_A_DEVICE).length, 2);
    assert.match(words, /AlexNet-SVM \d/);
    assert.match(words, new RegExp(String(new Date().getFullYear())));
    assert.match(words, /4 slices, Haemorrhage \(\d\), .*Not examined \(1\)/);
    assert.doesNotMatch(words, NAMES);
    const figures = await report.locator('tbody tr').evaluateAll((lines) =>
      lines.map((line) => [...line.children].map(({ textContent }) => textContent)),
    );
    const order = figures.map(([name]) => name);
    assert.deepEqual(order.toSorted(), ['slice 1', 'slice 2', 'slice 3', 'slice 4']);
    assert.equal(order[3], 'slice 4', 'what has no answer stands last');
    const margins = figures.slice(0, 3).map(([, , , margin]) => parseFloat(margin.replace('−', '-')));
    assert.deepEqual(margins, margins.toSorted((a, b) => b - a), 'highest probability first');
    assert.match(words, new RegExp(`Slices that carry it: ${order[0]} \\(`));
    assert.match(figures[3][1], /^Not examined: UnsupportedFormat$/);
    const pictures = await report.locator('figure canvas').evaluateAll((all) => all.map(({ width }) => width));
    assert.ok(pictures.length >= 3 && pictures.every((width) => width > 0), `pictures: ${pictures}`);
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(ground, 'rgb(255, 255, 255)');
    await page.emulateMedia({ media: null });
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    assert.equal(await report.isVisible(), false);
    assert.equal(await report.locator('tbody tr').count(), 0, 'nothing is left of it');
  });

  test('behind the closed door, with no request and no complaint', async () => {
    await examine();
    const asked = visitor.requests.length;
    await saved('Save as CSV');
    await saved('Save as JSON');
    await page.getByRole('button', { name: 'Print report' }).click();
    const panel = page.getByTestId('privacy');
    assert.equal(await panel.getAttribute('data-door'), 'closed');
    assert.equal(await panel.getAttribute('data-requests'), '0');
    assert.equal(await panel.getAttribute('data-stopped'), '0');
    const elsewhere = visitor.requests.slice(asked).filter((url) => !/^(blob|data):/.test(url));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(visitor.complaints, []);
  });

  test('from the single file, opened from the disk', async (t) => {
    const alone = join(folder, 'alone.html');
    cpSync(join(DIST, 'haemolens.html'), alone);
    const local = await Visitor.open(browser, pathToFileURL(alone).href);
    t.after(() => local.close());
    await examine(local);
    assert.equal(rows((await saved('Save as CSV', local)).content).length, 5);
    assert.equal(JSON.parse((await saved('Save as JSON', local)).content).answers.length, 3);
    assert.equal(await local.page.evaluate(() => typeof window.print), 'function');
    assert.deepEqual(local.complaints, []);
  });

  test('only once the examination is answered, which comes after its slices', async (t) => {
    /** Holds back what is asked about examinations until `goOn` is called. */
    const before = () => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (message, ...rest) {
        const give = () => postMessage.call(this, message, ...rest);
        if (message?.order === 'summarise') window.goOn = give;
        else give();
      };
    };
    const late = await Visitor.open(browser, site.url, { before, offline: false });
    t.after(() => late.close());
    // The workers have nothing else to answer.
    await late.page.locator('[data-part="subdural"]:enabled').waitFor();
    await examine(late);
    await late.page.waitForFunction(() => window.goOn);
    assert.equal(await late.page.getByRole('button', { name: 'Save as JSON' }).isEnabled(), false);
    await late.page.evaluate(() => window.goOn());
    assert.equal(JSON.parse((await saved('Save as JSON', late)).content).studies.length, 1);
  });

  test('only once all is examined', async () => {
    await visitor.modelIs('ready');
    const names = ['Copy as CSV', 'Save as CSV', 'Save as JSON', 'Print report'];
    const enabled = () => Promise.all(names.map((name) => page.getByRole('button', { name }).isEnabled()));
    assert.equal(await page.getByRole('button', { name: 'Save as CSV' }).isVisible(), false);
    const busy = page.evaluate(
      () =>
        new Promise((resolve) => {
          const line = document.querySelector('[data-part="summary"]');
          new MutationObserver(() => {
            if (!/ of 40 examined/.test(line.textContent)) return;
            resolve(document.querySelector('[data-part="save-json"]').disabled);
          }).observe(line, { childList: true });
        }),
    );
    const buffer = ctFile(SIDE, [head(SIDE)]);
    await visitor.pick(Array.from({ length: 40 }, (_, i) => ({ name: `${i}.dcm`, mimeType: '', buffer })));
    assert.equal(await busy, true);
    await visitor.settled(40);
    await page.locator('[data-part="save-json"]:enabled').waitFor();
    assert.deepEqual(await enabled(), [true, true, true, true]);
  });
});
