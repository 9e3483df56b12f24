import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { BEYOND_POLICY, EMPTY_CONNECTIONS, IN_PAGE, IN_WORKER, KEPT_NOW, NOT_STOPPED, run } from './attempts.mjs';
import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { listen } from './listeners.mjs';
import { DIST, REPOSITORY, serveSite } from './site.mjs';
import { PATIENCE_MS, Visitor, launchBrowser } from './visitor.mjs';

/** All that a visit asks of the server: the page, the module, and what makes the page stay. */
const OWN_FILES = ['/', '/haemolens_bg.wasm', '/learn/', '/manifest.webmanifest', '/service-worker.js'];

/** How long what was attempted may take to arrive somewhere. */
const LATE_MS = 1500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a visit', () => {
  let site, browser, visitor, page;
  const folder = scratchFolder(after);

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    site = await serveSite();
    visitor = await Visitor.open(browser, site.url);
    ({ page } = visitor);
  });
  afterEach(async () => {
    await visitor.close();
    await site.close();
  });

  const paths = () => [...new Set(site.requests.map(({ line }) => line.replace(/^GET /, '')))].sort();

  test('asks the server for the page’s own files, and for nothing once it is loaded', async () => {
    const phantoms = await drawPhantoms(folder);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.modelIs('ready');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    assert.deepEqual(paths(), OWN_FILES);
    const asked = site.requests.length;
    const seen = visitor.requests.length;

    for (const kind of ['normal', 'intraparenchymal', 'subdural']) await visitor.clickSample(kind);
    await visitor.settled(3);
    await visitor.pick([
      phantoms.normal,
      { name: 'Doe^Jane', mimeType: '', buffer: ctFile(256, [head(256, 30), head(256)]) },
      { name: 'letter.png', mimeType: 'image/png', buffer: Buffer.from('Dear colleague') },
    ]);
    await visitor.settled(7);
    await visitor.allResults();
    await page.getByText('About this model').click();
    await page.getByText(/^Privacy/).click();
    await visitor.copyTable();
    await page.getByRole('button', { name: 'Clear' }).click();
    await pause(LATE_MS);

    const late = site.requests.slice(asked).map(({ line }) => line);
    assert.deepEqual(late, [], 'the server is asked for nothing more');
    const elsewhere = visitor.requests.slice(seen).filter((url) => !/^(blob|data):/.test(url));
    assert.deepEqual(elsewhere, [], 'the browser was asked for nothing more');
    for (const { headers } of site.requests) {
      assert.equal(headers.cookie, undefined);
      assert.equal(headers.referer, undefined);
    }
    const panel = page.getByTestId('privacy');
    assert.equal(await panel.getAttribute('data-requests'), '0');
    assert.equal(await panel.getAttribute('data-stopped'), '0');
    assert.deepEqual(visitor.complaints, []);
  });

  test('leaves nothing in any store but the page’s own files', async () => {
    await visitor.pick({ name: 'Doe^Jane', mimeType: '', buffer: ctFile(256, [head(256, 30)]) });
    await visitor.settled(1);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    const origin = new URL(site.url).origin;
    const session = await page.context().newCDPSession(page);
    const ask = (method, facts) => session.send(method, facts);

    assert.deepEqual(await page.context().cookies(), []);
    for (const isLocalStorage of [true, false]) {
      const { entries } = await ask('DOMStorage.getDOMStorageItems', {
        storageId: { securityOrigin: origin, isLocalStorage },
      });
      assert.deepEqual(entries, []);
    }
    const { databaseNames } = await ask('IndexedDB.requestDatabaseNames', { securityOrigin: origin });
    assert.deepEqual(databaseNames, []);
    const { usageBreakdown } = await ask('Storage.getUsageAndQuota', { origin });
    const used = usageBreakdown.filter(({ usage }) => usage > 0).map(({ storageType }) => storageType);
    assert.deepEqual(used.sort(), ['cache_storage', 'service_workers']);

    const { caches } = await ask('CacheStorage.requestCacheNames', { securityOrigin: origin });
    assert.equal(caches.length, 1);
    const [{ cacheId }] = caches;
    const { cacheDataEntries } = await ask('CacheStorage.requestEntries', { cacheId });
    const kept = cacheDataEntries.map(({ requestURL }) => new URL(requestURL).pathname);
    assert.deepEqual(kept.sort(), ['/', '/haemolens_bg.wasm', '/learn/', '/manifest.webmanifest']);
    for (const { requestURL } of cacheDataEntries) {
      const { response } = await ask('CacheStorage.requestCachedResponse', { cacheId, requestURL, requestHeaders: [] });
      const digest = (data) => createHash('sha256').update(data).digest('hex');
      const { pathname } = new URL(requestURL);
      const file = readFileSync(join(DIST, pathname.endsWith('/') ? `${pathname}index.html` : pathname));
      assert.equal(digest(Buffer.from(response.body, 'base64')), digest(file), pathname);
    }
  });

  test('is forgotten when the page is loaded anew', async () => {
    await visitor.clickSample('subdural');
    await visitor.settled(1);
    await page.reload();
    await visitor.modelIs('ready');
    assert.deepEqual(await visitor.rows(), []);
  });
});

