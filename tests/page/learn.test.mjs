import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { offer, smallModelWithPlaces } from './drawn-models.mjs';
import { DIST, REPOSITORY, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const STEPS = ['window', 'crop', 'input', 'conv', 'pool', 'later', 'units', 'margin', 'among', 'calibration', 'answer'];

const modelFile = (name) => join(REPOSITORY, 'models', `${name}.safetensors`);
const report = (name) => JSON.parse(readFileSync(join(REPOSITORY, 'models/report', name), 'utf8'));

describe('the lesson', () => {
  let site, browser, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite({}, { under: '/some/path/', bare: true });
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  async function open(options) {
    const visitor = await Visitor.open(browser, `${site.url}learn/`, options);
    await visitor.modelIs('ready');
    await walked(visitor, 'phantom-intraparenchymal.bmp');
    return visitor;
  }

  /** Waits until every step shows this slice. */
  async function walked(visitor, name) {
    await visitor.page.locator('[data-part="shown"]').filter({ hasText: name }).waitFor();
    await settled(visitor);
  }

  const settled = (visitor) =>
    visitor.page.waitForFunction(
      (count) =>
        document.querySelector('[data-part="steps"]').getAttribute('aria-busy') === 'false' &&
        document.querySelectorAll('.step .column').length >= count,
      STEPS.length,
    );

  /** What a step shows of a network, the only one or that of a name. */
  const step = (visitor, name, network) =>
    visitor.page.locator(`#step-${name} .column${network ? `[data-network="${network}"]` : ''}`);

  /** Waits until networks were downloaded. */
  const kept = (visitor, ...names) =>
    visitor.page.waitForFunction(async (wanted) => {
      const files = await (await caches.open('haemolens-models')).keys();
      return wanted.every((name) => files.some(({ url }) => url.includes(`/${name}.safetensors`)));
    }, names);

  /** The number that ends the margin's sum. */
  async function shownMargin(visitor, network) {
    const words = await step(visitor, 'margin', network).locator('.whole .figure').first().innerText();
    return Number(words.replace('−', '-').replace('+', ''));
  }

  /** Runs the slice in eight bits and in 32, and gives what is shown of it. */
  async function compare({ page }, network) {
    const savings = page.getByTestId('bits-savings');
    await page.getByTestId('bits-network').selectOption(network);
    await page.getByRole('button', { name: 'Compare on this slice' }).click();
    const title = await page.getByTestId('bits-network').locator('option:checked').innerText();
    await savings.filter({ hasText: `${title} on ` }).waitFor();
    const rows = await savings.locator('tbody tr').all();
    const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
    const [size, time, margin] = cells.map(([int8, f32]) => {
      const value = (words) => parseFloat(words.replace('−', '-'));
      return { int8: value(int8), f32: value(f32) };
    });
    const layers = await page.getByTestId('bits-layers').locator('tbody tr').allInnerTexts();
    const typical = layers.map((row) => parseFloat(row.match(/([\d.]+)\s%/)[1]));
    return { size, time, margin, answer: await page.getByTestId('bits-answer').innerText(), typical };
  }

  const near = (shown, expected) => assert.ok(Math.abs(shown - expected) <= 0.0005001, `${shown} for ${expected}`);

  test('takes a phantom through every step to the answer of the command line', async () => {
    const visitor = await open();
    const { page } = visitor;
    const [expected] = await classify([phantoms.intraparenchymal]);
    for (const name of STEPS) assert.ok((await step(visitor, name).locator('> *').count()) > 0, name);
    near(await shownMargin(visitor), expected.margin);
    assert.equal((await page.getByTestId('lesson-verdict').innerText()).toLowerCase(), expected.label);
    // The parts add up, by units and by places.
    for (const table of await step(visitor, 'margin').locator('table.sum').all()) {
      const figures = await table.locator('tr:not(.whole) .figure').allInnerTexts();
      const sum = figures.reduce((all, words) => all + Number(words.replace('−', '-')), 0);
      assert.ok(Math.abs(sum - expected.margin) <= 0.0006 * figures.length, `${sum}: ${figures}`);
    }
    await page.getByRole('button', { name: 'Drawn: subdural' }).click();
    await walked(visitor, 'phantom-subdural.bmp');
    const [subdural] = await classify([phantoms.subdural]);
    near(await shownMargin(visitor), subdural.margin);
    assert.notEqual(subdural.margin, expected.margin);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('shows the 96 kernels of AlexNet, what LRN changes, and the CNN beside it', async () => {
    const visitor = await open({ width: 1500 });
    const { page } = visitor;
    await page.getByTestId('network').selectOption('alexnet');
    await page.getByTestId('beside').selectOption('cnn');
    await page.locator('#step-answer .column[data-network="cnn"]').waitFor();
    await settled(visitor);
    for (const name of STEPS) assert.equal(await step(visitor, name).count(), 2, name);
    const tiles = async (network) =>
      Number(await step(visitor, 'conv', network).locator('input[type="range"]').first().getAttribute('max')) + 1;
    assert.deepEqual([await tiles('alexnet'), await tiles('cnn')], [96, 10]);
    const figures = (network) => step(visitor, 'pool', network).locator('figcaption').allInnerTexts();
    assert.deepEqual(await figures('alexnet'), ['Before LRN', 'After LRN: 55 × 55', 'After pooling: 27 × 27']);
    assert.deepEqual(await figures('cnn'), ['Before pooling: 32 × 32', 'After pooling: 16 × 16']);
    const damped = await step(visitor, 'pool', 'alexnet').locator('p[aria-live]').innerText();
    const [before, after_] = damped.match(/\d+\.\d+/g).map(Number);
    assert.ok(before > after_ && after_ > 0, damped);
    for (const name of ['alexnet', 'cnn']) {
      const [expected] = await classify([phantoms.intraparenchymal], modelFile(name));
      near(await shownMargin(visitor, name), expected.margin);
    }
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('says of each unit where it looks and what it weighs, by pointer and by keyboard', async () => {
    const visitor = await open();
    const { page } = visitor;
    const conv = step(visitor, 'conv');
    const sliders = conv.getByRole('slider');
    const details = conv.locator('.details');
    const pictures = () =>
      details.locator('canvas').evaluateAll((all) => all.map((canvas) => canvas.toDataURL()).join());
    await sliders.first().focus();
    await page.keyboard.press('Home');
    assert.equal(await sliders.last().inputValue(), '0', 'kernels and maps go together');
    const first = await pictures();
    await page.keyboard.press('ArrowRight');
    assert.equal(await sliders.first().getAttribute('aria-valuetext'), 'No. 2');
    assert.notEqual(await pictures(), first);
    assert.match(await details.innerText(), /Where it looks[^]*What it weighs/);
    // The second tile of the second row, by pointing at it.
    const board = conv.locator('.board').first();
    await board.scrollIntoViewIfNeeded();
    const box = await board.boundingBox();
    await board.hover({ position: { x: (box.width * 1.5) / 12, y: (box.height * 1.5) / 6 } });
    assert.equal(await sliders.first().inputValue(), '13');

    const units = step(visitor, 'units');
    const words = units.locator('.details p').first();
    await words.waitFor();
    const strongest = await words.innerText();
    const slider = units.getByRole('slider');
    await slider.focus();
    await page.keyboard.press((await slider.inputValue()) === '0' ? 'ArrowRight' : 'ArrowLeft');
    await page.waitForFunction((old) => document.querySelector('#step-units .details p').textContent !== old, strongest);
    const figures = (await words.innerText()).replaceAll('−', '-').match(/-?\d+\.\d+/g).map(Number);
    const [value, weight, gives] = figures;
    assert.ok(Math.abs(value * weight - gives) < 1e-3 + Math.abs(value) * 1e-4, `${figures}`);
    const places = await step(visitor, 'margin').locator('.slice-picture rect').count();
    const pictures_ = await units.locator('.slice-picture').count();
    assert.ok([36, 169].includes(places), `${places}`);
    assert.equal(await units.locator('.slice-picture rect').count(), places * pictures_);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('shows the units of every place where they are, and both means of the one that is looked at', async () => {
    const model = smallModelWithPlaces('alexnet', '0.1.0');
    const lesson = readFileSync(join(DIST, 'learn/index.html'), 'utf8');
    const { '/': page_, ...files } = offer({ alexnet: model }, lesson);
    const other = await serveSite({ '/learn/': page_, ...files });
    const visitor = await Visitor.open(browser, `${other.url}learn/`, { offline: false });
    const { page } = visitor;
    await visitor.modelIs('ready');
    await walked(visitor, 'phantom-intraparenchymal.bmp');
    await page.getByTestId('network').selectOption('alexnet');
    await page.locator('#step-answer .column[data-network="alexnet"]').waitFor();
    await settled(visitor);
    const path = join(folder, 'places.safetensors');
    writeFileSync(path, model);
    const [expected] = await classify([phantoms.intraparenchymal], path);
    near(await shownMargin(visitor), expected.margin);
    for (const table of await step(visitor, 'margin').locator('table.sum').all()) {
      const figures = await table.locator('tr:not(.whole) .figure').allInnerTexts();
      const sum = figures.reduce((all, words) => all + Number(words.replace('−', '-')), 0);
      assert.ok(Math.abs(sum - expected.margin) <= 0.0006 * figures.length, `${sum}: ${figures}`);
    }
    // Two numbers of each of ten units.
    assert.match(await step(visitor, 'margin').locator('p').first().innerText(), /weighs 20 numbers.* 10 units/);
    const units = step(visitor, 'units');
    assert.match(await units.innerText(), /16 × 16 places[^]*its mean over its 3 highest places/);
    await units.locator('.slice-picture').nth(1).waitFor();
    // The mean is of all places that are active, the other of three at most.
    const coloured = (picture) =>
      units.locator('.slice-picture').nth(picture).locator('rect').evaluateAll((all) =>
        all.filter((rect) => Number(rect.style.getPropertyValue('--strength')) > 0).length,
      );
    assert.equal(await units.locator('.slice-picture rect').count(), 2 * 256);
    assert.ok((await coloured(0)) > 3);
    assert.equal(await coloured(1), 3);
    for (const words of await units.locator('.details p').allInnerTexts()) {
      const [value, weight, gives] = words.replaceAll('−', '-').match(/-?\d+\.\d+/g).map(Number);
      assert.ok(Math.abs(value * weight - gives) < 1e-3 + Math.abs(value) * 1e-4 + Math.abs(weight) * 1e-3, words);
    }
    const words = units.locator('.details p').first();
    const strongest = await words.innerText();
    await units.getByRole('slider').focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((old) => document.querySelector('#step-units .details p').textContent !== old, strongest);
    // In eight bits and in 32: the two convolutions, the units of every place, and their means.
    const { margin, typical } = await compare(visitor, 'alexnet');
    near(margin.int8, expected.margin);
    assert.equal(typical.length, 4);
    assert.ok(typical.every((share) => share < 5), `${typical}`);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
    await other.close();
  });

  test('takes a file of the visitor’s own, with its window to move, and leafs through its slices', async () => {
    const visitor = await open();
    const { page } = visitor;
    const path = join(folder, 'two.dcm');
    writeFileSync(path, ctFile(128, [head(128), head(128, 60)]));
    const expected = await classify([path]);
    await visitor.pick(path);
    await walked(visitor, 'two.dcm');
    near(await shownMargin(visitor), expected[0].margin);
    const canvas = step(visitor, 'window').locator('canvas');
    const before_ = await canvas.evaluate((element) => element.toDataURL());
    await step(visitor, 'window').getByLabel('Width').fill('2000');
    assert.notEqual(await canvas.evaluate((element) => element.toDataURL()), before_);
    const old = await shownMargin(visitor);
    await page.getByTestId('slice').fill('1');
    await page.waitForFunction(
      (margin) => !document.querySelector('#step-margin .whole .figure').textContent.includes(margin),
      String(Math.abs(old).toFixed(3)),
    );
    await settled(visitor);
    near(await shownMargin(visitor), expected[1].margin);
    assert.notEqual(expected[0].margin, expected[1].margin);

    await visitor.pick({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.getByTestId('walk-problem').filter({ hasText: /./ }).waitFor();
    await page.getByRole('button', { name: 'Drawn: normal' }).click();
    await walked(visitor, 'phantom-normal.bmp');
    assert.equal(await page.getByTestId('walk-problem').isVisible(), false);
    await visitor.close();
  });

  test('lets nothing out once it is loaded, and works without a connection afterwards', async () => {
    const visitor = await open();
    const { page } = visitor;
    assert.match(await page.getByTestId('door').innerText(), /closed its connection/);
    assert.equal(await page.evaluate(() => typeof fetch), 'undefined');
    const loaded = visitor.requests.length;
    const elsewhere = visitor.requests.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(site.url));
    assert.deepEqual(elsewhere, []);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    // The f32 networks' module is the last to come, and is kept before it can be used.
    await page.locator('#eight-bits').waitFor();
    const kept = visitor.requests.length;
    await page.getByRole('button', { name: 'Drawn: normal' }).click();
    await walked(visitor, 'phantom-normal.bmp');
    assert.equal(visitor.requests.length, kept, `${visitor.requests.slice(loaded)}`);
    await page.context().setOffline(true);
    await page.reload();
    await visitor.modelIs('ready');
    await walked(visitor, 'phantom-intraparenchymal.bmp');
    // The networks that were downloaded are there as well.
    assert.equal(await page.getByTestId('network').locator('option').count(), 4);
    // So is the module in which they run in f32.
    const { margin } = await compare(visitor, 'cnn');
    assert.notEqual(margin.int8, margin.f32);
    await page.getByRole('link', { name: 'Back to the classifier' }).first().click();
    await page.waitForFunction(() => !location.pathname.endsWith('/learn/'));
    await visitor.modelIs('ready');
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('begins with what is there where a network does not arrive', async () => {
    const halting = await serveSite({ '/models/alexnet.safetensors': () => {} });
    const visitor = await Visitor.open(browser, `${halting.url}learn/`, { offline: false });
    await kept(visitor, 'alexnet-svm-open', 'cnn');
    await visitor.page.getByRole('button', { name: 'Begin with what is there' }).click();
    await visitor.modelIs('ready');
    await walked(visitor, 'phantom-intraparenchymal.bmp');
    const names = await visitor.page.getByTestId('network').locator('option').allInnerTexts();
    assert.deepEqual(names, ['AlexNet-SVM', 'AlexNet-SVM, open', 'CNN']);
    await visitor.close();
    await halting.close();
  });

  test('is linked from the page, and from the single file not', async () => {
    const visitor = await Visitor.open(browser, site.url, { offline: false });
    const link = visitor.page.getByRole('link', { name: /Lesson/ });
    const [lesson] = await Promise.all([visitor.page.context().waitForEvent('page'), link.click()]);
    await lesson.waitForURL(`${site.url}learn/`);
    assert.match(await lesson.title(), /lesson/);
    await visitor.close();
    assert.doesNotMatch(readFileSync(join(DIST, 'haemolens.html'), 'utf8'), /href="learn\/"/);
  });

  test('shows how figures fall in another hospital, as the report has them', async () => {
    const visitor = await open();
    const { page } = visitor;
    const { tables } = report('report.json');
    const rows = (key) => {
      const { columns, rows: found } = tables.find((one) => one.key === key);
      return found.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
    };
    const mine = (row) => row.model === 'all sources' && row['slices of'] === 'CT-ICH';
    for (const [value, protocol] of [['patients', 'held-out patients'], ['leftOut', 'source left out']]) {
      await page.locator(`input[name="hospital"][value="${value}"]`).check();
      const { AUC: auc } = rows('sources').find((row) => mine(row) && row.protocol === protocol);
      const call = rows('operating-points').find(
        (row) => mine(row) && row.protocol === protocol && row['operating point'] === 'balanced',
      );
      const shown = async (figure) =>
        parseFloat(await page.locator(`[data-source="CT-ICH"][data-figure="${figure}"]`).innerText());
      assert.equal(await shown('auc'), Number(auc.value.toFixed(2)));
      assert.equal(await shown('sensitivity'), Number(call.sensitivity.value.toFixed(2)));
      assert.equal(await shown('specificity'), Number(call.specificity.value.toFixed(2)));
    }
    assert.match(await page.getByTestId('hospital-reason').innerText(), /threshold suffers most/);
    // A family that says nothing of skill is not among them.
    assert.doesNotMatch(await page.getByTestId('hospital-figures').innerText(), /PHE-SICH/);

    const kind = (code) => page.locator(`[data-kind="${code}"].figure`).innerText();
    const told = rows('kinds').find(
      (row) => row.model === 'all sources' && row['slices of'] === 'pooled' && row.kind === 'SDH',
    );
    assert.equal(parseFloat(await kind('SDH')), Number(told['AUC against no haemorrhage'].value.toFixed(2)));
    await page.locator('input[name="against"][value="others"]').check();
    assert.equal(parseFloat(await kind('SDH')), Number(told['AUC against other kinds'].value.toFixed(2)));
    assert.match(await page.getByTestId('kind-reason').innerText(), /as against what/);
    await visitor.close();
  });

  test('shows what an answer is worth where haemorrhage is rare, and where it is common', async () => {
    const visitor = await open();
    const { page } = visitor;
    const { columns, rows } = report('report.json').tables.find(({ key }) => key === 'predictive-values');
    const figure = async (name) =>
      parseFloat(await page.locator(`[data-testid="common-figures"] [data-figure="${name}"]`).innerText());
    for (const point of ['screening', 'balanced', 'confirming']) {
      await page.getByTestId('common-point').selectOption(point);
      const row = rows.find(([of, model, found]) => of === 'studies' && model === 'all sources' && found === point);
      for (const share of ['1 %', '10 %', '50 %']) {
        await page.getByTestId('common-share').fill(String(parseInt(share, 10)));
        const [ppv, npv] = row[columns.indexOf(share)].split(' / ').map(parseFloat);
        assert.equal(await figure('ppv'), ppv, `${point}, ${share}`);
        assert.equal(await figure('npv'), npv, `${point}, ${share}`);
      }
    }
    await page.getByTestId('common-share').fill('40');
    const [all, bleeding, called, found, missed] = (await page.getByTestId('common-words').innerText())
      .replaceAll(',', '')
      .match(/\d+/g)
      .map(Number);
    assert.deepEqual([all, bleeding], [1000, 400]);
    assert.equal(found + missed, bleeding);
    assert.ok(called >= found);
    assert.equal(await page.locator('svg.outcomes path').count(), 4);
    await visitor.close();
  });

  test('shows how figures fall when patients are split, as the report has them', async () => {
    const visitor = await open();
    const { page } = visitor;
    const own = (protocol) =>
      report('report.json').figures.find(
        (one) =>
          one.network === 'alexnet-svm' && one.preset === 'paper' && one.protocol === protocol && /^own/.test(one.decision),
      ).figures;
    const shown = async () => {
      const cells = await page.locator('#protocols [data-figure]').all();
      const pairs = cells.map(async (cell) => [await cell.getAttribute('data-figure'), parseFloat(await cell.innerText())]);
      return Object.fromEntries(await Promise.all(pairs));
    };
    for (const protocol of ['paper', 'patient']) {
      await page.locator(`input[name="protocol"][value="${protocol}"]`).check();
      const figures = await shown();
      for (const [name, { value }] of Object.entries(own(protocol))) {
        const [expected, apart] = name === 'auc' ? [value, 0.00051] : [100 * value, 0.0501];
        if (name in figures) assert.ok(Math.abs(figures[name] - expected) <= apart, `${protocol} ${name}`);
      }
    }
    assert.match(await page.getByTestId('reason').innerText(), /only figure that this project stands behind/);
    const words = await page.locator('[data-part="split"] p').innerText();
    const [tested, twins, kin] = words.match(/\d+/g).map(Number);
    assert.ok(tested > 0 && twins === 0 && kin === 0, words);
    await page.locator('input[name="protocol"][value="paper"]').check();
    const random = (await page.locator('[data-part="split"] p').innerText()).match(/\d+/g).map(Number);
    assert.ok(random[1] > 0.9 * random[0] && random[2] === random[0], `${random}`);
    // Every network that was measured by both protocols can be chosen, and has its margins.
    const bars = async () => page.locator('[data-part="protocol-margins"] .bar').count();
    for (const { value } of await page.getByTestId('protocol-network').locator('option').evaluateAll((all) => all.map(({ value }) => ({ value })))) {
      await page.getByTestId('protocol-network').selectOption(value);
      assert.ok((await bars()) > 20, value);
    }
    await visitor.close();
  });

  test('runs the same weights in 32 bits, and shows how far each layer is from eight', async () => {
    const visitor = await open();
    const { page } = visitor;
    // Of AlexNet-SVM: five convolutions, FC6 at every place, and the means of its units.
    for (const [name, layers] of [['cnn', 6], ['alexnet-svm', 7]]) {
      const [expected] = await classify([phantoms.intraparenchymal], modelFile(name));
      const { size, margin, answer, typical } = await compare(visitor, name);
      assert.equal(size.int8, Number((readFileSync(modelFile(name)).length / 1e6).toFixed(1)));
      assert.ok(size.f32 > 3 * size.int8, `${JSON.stringify(size)}`);
      assert.ok(Math.abs(margin.int8 - expected.margin) < 1e-4, `${margin.int8} for ${expected.margin}`);
      // Rounding shows, and is small.
      const apart = Math.abs(margin.int8 - margin.f32);
      assert.ok(apart > 0 && apart < 0.1, JSON.stringify(margin));
      assert.match(answer, new RegExp(`stays the same, ${expected.label}`, 'i'));
      assert.equal(typical.length, layers);
      assert.ok(typical.every((error) => error > 0 && error < 5), `${typical}`);
      const chart = page.getByTestId('bits-histogram');
      const first = await chart.innerHTML();
      assert.ok((await chart.locator('.bar').count()) > 10);
      await page.getByTestId('bits-layers').getByRole('radio').last().check();
      assert.notEqual(await chart.innerHTML(), first);
    }
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('shows its first slice while the f32 networks are still coming, and does without where none come', async () => {
    let release;
    const wasm = readFileSync(join(DIST, 'learn/reference_bg.wasm'));
    const slow = (response) => {
      response.writeHead(200, { 'content-type': 'application/wasm' }).write(wasm.subarray(0, 4096));
      release = () => response.end(wasm.subarray(4096));
    };
    const slowly = await serveSite({ '/learn/reference_bg.wasm': slow });
    const visitor = await Visitor.open(browser, `${slowly.url}learn/`, { offline: false });
    const section = visitor.page.locator('#eight-bits');
    await visitor.modelIs('ready');
    await walked(visitor, 'phantom-intraparenchymal.bmp');
    assert.equal(await section.isVisible(), false);
    release();
    await section.waitFor();
    const { margin } = await compare(visitor, 'cnn');
    assert.notEqual(margin.int8, margin.f32);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
    await slowly.close();

    const halting = await serveSite({ '/learn/reference_bg.wasm': () => {} });
    const other = await Visitor.open(browser, `${halting.url}learn/`, { offline: false });
    await kept(other, 'alexnet', 'alexnet-svm-open', 'cnn');
    await other.page.getByRole('button', { name: 'Begin with what is there' }).click();
    await other.modelIs('ready');
    await walked(other, 'phantom-intraparenchymal.bmp');
    // Each is offered once the worker has it.
    await other.page.waitForFunction(() => document.querySelector('[data-testid="network"]').options.length === 4);
    assert.equal(await other.page.locator('#eight-bits').isVisible(), false);
    assert.equal(await other.page.getByRole('link', { name: 'Eight bits', exact: true }).count(), 0);
    await other.close();
    await halting.close();
  });

  test('has the paper’s tables beside ours, and a command behind every number of ours', async () => {
    const visitor = await open();
    const { page } = visitor;
    const table = page.locator('[data-table="table5"]');
    assert.ok(await table.isVisible());
    const papers = await table.locator('tr.papers').allInnerTexts();
    assert.ok(papers.some((row) => /AlexNet-SVM.*93\.00 %.*95\.00 %.*90\.00 %/s.test(row)), papers.join('\n'));
    const expected = report('report.json').tables.find(({ key }) => key === 'table5').rows.length;
    assert.equal(await table.locator('tbody tr').count(), expected);
    const links = await page.locator('.report a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.ok(links.length > 100, `${links.length} numbers`);
    for (const target of new Set(links)) assert.equal(await page.locator(target).count(), 1, target);
    const cell = table.locator('tr', { hasText: 'preset paper, patient protocol' }).first().locator('a').first();
    const target = await cell.getAttribute('href');
    assert.equal(
      await page.locator(`${target} code`).innerText(),
      'haemolens train cnn --preset paper --protocol patient',
    );
    // Only numbers of others have none.
    const ours = page.locator('.report tr', { hasText: /ours|\(preset/ });
    assert.equal(await ours.locator('td.figure:not(:has(a))').count(), 0);
    assert.equal(await page.locator('.curves svg').count(), 3);
    await visitor.close();
  });

  test('prints the lesson plan and nothing else', async () => {
    const visitor = await open({ offline: false });
    const { page } = visitor;
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('#walk').isVisible(), false);
    assert.equal(await page.locator('header').isVisible(), false);
    const plan = await page.locator('#plan').innerText();
    assert.match(plan, /41–45/);
    assert.ok((await page.locator('#plan dt').count()) >= 8);
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    const pages = pdf.match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages <= 3, `${pages} pages`);
    await visitor.close();
  });

  for (const width of [360, 1280, 1920]) {
    test(`fits a window ${width} pixels wide, and everything has a name`, async () => {
      const visitor = await open({ width, offline: false });
      const { page } = visitor;
      await page.getByTestId('beside').selectOption('cnn');
      await page.locator('#step-answer .column[data-network="cnn"]').waitFor();
      await settled(visitor);
      await page.locator('details').evaluateAll((all) => all.forEach((box) => (box.open = true)));
      const wide = await page.evaluate(() => {
        const past = [...document.body.querySelectorAll('*')].filter((element) => {
          if (element.closest('svg, .wide, .unseen')) return false;
          const { left, right } = element.getBoundingClientRect();
          return right > left && (left < -1 || right > window.innerWidth + 1);
        });
        return past.map((element) => element.outerHTML.slice(0, 200));
      });
      assert.deepEqual(wide, []);
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('[role="img"], input, select, button, a')]
          .filter((element) => {
            const labels = 'labels' in element ? [...(element.labels ?? [])].map(({ textContent }) => textContent) : [];
            const title = element.querySelector('title')?.textContent;
            const name = element.getAttribute('aria-label') ?? title ?? [element.textContent, ...labels].join('');
            return name.trim() === '';
          })
          .map((element) => element.outerHTML.slice(0, 200)),
      );
      assert.deepEqual(nameless, []);
      await visitor.close();
    });
  }
});
