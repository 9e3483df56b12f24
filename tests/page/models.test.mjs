import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { offeredModels, trappingPage } from './altered-page.mjs';
import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { offer, shiftedModel, smallModel } from './drawn-models.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const MARGIN_TOLERANCE = 1e-4;

const TITLES = {
  'alexnet-svm': 'AlexNet-SVM',
  'alexnet-svm-open': 'AlexNet-SVM, open',
  alexnet: 'AlexNet',
  cnn: 'CNN',
};

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
    await visitor.modelInUse(TITLES[name]);
    assert.equal(await chosen(), name);
  }

  /** Has models downloaded, and goes back to the first one. */
  async function keep(...names) {
    for (const name of names) await use(name);
    await use('alexnet-svm');
  }

  const question = () => page.getByTestId('forget-question');

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
    Object.assign(special, offer({}));
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
    const card = page.locator('[data-part="model-card"]');
    // Loading a model that was not there loads the page anew, with the card closed.
    const read = async () => {
      if (!(await card.isVisible())) await page.getByText('About this model').click();
      return card.innerText();
    };
    assert.match(await read(), /AlexNet-SVM \d/);
    await use('cnn');
    assert.match(await read(), /CNN 0\.3\.0/);
    await use('alexnet-svm');
    assert.match(await read(), /AlexNet-SVM \d/);
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^AlexNet-SVM/);
  });

  test('shows how far it is while it is loaded; files that come meanwhile wait for it', async () => {
    const { answer, go } = halting(MODELS.alexnet);
    special['/models/alexnet.safetensors'] = answer;
    await visit();
    await choose('alexnet');
    await visitor.modelIs('fetching');
    const bar = page.getByTestId('model-progress');
    const half = MODELS.alexnet.length / 2;
    await page.waitForFunction(() => document.querySelector('[data-testid="model-progress"]').value > 0.4);
    assert.ok(Math.abs((await bar.evaluate((element) => element.value)) - 0.5) < 0.1);
    const size = (count) => `${(count / 1e6).toFixed(1)} MB`;
    const [, received] = (await status()).match(/Loading AlexNet: ([\d.]+) MB of/);
    assert.ok(Number(received) > 0 && Number(received) <= half / 1e6 + 0.1, await status());
    assert.ok((await status()).includes(size(MODELS.alexnet.length)));

    await visitor.pick(phantoms.subdural);
    await page.getByText('About this model').click();
    const [row] = await visitor.rows();
    assert.match(row, /subdural\.bmp/);
    assert.equal(page.workers().length, 0, 'no worker starts while the page can be reached');
    go();
    await visitor.modelIs('ready');
    assert.equal(await bar.isVisible(), false);
    await visitor.settled(1);
    assert.match(await answeredBy(), /^AlexNet 0\.2\.0/);
  });

  test('that must be fetched is asked about first when slices would be forgotten', async () => {
    await visit();
    await visitor.pick([phantoms.subdural, phantoms.normal]);
    await visitor.settled(2);
    const before = await visitor.allResults();
    for (const stay of [
      () => page.getByRole('button', { name: 'Stay here' }).click(),
      () => page.keyboard.press('Escape'),
      () => page.keyboard.press('Enter'),
    ]) {
      await choose('cnn');
      await question().waitFor();
      assert.match(await question().innerText(), /For CNN it must be loaded anew, .* the 2 slices in its list/);
      await stay();
      await question().waitFor({ state: 'hidden' });
      assert.equal(await chosen(), 'alexnet-svm');
    }
    assert.deepEqual(await visitor.allResults(), before);
    assert.equal(downloads('cnn'), 0);
    await choose('cnn');
    await page.getByRole('button', { name: 'Forget 2 slices and load' }).click();
    await visitor.modelInUse('CNN');
    assert.deepEqual(await visitor.rows(), []);
    assert.equal(page.url(), site.url, 'what the page was loaded with does not stay in its address');
    await examine(phantoms.normal);
    assert.match(await answeredBy(), /^CNN/);
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
    await visitor.modelIs('ready');
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
    await page.getByRole('button', { name: 'Forget 1 slice and load' }).click();
    await visitor.modelInUse('AlexNet');
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
    await keep('alexnet');
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

    const table = await visitor.copyTable();
    const models = table.trimEnd().split('\r\n').slice(1).map((line) => line.split(',').at(-3));
    const svm = models[0];
    assert.match(svm, /^alexnet-svm /);
    assert.deepEqual(models, [svm, 'alexnet 0.2.0', svm, 'alexnet 0.2.0']);
  });

  test('marks on the scale the threshold of the model that answered', async () => {
    const loose = shiftedModel('alexnet', '0.2.0', 0, { threshold: 0.9 });
    Object.assign(special, offer({ alexnet: loose }));
    await visit();
    await keep('alexnet');
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
    Object.assign(special, offer(MODELS, await trappingPage()));
    await visit();
    await use('alexnet');
    await visitor.pick([
      { name: 'trap.png', mimeType: 'image/png', buffer: Buffer.from('TRAP') },
      { name: 'normal.bmp', mimeType: 'image/bmp', buffer: readFileSync(phantoms.normal) },
    ]);
    await visitor.settled(2);
    assert.equal((await visitor.problems())[0].name, 'Internal');
    await page.getByTestId('slice-list').getByRole('option').last().click();
    assert.match(await answeredBy(), /^AlexNet 0\.2\.0/);
  });
});

describe('the models of the site', () => {
  const list = offeredModels();
  const none = list.length === 0 && 'this site has the embedded model alone';
  const folder = scratchFolder(after);

  test('answer as on the command line', { skip: none }, async (t) => {
    const [site, browser] = await Promise.all([serveSite(), launchBrowser()]);
    t.after(() => Promise.all([browser.close(), site.close()]));
    const paths = Object.values(await drawPhantoms(folder));
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    for (const { name, file } of list) {
      if ((await visitor.rows()).length > 0) await visitor.page.getByRole('button', { name: 'Clear' }).click();
      await visitor.page.getByTestId('model-select').selectOption(name);
      await visitor.modelInUse(TITLES[name]);
      await visitor.pick(paths);
      await visitor.settled(paths.length);
      const shown = await visitor.allResults();
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
