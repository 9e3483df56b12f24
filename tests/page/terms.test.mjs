import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { atPrevalence } from '../../www/page/answer-terms.js';
import { classifyOn, drawPhantoms, scratchFolder, study } from './command-line.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const LABELS = { haemorrhage: 'Haemorrhage', normal: 'Normal' };

test('a probability at another prevalence follows Bayes’ rule, there and back', () => {
  assert.equal(atPrevalence(0.5, 0.5, 0.1).toFixed(12), '0.100000000000');
  assert.equal(atPrevalence(atPrevalence(0.37, 0.2, 0.01), 0.01, 0.2).toFixed(12), '0.370000000000');
  assert.equal(atPrevalence(0, 0.2, 0.9), 0);
  assert.equal(atPrevalence(1, 0.2, 0.9), 1);
});

describe('the terms on which answers are given', () => {
  let site, browser, visitor, page, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    [site, browser, phantoms] = await Promise.all([serveSite(), launchBrowser(), drawPhantoms(folder)]);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url, { offline: false });
    ({ page } = visitor);
    await visitor.modelIs('ready');
  });
  afterEach(() => visitor.close());

  const panel = () => page.getByTestId('terms');
  const open = () => panel().locator('summary').click();
  const choose = (point) => page.getByTestId('operating-point').selectOption(point);
  async function say(percent) {
    await page.getByTestId('prevalence').fill(percent);
    await page.getByTestId('prevalence').press('Tab');
  }
  const examination = () =>
    page.getByTestId('study').evaluate((shown) => ({
      verdict: shown.querySelector('[data-testid="study-verdict"]').textContent,
      probability: Number(shown.querySelector('[data-testid="study-probability"]').dataset.value),
    }));
  const studySettled = () =>
    page.locator('[data-testid="study"]:not([hidden]) [data-part="studies"]:not([aria-busy]) article').waitFor();
  const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a}, ${b}`);

  test('change what is there and what comes after, as on the command line', async () => {
    const paths = Object.values(phantoms);
    await visitor.pick(paths.slice(0, 2));
    await visitor.settled(2);
    await open();
    await choose('screening');
    await say('3');
    await visitor.pick(paths[2]);
    await visitor.settled(3);
    for (const terms of [
      { operatingPoint: 'screening', prevalence: 0.03 },
      { operatingPoint: 'confirming', prevalence: 0.6 },
    ]) {
      await choose(terms.operatingPoint);
      await say(String(terms.prevalence * 100));
      const expected = await classifyOn(terms, paths);
      const shown = await visitor.allResults();
      for (const [i, { label, probability, margin }] of expected.entries()) {
        assert.equal(shown[i].label, label);
        near(shown[i].probability, probability);
        assert.equal(shown[i].margin, margin);
      }
      const margin = await page.getByTestId('margin').innerText();
      assert.ok(margin.includes(terms.operatingPoint), margin);
      const kinds = page.getByTestId('kinds').locator('li');
      if (await kinds.first().isVisible()) {
        for (const item of await kinds.all()) {
          const [kind, value] = await item.evaluate(({ dataset }) => [dataset.kind, Number(dataset.value)]);
          near(value, expected.at(-1).kinds.find((score) => score.kind === kind).probability);
        }
      }
    }
    // Back to what the model says of itself.
    await choose('balanced');
    await say('');
    const usual = await classifyOn({}, paths);
    const shown = await visitor.allResults();
    assert.deepEqual(shown.map(({ probability }) => probability), usual.map(({ probability }) => probability));
    assert.deepEqual(visitor.complaints, []);
  });

  test('hold for whole examinations, and are saved with them', async () => {
    await visitor.drop([folder]);
    await visitor.settled(3);
    await studySettled();
    const [before] = await study(folder);
    near((await examination()).probability, before.probability);
    await open();
    for (const terms of [{ operatingPoint: 'confirming', prevalence: 0.02 }, { operatingPoint: 'screening', prevalence: 0.9 }]) {
      await choose(terms.operatingPoint);
      await say(String(terms.prevalence * 100));
      await studySettled();
      const [expected] = await study(folder, terms);
      await page.waitForFunction(
        (probability) => {
          const figure = document.querySelector('[data-testid="study-probability"]');
          return Math.abs(Number(figure?.dataset.value) - probability) < 1e-9;
        },
        expected.probability,
      );
      assert.equal((await examination()).verdict, LABELS[expected.label]);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'JSON' }).click(),
      ]);
      const saved = JSON.parse(readFileSync(await download.path(), 'utf8'));
      assert.equal(saved.studies[0].operatingPoint, terms.operatingPoint);
      near(saved.studies[0].prevalence, terms.prevalence);
      assert.equal(saved.studies[0].kinds.length, 5);
      assert.ok(saved.answers.every(({ operatingPoint }) => operatingPoint === terms.operatingPoint));
    }
  });

  test('that there cannot be are named, and the answers stay', async () => {
    await visitor.pick(phantoms.subdural);
    await visitor.settled(1);
    await open();
    await say('20');
    const { probability } = await visitor.result();
    for (const wrong of ['0', '100', '-3', '1e9']) {
      await say(wrong);
      assert.match(await panel().innerText(), /between 0\.1 and 99\.9/);
      assert.equal(await page.getByTestId('prevalence').getAttribute('aria-invalid'), 'true');
      assert.equal((await visitor.result()).probability, probability);
    }
    await page.getByTestId('prevalence').press('Enter');
    assert.equal(page.url(), site.url);
    await say('30');
    assert.doesNotMatch(await panel().innerText(), /between 0\.1/);
    assert.ok((await visitor.result()).probability > probability);
  });

  test('say in either language what they mean', async () => {
    await visitor.pick(phantoms.normal);
    await visitor.settled(1);
    await open();
    const words = async () => (await panel().innerText()).replaceAll(/\s/g, ' ');
    assert.match(await words(), /balanced, 17\.4 % with haemorrhage/);
    await choose('confirming');
    assert.match(await words(), /95 % of the normal ones are passed/);
    await page.getByTestId('language-select').selectOption('fr');
    assert.match(await words(), /confirmation, 17,4 % d’hémorragies/);
    assert.match(await words(), /95 % des coupes normales/);
  });
});
