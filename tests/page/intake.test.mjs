import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('files come in', () => {
  let site, browser, visitor, phantoms, study, disc;
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
    disc = join(folder, 'disc');
    mkdirSync(join(disc, 'A'), { recursive: true });
    writeFileSync(join(disc, 'DICOMDIR'), 'the index of a disc');
    writeFileSync(join(disc, 'A', 'Z10'), ctFile(64, [head(64)]));
    writeFileSync(join(disc, 'A', 'Z2'), ctFile(64, [head(64, 8)]));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url);
  });
  afterEach(() => visitor.close());

  test('dropped from the desktop', async () => {
    await visitor.drop([phantoms.subdural, phantoms.normal]);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['subdural.bmp', 'normal.bmp']);
    assert.ok((await visitor.result()).label);
    assert.equal(await visitor.page.locator('.curtain').isVisible(), false);
  });

  test('a dropped folder, in the order a person counts and without what systems leave there', async () => {
    await visitor.drop([study]);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['slice-2.bmp', 'slice-10.bmp']);
  });

  test('a picked folder, likewise', async () => {
    await visitor.page.locator('#folder-input').setInputFiles(study);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['slice-2.bmp', 'slice-10.bmp']);
  });

  test('the folder of a disc, whose files have no extension and whose index is skipped', async () => {
    await visitor.drop([disc]);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['Z2', 'Z10']);
    assert.ok((await visitor.result()).label);
    assert.deepEqual(await visitor.problems(), []);
    await visitor.page.getByRole('button', { name: 'Clear' }).click();
    await visitor.page.locator('#folder-input').setInputFiles(disc);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['Z2', 'Z10']);
  });

  test('the index of a disc beside what it lists, skipped; alone, explained', async () => {
    await visitor.drop([join(disc, 'DICOMDIR'), join(disc, 'A')]);
    await visitor.settled(2);
    assert.deepEqual(await visitor.names(), ['Z2', 'Z10']);
    await visitor.drop([join(disc, 'DICOMDIR')]);
    await visitor.settled(3);
    assert.equal((await visitor.problems())[0].file, 'DICOMDIR');
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
    assert.deepEqual(await visitor.names(), ['pasted-1.png']);
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
    const many = Array.from({ length: 400 }, () => phantoms.normal);
    await visitor.pick(many);
    await visitor.page.locator('[role="option"][data-state="done"]').first().waitFor();
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
    await visitor.page.getByTestId('with-names').check();
    const table = await visitor.copyTable();
    const [head, good, bad] = table.trimEnd().split(/\r?\n/);
    assert.match(head, /^file,label,probability,margin,/);
    assert.match(good, /^subdural\.bmp,(haemorrhage|normal),[\d.e-]+,-?[\d.e-]+,/);
    assert.equal(bad, `"'=1+1,""x"".png",,,,,,,,,,,,,,,,,UnsupportedFormat`);
  });
});
