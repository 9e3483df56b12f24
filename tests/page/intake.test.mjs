import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('files come in', () => {
  let site, browser, visitor, phantoms, study;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
    study = join(folder, 'study');
    mkdirSync(join(study, 'series'), { recursive: true });
    for (const name of ['slice-10.bmp', 'slice-2.bmp']) {
      copyFileSync(phantoms.normal, join(study, 'series', name));
    }
    writeFileSync(join(study, '.DS_Store'), 'left by a system');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url);
  });
  afterEach(() => visitor.close());

  /** Drops files on the page as the operating system does. */
  async function dropFromDesktop(paths) {
    const session = await visitor.page.context().newCDPSession(visitor.page);
    const box = await visitor.page.getByTestId('drop-zone').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + 10];
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, x, y, data });
    }
  }

  const names = async () => (await visitor.rows()).map((row) => row.split('\n')[0].trim());

  test('dropped from the desktop', async () => {
    await dropFromDesktop([phantoms.subdural, phantoms.normal]);
    await visitor.settled(2);
    assert.deepEqual(await names(), ['subdural.bmp', 'normal.bmp']);
    assert.ok((await visitor.result()).label);
    assert.equal(await visitor.page.locator('.curtain').isVisible(), false);
  });

  test('a dropped folder, in the order a person counts and without what systems leave there', async () => {
    await dropFromDesktop([study]);
    await visitor.settled(2);
    assert.deepEqual(await names(), ['slice-2.bmp', 'slice-10.bmp']);
  });

  test('a picked folder, likewise', async () => {
    await visitor.page.locator('#folder-input').setInputFiles(study);
    await visitor.settled(2);
    assert.deepEqual(await names(), ['slice-2.bmp', 'slice-10.bmp']);
  });

  test('pasted pictures', async () => {
    await visitor.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(64, 64);
      canvas.getContext('2d').fillRect(0, 0, 64, 64);
      const picture = await canvas.convertToBlob({ type: 'image/png' });
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([picture], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    });
    await visitor.settled(1);
    assert.deepEqual(await names(), ['pasted-1.png']);
  });

  test('before the model is there, and wait for it', async (t) => {
    let open;
    const gate = new Promise((resolve) => (open = resolve));
    const code = readFileSync(join(DIST, 'haemolens_bg.wasm'));
    const slow = await serveSite({
      '/haemolens_bg.wasm': (response) => {
        gate.then(() => bytes(code, 'application/wasm')(response));
      },
    });
    t.after(() => slow.close());
    const early = await Visitor.open(browser, slow.url);
    await early.pick(phantoms.subdural);
    await early.page.getByTestId('result').waitFor();
    assert.equal((await early.result()).label, undefined);
    assert.match(await early.page.locator('[data-part="status"]').innerText(), /Loading the model/);
    assert.match((await early.rows())[0], /Waiting/);
    open();
    await early.settled(1);
    assert.ok((await early.result()).label);
    await early.close();
  });

  test('stop takes off what waits; clear takes off everything', async () => {
    await visitor.modelIs('ready');
    const many = Array.from({ length: 40 }, () => phantoms.normal);
    await visitor.pick(many);
    await visitor.page.getByRole('button', { name: 'Stop' }).click();
    await visitor.page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
    const left = (await visitor.rows()).length;
    assert.ok(left < many.length, `${left} rows left`);
    await visitor.settled(left);
    await visitor.page.getByRole('button', { name: 'Clear' }).click();
    assert.equal((await visitor.rows()).length, 0);
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.ok((await visitor.result()).label);
  });

  test('results leave as a table', async () => {
    await visitor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const formula = { name: '=1+1,"x".png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
    await visitor.pick(phantoms.subdural);
    await visitor.settled(1);
    await visitor.pick(formula);
    await visitor.settled(2);
    await visitor.page.getByRole('button', { name: 'Copy as CSV' }).click();
    await visitor.page.getByRole('button', { name: 'Copied' }).waitFor();
    const table = await visitor.page.evaluate(() => navigator.clipboard.readText());
    const [head, good, bad] = table.trimEnd().split(/\r?\n/);
    assert.match(head, /^file,label,probability,margin,/);
    assert.match(good, /^subdural\.bmp,(haemorrhage|normal),[\d.e-]+,-?[\d.e-]+,/);
    assert.equal(bad, `"'=1+1,""x"".png",,,,,,,,,UnsupportedFormat`);
  });
});
