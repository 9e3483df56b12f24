import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { Firefox } from './firefox.mjs';
import { listen } from './listeners.mjs';
import { DIST, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('Firefox', () => {
  let firefox, site, phantoms, tab;
  const complaints = [];
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    phantoms = await drawPhantoms(folder);
    firefox = await Firefox.launch();
    await firefox.on(['log.entryAdded'], (_, { level, text }) => {
      if (level === 'error') complaints.push(text);
    });
    tab = await firefox.newTab();
  });
  after(async () => {
    await firefox?.close();
    await site?.close();
  });

  const phase = () => document.querySelector('[data-part="status"]').dataset.phase;
  const ready = () => document.querySelector('[data-part="status"]')?.dataset.phase === 'ready';

  /** Waits until so many rows of the list are done, and gives what is said of the last one. */
  async function answer(count) {
    await tab.until((wanted) => {
      const done = document.querySelectorAll('[data-testid="slice-list"] [role="option"][data-state="done"]');
      if (done.length === wanted) done[wanted - 1].click();
      return done.length === wanted;
    }, count);
    return tab.evaluate(() => {
      const value = (name) => document.querySelector(`[data-testid="${name}"]`).dataset.value;
      return { label: value('label'), margin: value('margin'), probability: value('probability') };
    });
  }

  /** A sample and a file. */
  async function examine() {
    await tab.until(ready);
    await tab.until(() => {
      const sample = document.querySelector('[data-part="intraparenchymal"]');
      if (!sample.disabled) sample.click();
      return !sample.disabled;
    });
    const sample = await answer(1);
    await tab.setFiles('[data-testid="file-input"]', [phantoms.subdural]);
    return [sample, await answer(2)];
  }

  /** The same in Chromium. */
  async function expected() {
    const browser = await launchBrowser();
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    await visitor.clickSample('intraparenchymal');
    await visitor.settled(1);
    await visitor.pick(phantoms.subdural);
    await visitor.settled(2);
    const values = await visitor.page.evaluate(() => {
      const value = (name) => document.querySelector(`[data-testid="${name}"]`).dataset.value;
      return [...document.querySelectorAll('[role="option"]')].map((row) => {
        row.click();
        return { label: value('label'), margin: value('margin'), probability: value('probability') };
      });
    });
    await browser.close();
    return values;
  }

  test('gives Chromium’s answers to the bit', async () => {
    await tab.goto(site.url);
    assert.deepEqual(await examine(), await expected());
    assert.deepEqual(complaints, []);
  });

  test('keeps to the policy, and counts what it stops', async () => {
    const listener = await listen();
    const panel = () => ({ ...document.querySelector('[data-testid="privacy"]').dataset });
    const before = await tab.evaluate(panel);
    assert.deepEqual([before.door, before.requests, before.stopped], ['closed', '0', '0']);
    await tab.evaluate((address) => {
      new Image().src = address;
    }, `http://127.0.0.1:${listener.port}/`);
    await tab.until(() => document.querySelector('[data-testid="privacy"]').dataset.stopped === '1');
    const gone = await tab.evaluate(() =>
      ['fetch', 'XMLHttpRequest', 'WebSocket', 'RTCPeerConnection', 'open'].filter((name) => window[name]),
    );
    assert.deepEqual(gone, []);
    assert.deepEqual(listener.heard(), []);
    await listener.close();
    const own = site.requests.map(({ line }) => line);
    assert.deepEqual([...new Set(own)].filter((line) => !/^GET \/(haemolens_bg\.wasm|service-worker\.js|manifest\.webmanifest|learn\/)?$/.test(line)), []);
  });

  test('shows the lesson, compares eight bits with 32, and learns a plane', async () => {
    const earlier = complaints.length;
    const other = await firefox.newTab();
    const reached = (name) => other.until((id) => document.querySelector(`[data-testid="${id}"]`) !== null, name);
    await other.goto(`${site.url}learn/`);
    await other.until(() => document.querySelector('[data-part="steps"]')?.getAttribute('aria-busy') === 'false');
    await other.evaluate(() => document.querySelector('[data-part="compare"]').click());
    await reached('bits-layers');
    await other.evaluate(() => document.querySelector('[data-part="draw"]').click());
    await reached('retrain-figures');
    const accuracies = await other.evaluate(() =>
      [...document.querySelectorAll('[data-figure="accuracy"] td')].map((cell) => parseFloat(cell.textContent)),
    );
    const [heldOut, byHeart] = accuracies.slice(-3);
    assert.ok(heldOut > 0.7 && byHeart > 0.9, `${accuracies}`);
    await other.evaluate(() => document.querySelector('[data-part="use"]').click());
    await other.until(() => document.querySelector('#step-answer [data-network="own"]') !== null);
    assert.deepEqual(complaints.slice(earlier), []);
    await other.close();
  });

  test('loads the page and classifies without a server', async () => {
    await tab.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await site.close();
    await tab.reload();
    const [sample, file] = await examine();
    assert.deepEqual([sample.label, file.label], ['haemorrhage', 'haemorrhage']);
    assert.equal(await tab.evaluate(phase), 'ready');
  });

  test('opens the single file from the disk', async () => {
    await tab.goto(pathToFileURL(join(DIST, 'haemolens.html')).href);
    const [sample, file] = await examine();
    assert.deepEqual([sample.label, file.label], ['haemorrhage', 'haemorrhage']);
  });
});
