import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { offer, shiftedModel, smallModel } from './drawn-models.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { trappingModule } from './trapping-module.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const MARGIN_TOLERANCE = 1e-4;

const TITLES = { 'alexnet-svm': 'AlexNet-SVM', alexnet: 'AlexNet', cnn: 'CNN' };

const MODELS = { alexnet: shiftedModel('alexnet', '0.2.0', 0.75), cnn: smallModel('cnn', '0.3.0') };

describe('another model', () => {
  let browser, site, special, visitor, phantoms, page;
  const folder = scratchFolder(after);

  before(async () => {
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
    for (const [name, file] of Object.entries(MODELS)) writeFileSync(join(folder, `${name}.safetensors`), file);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    special = offer(MODELS);
    site = await serveSite(special);
  });
  afterEach(async () => {
    await visitor?.close();
    await site.close();
  });

  async function visit(options) {
    visitor = await Visitor.open(browser, site.url, options);
    ({ page } = visitor);
    await visitor.modelIs('ready');
    await page.getByTestId('model-select').waitFor();
  }

  const status = () => page.locator('[data-part="status"]').innerText();
  const chosen = () => page.getByTestId('model-select').inputValue();
  const answeredBy = () => page.getByTestId('answered-by').innerText();
  const choose = (name) => page.getByTestId('model-select').selectOption(name);
  const downloads = (name) => visitor.requests.filter((url) => url.includes(`/models/${name}.safetensors`)).length;

  /** Chooses a model and waits until it is in use. */
  async function use(name) {
    await choose(name);
    await page
      .locator('[data-part="announcement"]')
      .filter({ hasText: `${TITLES[name]} is in use` })
      .waitFor();
    assert.equal(await chosen(), name);
  }

  async function examine(path) {
    const before = (await visitor.rows()).length;
    await visitor.pick(path);
    await visitor.settled(before + 1);
    return visitor.result();
  }

  /** A server that gives half of a model, and the rest when it is told to. */
  function halting(file) {
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    const answer = (response) => {
      response.writeHead(200, { 'content-length': file.length });
      response.write(file.subarray(0, file.length / 2));
      gate.then(() => response.end(file.subarray(file.length / 2)));
    };
    return { answer, go };
  }

  test('is chosen by name and size; the one at first is AlexNet-SVM', async () => {
    await visit();
    const select = page.getByRole('combobox', { name: 'Model' });
    assert.equal(await select.inputValue(), 'alexnet-svm');
    const size = `${(MODELS.alexnet.length / 1e6).toFixed(1)} MB`;
    assert.deepEqual(await select.locator('option').allInnerTexts(), [
      'AlexNet-SVM',
      `AlexNet (${size})`,
      'CNN (0.0 MB)',
    ]);
    assert.equal(downloads('alexnet') + downloads('cnn'), 0, 'nothing is downloaded before it is chosen');
  });

  test('cannot be chosen where the site has none', async () => {
    special['/models/index.json'] = bytes('[]', 'application/json');
    visitor = await Visitor.open(browser, site.url);
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.equal(await visitor.page.getByTestId('model-select').isVisible(), false);
  });

  for (const name of Object.keys(MODELS)) {
    test(`${name} answers the slices that come after, as on the command line`, async () => {
      await visit();
      await use(name);
      const paths = Object.values(phantoms);
      await visitor.pick(paths);
      await visitor.settled(paths.length);
      const shown = await visitor.allResults();
      const expected = await classify(paths, join(folder, `${name}.safetensors`));
      for (const [i, path] of paths.entries()) {
        assert.equal(shown[i].label, expected[i].label, path);
        const apart = Math.abs(shown[i].margin - expected[i].margin);
        assert.ok(apart <= MARGIN_TOLERANCE, `${basename(path)}: margins ${apart} apart`);
      }
      assert.notEqual(shown[0].margin, shown[1].margin);
      assert.deepEqual(visitor.complaints, []);
    });
  }

  test('shows its card, and the first one comes back', async () => {
    await visit();
    await page.getByText('About this model').click();
    const card = page.locator('[data-part="model-card"]');
    assert.match(await card.innerText(), /AlexNet-SVM \d/);
    await use('cnn');
    assert.match(await card.innerText(), /CNN 0\.3\.0/);
    await use('alexnet-svm');
    assert.match(await card.innerText(), /AlexNet-SVM \d/);
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
  });

  test('leaves the page in use while it is loaded, and shows how far it is', async () => {
    const { answer, go } = halting(MODELS.alexnet);
    special['/models/alexnet.safetensors'] = answer;
    await visit();
    await choose('alexnet');
    const bar = page.getByTestId('model-progress');
    const half = MODELS.alexnet.length / 2;
    await page.waitForFunction(() => document.querySelector('[data-testid="model-progress"]').value > 0.4);
    assert.ok(Math.abs((await bar.evaluate((element) => element.value)) - 0.5) < 0.1);
    const size = (count) => `${(count / 1e6).toFixed(1)} MB`;
    const [, received] = (await status()).match(/Loading AlexNet: ([\d.]+) MB of/);
    assert.ok(Number(received) > 0 && Number(received) <= half / 1e6 + 0.1, await status());
    assert.ok((await status()).includes(size(MODELS.alexnet.length)));

    await examine(phantoms.subdural);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
    go();
    await visitor.modelIs('ready');
    assert.equal(await bar.isVisible(), false);
    await examine(phantoms.subdural);
    assert.match(await answeredBy(), /^AlexNet 0\.2\.0/);
  });

  test('is given up by Cancel, or by choosing the one in use', async () => {
    const { answer } = halting(MODELS.alexnet);
    special['/models/alexnet.safetensors'] = answer;
    await visit();
    for (const giveUp of [
      () => page.getByRole('button', { name: 'Cancel' }).click(),
      () => choose('alexnet-svm'),
    ]) {
      await choose('alexnet');
      await visitor.modelIs('fetching');
      await giveUp();
      await visitor.modelIs('ready');
      assert.equal(await chosen(), 'alexnet-svm');
    }
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
  });

  test('can be changed for a third while it is loaded', async () => {
    const { answer, go } = halting(MODELS.alexnet);
    special['/models/alexnet.safetensors'] = answer;
    await visit();
    await choose('alexnet');
    await visitor.modelIs('fetching');
    await use('cnn');
    go();
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^CNN/);
    assert.equal(await chosen(), 'cnn');
  });

  test('is downloaded once', async () => {
    await visit();
    await use('cnn');
    assert.equal(downloads('cnn'), 1);
    await page.reload();
    await visitor.modelIs('ready');
    await use('cnn');
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^CNN/);
    assert.equal(downloads('cnn'), 1);
  });

  test('that was replaced on the site is downloaded anew, and its old copy dropped', async () => {
    await visit();
    await use('cnn');
    Object.assign(special, offer({ cnn: smallModel('cnn', '0.4.0') }));
    await page.reload();
    await visitor.modelIs('ready');
    await use('cnn');
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^CNN 0\.4\.0/);
    const kept = await page.evaluate(async () => (await (await caches.open('haemolens-models')).keys()).length);
    assert.equal(kept, 1);
  });

  test('whose kept copy is damaged is downloaded anew', async () => {
    await visit();
    await use('cnn');
    await page.evaluate(async () => {
      const store = await caches.open('haemolens-models');
      const [{ url }] = await store.keys();
      await store.put(url, new Response(new Uint8Array(100)));
    });
    await page.reload();
    await visitor.modelIs('ready');
    await use('cnn');
    assert.equal(downloads('cnn'), 2);
  });

  test('works in browsers that keep nothing', async () => {
    const before = () => {
      Object.defineProperty(window, 'caches', {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
    };
    await visit({ before });
    await use('cnn');
    await use('alexnet-svm');
    await use('cnn');
    assert.equal(downloads('cnn'), 2);
    assert.deepEqual(visitor.complaints, []);
  });

  test('that does not arrive is named, the one in use stays, and trying again works', async () => {
    let down = true;
    const whole = special['/models/alexnet.safetensors'];
    special['/models/alexnet.safetensors'] = (response) =>
      down ? response.writeHead(503).end() && true : whole(response);
    await visit();
    await choose('alexnet');
    await visitor.modelIs('failed');
    assert.match(await status(), /AlexNet could not be loaded\. Check the connection.*AlexNet-SVM stays in use/);
    assert.equal(await chosen(), 'alexnet-svm');
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
    down = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await visitor.modelIs('ready');
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet 0/);
  });

  for (const [how, spoil] of [
    ['with a bit turned', (file) => file.fill(file[file.length / 2] ^ 1, file.length / 2, file.length / 2 + 1)],
    ['cut short', (file) => file.subarray(0, file.length - 1000)],
    ['too long', (file) => Buffer.concat([file, Buffer.alloc(1000)])],
  ]) {
    test(`that arrives ${how} is refused and not kept`, async () => {
      const good = special['/models/cnn.safetensors'];
      special['/models/cnn.safetensors'] = bytes(spoil(Buffer.from(MODELS.cnn)), 'application/octet-stream');
      await visit();
      await choose('cnn');
      await visitor.modelIs('failed');
      assert.match(await status(), /CNN could not be loaded\. The file arrived damaged/);
      special['/models/cnn.safetensors'] = good;
      await page.getByRole('button', { name: 'Try again' }).click();
      await visitor.modelIs('ready');
      await examine(phantoms.normal);
      assert.match(await answeredBy(), /^CNN/);
    });
  }

  test('that the module cannot use is refused by the module', async () => {
    Object.assign(special, offer({ cnn: Buffer.from('a model of another kind altogether') }));
    await visit();
    await choose('cnn');
    await visitor.modelIs('failed');
    assert.match(await status(), /The model file cannot be used.*AlexNet-SVM stays in use/);
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
  });

  test('marks the answers of the first, and examines them again when asked to', async () => {
    await visit();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.pick([phantoms.subdural, phantoms.normal]);
    await visitor.settled(2);
    const first = await visitor.allResults();
    const again = page.getByTestId('again');
    assert.equal(await again.isVisible(), false);

    await use('alexnet');
    assert.deepEqual(await visitor.allResults(), first, 'a change of models changes no answer');
    for (const row of await visitor.rows()) assert.match(row, /\(AlexNet-SVM\)/);
    assert.equal(await again.innerText(), 'Examine 2 slices again with AlexNet');
    await again.click();
    await again.waitFor({ state: 'hidden' });
    await visitor.settled(2);
    const second = await visitor.allResults();
    for (const [i, { margin }] of second.entries()) {
      assert.ok(Math.abs(margin - first[i].margin - 0.75) <= MARGIN_TOLERANCE);
    }
    for (const row of await visitor.rows()) assert.doesNotMatch(row, /\(AlexNet-SVM\)/);
    assert.match(await page.getByTestId('earlier').innerText(), /^(Normal|Haemorrhage).* %\s+by AlexNet-SVM [\d.]+$/);

    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const table = await page.evaluate(() => navigator.clipboard.readText());
    const models = table.trimEnd().split('\r\n').slice(1).map((line) => line.split(',').at(-2));
    const svm = models[0];
    assert.match(svm, /^alexnet-svm /);
    assert.deepEqual(models, [svm, 'alexnet 0.2.0', svm, 'alexnet 0.2.0']);
  });

  test('marks on the scale the threshold of the model that answered', async () => {
    const loose = shiftedModel('alexnet', '0.2.0', 0, { threshold: 0.9 });
    Object.assign(special, offer({ alexnet: loose }));
    await visit();
    const threshold = () =>
      page.locator('[data-part="scale"]').evaluate((scale) => scale.style.getPropertyValue('--threshold'));
    await examine(phantoms.normal);
    const own = await threshold();
    await use('alexnet');
    assert.equal(await threshold(), own);
    await examine(phantoms.normal);
    assert.notEqual(await threshold(), own);
  });

  test('is used by the worker that takes over after a trap', async () => {
    Object.assign(special, trappingModule());
    await visit();
    await use('alexnet');
    await visitor.pick([
      { name: 'trap.png', mimeType: 'image/png', buffer: Buffer.from('TRAP') },
      { name: 'normal.bmp', mimeType: 'image/bmp', buffer: readFileSync(phantoms.normal) },
    ]);
    await visitor.settled(2);
    assert.equal((await visitor.problems())[0].name, 'Internal');
    await page.getByRole('option').last().click();
    assert.match(await answeredBy(), /^AlexNet 0\.2\.0/);
  });
});