describe('planted attempts to carry something away', () => {
  let site, browser, readme;

  before(async () => {
    [site, browser] = await Promise.all([serveSite(), launchBrowser()]);
    readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  });
  after(() => Promise.all([browser?.close(), site?.close()]));

  /** What scripts have at hand is kept before the page's own script runs, in the page and in its workers. */
  const keepPristine = `
    globalThis.pristine = ${KEPT_NOW};
    const Real = Blob;
    globalThis.Blob = class extends Real {
      constructor(parts, options) {
        const script = options?.type === 'text/javascript';
        super(script ? [${JSON.stringify(`globalThis.pristine = ${KEPT_NOW};`)}, ...parts] : parts, options);
      }
    };`;

  async function open() {
    const visitor = await Visitor.open(browser, 'about:blank', { before: keepPristine });
    await visitor.page.goto(site.url);
    await visitor.modelIs('ready');
    await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    return visitor;
  }

  /** Tries each, towards a server of its own elsewhere and towards the page's own, and tells what arrived. */
  async function arrivals(place, attempts, keep) {
    const names = Object.keys(attempts);
    const listeners = await Promise.all(names.map(listen));
    const asked = site.requests.length;
    const planted = names.flatMap((name, i) => {
      const addresses = [`http://127.0.0.1:${listeners[i].port}/${i}`, `${site.url}stolen?${encodeURIComponent(name)}`];
      return addresses.map((address) => [attempts[name], address]);
    });
    await run(place, planted, keep);
    await pause(LATE_MS);
    const heard = names.map((name, i) => [name, listeners[i].heard()]);
    const lines = site.requests.slice(asked).map(({ line }) => line);
    // The browser itself looks now and then whether there is a new version.
    const own = lines.filter((line) => line !== 'GET /service-worker.js');
    await Promise.all(listeners.map(({ close }) => close()));
    const touched = heard.filter(([, kinds]) => kinds.length > 0).map(([name]) => name);
    const spoken = heard.filter(([, kinds]) => kinds.some((kind) => kind !== 'connection')).map(([name]) => name);
    const quiet = touched.filter((name) => !spoken.includes(name) && !EMPTY_CONNECTIONS.includes(name));
    assert.deepEqual(quiet, [], 'not even a connection is opened');
    return { elsewhere: spoken, own };
  }

  const nothing = { elsewhere: [], own: [] };

  test('fail in the page and in its worker', async () => {
    const visitor = await open();
    const [worker] = visitor.page.workers();
    assert.deepEqual(await arrivals(worker, IN_WORKER, KEPT_NOW), nothing);
    assert.deepEqual(await arrivals(visitor.page, IN_PAGE, KEPT_NOW), nothing);
    await visitor.close();
  });

  test('fail by the policy alone, but for WebRTC and new windows', async () => {
    const visitor = await open();
    const [worker] = visitor.page.workers();
    assert.equal(await worker.evaluate('typeof pristine.fetch'), 'function');
    assert.deepEqual(await arrivals(worker, IN_WORKER, 'pristine'), nothing);
    const { elsewhere, own } = await arrivals(visitor.page, IN_PAGE, 'pristine');
    assert.deepEqual(elsewhere.filter((name) => !BEYOND_POLICY.includes(name)), []);
    assert.deepEqual(own.filter((line) => line !== 'GET /stolen?new%20window'), []);
    for (const name of ['WebRTC', 'new windows', 'connection before']) assert.ok(readme.includes(name), name);
    await visitor.close();
  });

  test('that no policy stops are those that README.md names', async () => {
    for (const [name, attempt] of Object.entries(NOT_STOPPED)) {
      const visitor = await open();
      const listener = await listen();
      await run(visitor.page, [[attempt, `http://127.0.0.1:${listener.port}/`]], KEPT_NOW).catch(() => {});
      const end = performance.now() + PATIENCE_MS;
      while (!listener.heard().includes('bytes') && performance.now() < end) await pause(50);
      assert.ok(listener.heard().includes('bytes'), `${name} is stopped: README.md need not name it`);
      assert.ok(readme.includes(name), `README.md should name: ${name}`);
      await listener.close();
      await visitor.close();
    }
  });

  test('find nothing to work with', async () => {
    const visitor = await open();
    const { page } = visitor;
    const gone = [
      'EventSource',
      'RTCPeerConnection',
      'SharedWorker',
      'WebSocket',
      'WebTransport',
      'XMLHttpRequest',
      'fetch',
      'indexedDB',
      'localStorage',
      'open',
      'sessionStorage',
    ];
    const there = (names) =>
      names.filter((name) => {
        const { configurable } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
        return globalThis[name] !== undefined || configurable;
      });
    assert.deepEqual(await page.evaluate(there, gone), []);
    const left = await page.evaluate(() => [navigator.sendBeacon, navigator.storage, document.cookie]);
    assert.deepEqual(left, [undefined, undefined, undefined]);
    const [worker] = page.workers();
    const alsoGone = ['importScripts', 'Worker', 'caches', 'BroadcastChannel'];
    assert.deepEqual(await worker.evaluate(there, [...gone, ...alsoGone].filter((name) => name !== 'open')), []);
    await visitor.close();
  });
});

