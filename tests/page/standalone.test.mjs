import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { DIST, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const FILE = join(DIST, 'haemolens.html');
const LARGEST = 8e6;

describe('the single file', () => {
  let browser, phantoms, opened;
  const folder = scratchFolder(after);

  before(async () => {
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
    // Somewhere else on the disk, alone.
    opened = join(folder, 'alone', 'haemolens.html');
    mkdirSync(join(folder, 'alone'));
    cpSync(FILE, opened);
  });
  after(() => browser?.close());

  const open = () => Visitor.open(browser, pathToFileURL(opened).href);

  async function answers(visitor) {
    await visitor.modelIs('ready');
    await visitor.pick(Object.values(phantoms));
    await visitor.settled(3);
    return visitor.allResults();
  }

  test(`has at most ${LARGEST / 1e6} MB`, () => {
    assert.ok(statSync(FILE).size <= LARGEST, `${statSync(FILE).size} bytes`);
  });

  test('opened from the disk gives the site’s answers to the bit', async () => {
    const site = await serveSite();
    const [alone, served] = [await open(), await Visitor.open(browser, site.url)];
    assert.deepEqual(await answers(alone), await answers(served));
    await alone.clickSample('subdural');
    await alone.settled(4);
    assert.deepEqual(alone.complaints, []);
    const asked = alone.requests.filter((url) => !/^(blob|data):/.test(url));
    assert.deepEqual(asked, [pathToFileURL(opened).href]);
    await Promise.all([alone.close(), served.close(), site.close()]);
  });

  test('takes folders and dropped files', async () => {
    const study = join(folder, 'study', 'series');
    mkdirSync(study, { recursive: true });
    for (const name of ['slice-10.bmp', 'slice-2.bmp']) cpSync(phantoms.normal, join(study, name));
    const visitor = await open();
    await visitor.page.locator('#folder-input').setInputFiles(join(folder, 'study'));
    await visitor.settled(2);
    const session = await visitor.page.context().newCDPSession(visitor.page);
    const data = { items: [], files: [phantoms.subdural], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, x: 100, y: 200, data });
    }
    await visitor.settled(3);
    const names = (await visitor.rows()).map((row) => row.split('\n')[0].trim());
    assert.deepEqual(names, ['slice-2.bmp', 'slice-10.bmp', 'subdural.bmp']);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('has no connection from its first byte on, and offers nothing that needs one', async () => {
    const text = readFileSync(FILE, 'utf8');
    const policy = text.slice(0, 2000).match(/Content-Security-Policy" content="([^"]*)"/)[1];
    assert.match(policy, /connect-src 'none'/);
    assert.doesNotMatch(policy, /'self'/);
    const visitor = await open();
    await visitor.modelIs('ready');
    assert.equal(await visitor.page.getByTestId('model-select').isVisible(), false);
    const links = await visitor.page.locator('link').evaluateAll((found) => found.map(({ rel }) => rel));
    assert.deepEqual(links, ['icon']);
    await visitor.close();
  });
});