describe('the models of the site', () => {
  const list = JSON.parse(readFileSync(join(DIST, 'models', 'index.json'), 'utf8'));
  const none = list.length === 0 && 'this site has the embedded model alone';
  const folder = scratchFolder(after);

  test('answer as on the command line', { skip: none }, async (t) => {
    const [site, browser] = await Promise.all([serveSite(), launchBrowser()]);
    t.after(() => Promise.all([browser.close(), site.close()]));
    const paths = Object.values(await drawPhantoms(folder));
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    for (const [round, { name, file }] of list.entries()) {
      await visitor.page.getByTestId('model-select').selectOption(name);
      await visitor.page
        .locator('[data-part="announcement"]')
        .filter({ hasText: `${TITLES[name]} is in use` })
        .waitFor();
      await visitor.pick(paths);
      await visitor.settled(paths.length * (round + 1));
      const shown = (await visitor.allResults()).slice(-paths.length);
      const expected = await classify(paths, join(DIST, 'models', file));
      for (const [i, { label, margin }] of expected.entries()) {
        assert.equal(shown[i].label, label, `${name}, ${paths[i]}`);
        assert.ok(Math.abs(shown[i].margin - margin) <= MARGIN_TOLERANCE, `${name}, ${paths[i]}`);
      }
    }
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });
});
