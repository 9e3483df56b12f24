import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';

import Ajv from 'ajv/dist/2020.js';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { builtPage } from './altered-page.mjs';
import { offer, shiftedModel } from './drawn-models.mjs';
import { REPOSITORY, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const { en, fr } = await readCatalogues();

const json = (file) => JSON.parse(readFileSync(join(REPOSITORY, 'models', file), 'utf8'));
const CARD = json('card.json');

describe('the model card as JSON', () => {
  const validate = new Ajv({ allErrors: true }).compile(json('card.schema.json'));

  test('follows its schema', () => {
    assert.ok(validate(CARD), JSON.stringify(validate.errors, null, 2));
  });

  test('does not follow it when a part is missing or one too many', () => {
    const { outOfScope, ...without } = CARD;
    assert.ok(outOfScope.length > 0 && !validate(without));
    assert.ok(!validate({ ...CARD, remark: 'more' }));
    const [model, ...others] = CARD.models;
    assert.ok(!validate({ ...CARD, models: [{ ...model, sha256: 'unknown' }, ...others] }));
  });

  test('names sources and folds that there are, and each failure once', () => {
    const names = CARD.sources.map(({ name }) => name);
    for (const { source } of CARD.partition.folds) assert.ok(names.includes(source), source);
    for (const { name, failures } of CARD.models) {
      const files = failures.slices.map(({ source, file }) => `${source}/${file}`);
      assert.equal(new Set(files).size, files.length, name);
    }
  });
});

describe('what the page shows of the model card', () => {
  let browser, site, visitor;

  before(async () => {
    site = await serveSite(offer({ alexnet: shiftedModel('alexnet', '0.2.0', 0.75) }));
    browser = await launchBrowser();
  });
  afterEach(() => visitor?.close());
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  async function visit(address = '') {
    visitor = await Visitor.open(browser, site.url + address, { offline: false });
    await visitor.modelIs('ready');
    await visitor.page.locator('footer details summary').first().click();
  }

  const report = () => visitor.page.getByTestId('model-report');
  const section = (heading) => report().locator(`details[data-section="${heading}"]`);

  test('has a section for each part, closed until it is opened', async () => {
    await visit();
    const headings = await report().locator('summary').allInnerTexts();
    const keys = [
      'intendedUse', 'outOfScope', 'sources', 'bySource', 'byKind', 'bySize', 'byPlace', 'failures', 'limitations',
      'notMeasured',
    ];
    assert.deepEqual(headings, keys.map((key) => en[`card.${key}`]));
    assert.equal(await report().locator('details[open]').count(), 0);
    await section('card.outOfScope').locator('summary').click();
    const shown = await section('card.outOfScope').locator('li').allInnerTexts();
    assert.deepEqual(shown, CARD.outOfScope);
    const model = CARD.models.find(({ name }) => name === 'alexnet-svm');
    const subdural = model.performance.find(({ group, slicesOf }) => group === 'SDH' && slicesOf === 'CT-ICH');
    await section('card.byKind').locator('summary').click();
    const figures = await section('card.byKind').innerText();
    const { low, value } = subdural.figures.sensitivity;
    assert.ok(figures.includes(`Sensitivity ${value.toFixed(3)} (95 % interval ${low.toFixed(3)}`), figures);
    assert.ok(figures.includes(`Slices ${subdural.slices}, with haemorrhage`), figures);
    assert.deepEqual(visitor.complaints, []);
  });

  test('is in French but for its sentences, which are marked as English, and stays open', async () => {
    await visit();
    await section('card.limitations').locator('summary').click();
    await visitor.page.getByTestId('language-select').selectOption('fr');
    assert.equal(await section('card.limitations').locator('summary').innerText(), fr['card.limitations']);
    const marked = section('card.limitations').locator('li [lang="en"]');
    assert.deepEqual(await marked.allInnerTexts(), CARD.limitations);
  });

  test('is empty for a model that the card does not know', async () => {
    await visit();
    assert.ok((await report().locator('details').count()) > 5);
    await visitor.page.getByTestId('model-select').selectOption('alexnet');
    await visitor.modelInUse('AlexNet');
    assert.equal(await report().locator('details').count(), 0);
  });

  test('came with the page, and is small', () => {
    const [, data] = builtPage().match(/data-part="model-reports">([^<]*)<\/script>/);
    assert.ok(data.length < 64e3, `${data.length} characters`);
  });
});
