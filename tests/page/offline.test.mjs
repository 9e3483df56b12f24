import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { writeServiceWorker } from '../../www/build/service-worker.mjs';
import { builtPage } from './altered-page.mjs';
import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

/** What the service worker keeps. */
const KEPT = ['index.html', 'haemolens_bg.wasm', 'manifest.webmanifest'];

/** Somewhere on a host that sends no headers but the type. */
const HOST = { under: '/some/path/', bare: true };

describe('the page without a connection', () => {
  let browser, site, special, visitor, page, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    special = {};
    site = await serveSite(special, HOST);
    visitor = await Visitor.open(browser, site.url);
    ({ page } = visitor);
    await visitor.modelIs('ready');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  });
  afterEach(async () => {
    await visitor.close();
    await site.close();
  });

  const title = () => page.evaluate(() => document.title);
  const notice = () => page.getByTestId('update');
  const stores = () =>
    page.evaluate(async () => {
      const names = await caches.keys();
      const counts = names.map(async (name) => (await (await caches.open(name)).keys()).length);
      return Object.fromEntries((await Promise.all(counts)).map((count, i) => [names[i], count]));
    });

  test('is loaded and classifies, in any folder of a host that sends no headers', async () => {
    await page.context().setOffline(true);
    await site.close();
    await page.reload();
    await visitor.modelIs('ready');
    await visitor.pick(phantoms.subdural);
    await visitor.settled(1);
    const [shown, [expected]] = [await visitor.result(), await classify([phantoms.subdural])];
    assert.deepEqual([shown.label, shown.margin], [expected.label, expected.margin]);
    await visitor.clickSample('normal');
    await visitor.settled(2);
    await page.goto(`${site.url}index.html`);
    await visitor.modelIs('ready');
    assert.deepEqual(visitor.complaints, []);
  });

  /** A second build of the site, as a browser would come upon it. */
  async function publish() {
    const next = join(folder, 'next');
    for (const file of KEPT) cpSync(join(DIST, file), join(next, file));
    writeFileSync(join(next, 'index.html'), builtPage().replace(/<title[^>]*>/, '$&The next version of '));
    await writeServiceWorker(next, KEPT);
    special['/'] = bytes(readFileSync(join(next, 'index.html')), 'text/html');
    special['/service-worker.js'] = bytes(readFileSync(join(next, 'service-worker.js')), 'text/javascript');
  }

  test('tells of a new version, which takes over whole when the visitor says so', async () => {
    const before = await title();
    const [old] = Object.keys(await stores());
    assert.equal(await notice().innerText(), '');
    await publish();
    await page.reload();
    await notice().filter({ hasText: 'A new version of this page is ready.' }).waitFor();
    assert.equal(await title(), before, 'the old version is served until then');
    await visitor.clickSample('subdural');
    await visitor.settled(1);

    await page.getByRole('button', { name: 'Load it' }).click();
    await page.getByRole('button', { name: 'Forget 1 slice and load' }).click();
    await page.waitForFunction(() => document.title.startsWith('The next version of'));
    await visitor.modelIs('ready');
    const after = await stores();
    assert.deepEqual(Object.values(after), [KEPT.length], 'the old version is dropped');
    assert.notEqual(Object.keys(after)[0], old);
    await page.context().setOffline(true);
    await page.reload();
    await visitor.modelIs('ready');
    assert.match(await title(), /^The next version of/);
  });

  test('keeps the old version whole when the new one does not arrive whole', async () => {
    const before = await title();
    const kept = await stores();
    await publish();
    const refused = new Promise((resolve) => {
      special['/manifest.webmanifest'] = (response) => {
        response.writeHead(503).end();
        resolve();
      };
    });
    await page.reload();
    await refused;
    // The browser gives it up.
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).installing === null);
    assert.deepEqual(await stores(), kept);
    assert.equal(await notice().innerText(), '');
    await page.context().setOffline(true);
    await page.reload();
    await visitor.modelIs('ready');
    assert.equal(await title(), before);
  });

  test('can be installed', async () => {
    // Asked while it loads, as browsers do; later it refuses its manifest too.
    special['/haemolens_bg.wasm'] = () => {};
    const fresh = await Visitor.open(browser, site.url);
    const session = await fresh.page.context().newCDPSession(fresh.page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // Windows of tests are private ones.
    assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId), ['in-incognito']);
    assert.deepEqual(fresh.complaints, []);
    await fresh.close();
  });
});