describe('the privacy panel', () => {
  let site, browser;
  before(async () => {
    [site, browser] = await Promise.all([serveSite(), launchBrowser()]);
  });
  after(() => Promise.all([browser?.close(), site?.close()]));

  const counts = (page) => page.getByTestId('privacy').evaluate(({ dataset }) => ({ ...dataset }));
  const becomes = (page, key, value) =>
    page.waitForFunction(
      ([name, wanted]) => document.querySelector('[data-testid="privacy"]').dataset[name] === wanted,
      [key, value],
    );

  test('counts what the policy stops, in the page and in its worker', async (t) => {
    const { page, close } = await openPristine({});
    t.after(close);
    await becomes(page, 'door', 'closed');
    assert.equal((await counts(page)).stopped, '0');
    await page.evaluate(() => {
      new Image().src = 'http://127.0.0.1:9/';
    });
    await becomes(page, 'stopped', '1');
    await visitorWorker(page).evaluate(() => globalThis.pristine('http://127.0.0.1:9/').catch(() => {}));
    await becomes(page, 'stopped', '2');
    assert.equal((await counts(page)).requests, '0');
  });

  test('counts requests that are made, in the page and in its worker', async (t) => {
    // Without its policy, since under it none can be made.
    const { page, close } = await openPristine({ bypassCSP: true });
    t.after(close);
    await becomes(page, 'door', 'closed');
    await becomes(page, 'requests', '0');
    assert.match(await page.getByText(/^Privacy/).innerText(), /0 requests since the page was loaded/);
    await page.evaluate((address) => globalThis.pristine(address).then(() => {}), `${site.url}haemolens.d.ts`);
    await becomes(page, 'requests', '1');
    assert.match(await page.getByText(/^Privacy/).innerText(), /1 request since the page was loaded/);
    await visitorWorker(page).evaluate(
      (address) => globalThis.pristine(address).then(() => {}),
      `${site.url}haemolens.js`,
    );
    await becomes(page, 'requests', '2');
  });

  test('says so while the page is still open to its server', async (t) => {
    let go;
    const gate = new Promise((resolve) => (go = resolve));
    const halting = await serveSite({
      '/haemolens_bg.wasm': (response) => {
        gate.then(() => response.writeHead(200, { 'content-type': 'application/wasm' }).end(
          readFileSync(join(DIST, 'haemolens_bg.wasm')),
        ));
      },
    });
    t.after(() => halting.close());
    const visitor = await Visitor.open(browser, halting.url);
    const { page } = visitor;
    await becomes(page, 'door', 'open');
    assert.equal(page.workers().length, 0);
    go();
    await becomes(page, 'door', 'closed');
    await visitor.close();
  });

  test('closes as soon as the module is on its way, and no worker starts before', async (t) => {
    const code = readFileSync(join(DIST, 'haemolens_bg.wasm'));
    let goOn;
    const gate = new Promise((resolve) => (goOn = resolve));
    const halting = await serveSite({
      '/haemolens_bg.wasm': (response) => {
        response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': code.length });
        response.write(code.subarray(0, 1000));
        gate.then(() => response.end(code.subarray(1000)));
      },
    });
    t.after(() => halting.close());
    const visitor = await Visitor.open(browser, halting.url);
    const { page } = visitor;
    await becomes(page, 'door', 'closed');
    assert.equal(await page.evaluate(() => typeof fetch), 'undefined');
    assert.match(await page.locator('[data-part="status"]').innerText(), /Loading the model/);
    goOn();
    await visitor.modelIs('ready');
    assert.deepEqual([(await counts(page)).requests, (await counts(page)).stopped], ['0', '0']);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  const visitorWorker = (page) => page.workers()[0];

  /** The page, with a `fetch` kept from before in it and in its workers. */
  async function openPristine(options) {
    const before = `
      globalThis.pristine = fetch.bind(globalThis);
      const Real = Blob;
      globalThis.Blob = class extends Real {
        constructor(parts, options) {
          const script = options?.type === 'text/javascript';
          super(script ? ['globalThis.pristine = fetch.bind(globalThis);', ...parts] : parts, options);
        }
      };`;
    const visitor = await Visitor.open(browser, site.url, { before, ...options });
    await visitor.modelIs('ready');
    return { page: visitor.page, close: () => visitor.close() };
  }
});
