import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { zipFile } from './archive-files.mjs';
import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { greyPng } from './picture-files.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 128;

describe('an archive', () => {
  let site, browser, visitor, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url);
  });
  afterEach(() => visitor.close());

  /** Writes an archive, and gives its path. */
  function write(name, members) {
    const path = join(folder, name);
    writeFileSync(path, Buffer.isBuffer(members) ? members : zipFile(members));
    return path;
  }

  test('as a PACS exports it has a row for each slice, answered as on the command line', async () => {
    const path = write('export.zip', [
      { name: 'DICOMDIR', bytes: ctFile(SIDE, [head(SIDE)]) },
      { name: 'README.TXT', bytes: Buffer.from('To look at these pictures, start VIEWER.EXE. '.repeat(40)) },
      { name: 'DICOM/', bytes: Buffer.alloc(0), stored: true },
      { name: 'DICOM/S2/I1', bytes: ctFile(SIDE, [head(SIDE), head(SIDE, 30)]), stored: true },
      { name: 'DICOM/S1/I1', bytes: ctFile(SIDE, [head(SIDE, 20)]) },
      { name: 'KEY/picture.bmp', bytes: readFileSync(phantoms.subdural) },
    ]);
    await visitor.drop([path]);
    await visitor.settled(4);
    assert.deepEqual(await visitor.names(), [
      'export.zip/DICOM/S1/I1',
      'export.zip/DICOM/S2/I1 (1 of 2)',
      'export.zip/DICOM/S2/I1 (2 of 2)',
      'export.zip/KEY/picture.bmp',
    ]);
    const [shown, expected] = [await visitor.allResults(), await classify([path])];
    assert.deepEqual(
      shown.map(({ margin, distance }) => [margin, distance]),
      expected.map(({ margin, distance }) => [margin, distance]),
    );
    assert.equal(new Set(shown.map(({ margin }) => margin)).size, 4);
    assert.deepEqual(await visitor.problems(), []);
    assert.deepEqual(visitor.complaints, []);
  });

  test('with bad files names each, in the order of the rows, and the good ones have their answers', async () => {
    const good = readFileSync(phantoms.normal);
    const png = greyPng(SIDE, SIDE, (x) => x);
    const path = write('mixed.zip', [
      { name: '1-good.bmp', bytes: good },
      { name: '2-half.png', bytes: png.subarray(0, png.length / 2) },
      { name: '3-more.zip', bytes: zipFile([{ name: 'inner.bmp', bytes: good }]), stored: true },
      { name: '4-dot.png', bytes: greyPng(1, 1, () => 0) },
      { name: '5-good.bmp', bytes: good },
    ]);
    await visitor.drop([path, write('not-at-all.zip', Buffer.from('a letter, which is no picture'))]);
    await visitor.settled(6);
    assert.deepEqual(
      (await visitor.allResults()).map(({ label }) => label),
      ['normal', undefined, undefined, undefined, 'normal', undefined],
    );
    const problems = await visitor.problems();
    assert.deepEqual(
      problems.map(({ file, name }) => [file, name]),
      [
        ['mixed.zip/2-half.png', 'CorruptImage'],
        ['mixed.zip/3-more.zip', 'UnsupportedFormat'],
        ['mixed.zip/4-dot.png', 'CorruptImage'],
        ['not-at-all.zip', 'UnsupportedFormat'],
      ],
    );
    assert.match(problems[1].message, /ZIP archive inside of another\. Unpack it/);
  });

  test('without an image, damaged or cut short is one row that says so', async () => {
    const whole = zipFile([{ name: 'slice.bmp', bytes: readFileSync(phantoms.normal) }]);
    await visitor.drop([
      write('letters.zip', [{ name: 'letter.txt', bytes: Buffer.from('Dear colleague') }]),
      write('half.zip', whole.subarray(0, whole.length / 2)),
      write('empty.zip', []),
    ]);
    await visitor.settled(3);
    assert.deepEqual(
      (await visitor.problems()).map(({ file, name }) => [file, name]),
      [
        ['letters.zip', 'NoPixelData'],
        ['half.zip', 'CorruptImage'],
        ['empty.zip', 'NoPixelData'],
      ],
    );
  });

  test('longer than what a file may be is read member by member', async () => {
    // Drawn noise does not pack: each member is more than a tenth of the longest file.
    const bytes = Buffer.alloc(30 << 20);
    for (let i = 0, state = 1; i < bytes.length; i += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      bytes.writeInt32LE(state, i);
    }
    const slice = readFileSync(phantoms.subdural);
    // A BMP says how long it is; what follows is not looked at.
    slice.copy(bytes);
    const count = 10;
    const members = Array.from({ length: count }, (_, i) => ({ name: `${i}.bmp`, bytes, stored: true }));
    await visitor.drop([write('long.zip', members)]);
    await visitor.settled(count);
    const [expected] = await classify([phantoms.subdural]);
    for (const { margin } of await visitor.allResults()) assert.equal(margin, expected.margin);
  });

  test('is stopped and cleared as files are', async () => {
    const bytes = readFileSync(phantoms.normal);
    const members = Array.from({ length: 200 }, (_, i) => ({ name: `${i}.bmp`, bytes }));
    await visitor.modelIs('ready');
    await visitor.drop([write('study.zip', members)]);
    await visitor.page.getByTestId('slice-list').getByRole('option').nth(5).waitFor();
    await visitor.page.getByRole('button', { name: 'Stop' }).click();
    const left = (await visitor.names()).length;
    assert.ok(left < 200, `${left} rows left`);
    await visitor.settled(left);
    if (left > 0) await visitor.page.getByRole('button', { name: 'Clear' }).click();
    assert.deepEqual(await visitor.names(), []);
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.ok((await visitor.result()).label);
  });
});
