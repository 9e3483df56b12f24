import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { countingPage } from './altered-page.mjs';
import { classify, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 256;

describe('DICOM', () => {
  let site, browser, visitor;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    visitor = await Visitor.open(browser, site.url);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Writes a file, has the page examine it alone, and gives its path. */
  async function examine(name, bytes, slices = 1) {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await visitor.pick(path);
    await visitor.settled(slices);
    return path;
  }

  async function clear() {
    await visitor.page.locator('[data-part="clear"]').click();
  }

  test('without a name that tells gives the command line’s answer', async () => {
    const path = await examine('IM000001', ctFile(SIDE, [head(SIDE, 30)]));
    const [shown, [expected]] = [await visitor.result(), await classify([path])];
    assert.equal(shown.label, expected.label);
    assert.equal(shown.margin, expected.margin);
    assert.equal(shown.distance, expected.distance);
    const text = await visitor.page.locator('body').innerText();
    assert.ok(!text.includes('Doe'), 'no name of a patient is shown');
    await clear();
  });

  test('with several frames has a row for each, in their order', async () => {
    const frames = [head(SIDE), head(SIDE, 40), head(SIDE, 20)];
    const path = await examine('study', ctFile(SIDE, frames), frames.length);
    const [shown, expected] = [await visitor.allResults(), await classify([path])];
    assert.deepEqual(
      shown.map(({ file, margin }) => [file, margin]),
      expected.map(({ margin, frame }) => [`study (${frame + 1} of 3)`, margin]),
    );
    assert.notEqual(shown[0].margin, shown[1].margin);
    await clear();
  });

  test('with many frames is read once by each worker, however many frames there are', async (t) => {
    const counting = await serveSite({ '/': bytes(await countingPage(), 'text/html') });
    t.after(() => counting.close());
    const other = await Visitor.open(browser, counting.url);
    let opened = 0;
    other.page.on('console', (message) => (opened += message.text() === 'opened'));
    const path = join(folder, 'perfusion');
    writeFileSync(path, ctFile(64, Array.from({ length: 60 }, (_, i) => head(64, i % 12))));
    await other.pick(path);
    await other.settled(60);
    const workers = await other.page.evaluate(() => navigator.hardwareConcurrency);
    assert.ok(opened >= 1 && opened <= workers, `opened ${opened} times by ${workers} workers`);
    assert.equal((await other.names())[59], 'perfusion (60 of 60)');
    assert.deepEqual(other.complaints, []);
    await other.close();
  });

  test('that is not CT is doubted for what its header says', async () => {
    await examine('resonance.dcm', ctFile(SIDE, [head(SIDE)], { modality: 'MR' }));
    const { warned } = await visitor.result();
    assert.equal(warned, true);
    const words = await visitor.page.getByTestId('guard').innerText();
    assert.match(words, /magnetic resonance/);
    await clear();
  });

  test('that is a scout image is doubted before its answer is read', async () => {
    const bytes = ctFile(SIDE, [head(SIDE, 30)], { imageType: 'ORIGINAL\\PRIMARY\\LOCALIZER' });
    await examine('scout', bytes);
    assert.equal((await visitor.result()).warned, true);
    const notice = visitor.page.getByTestId('guard');
    assert.match(await notice.innerText(), /localiser \(scout\) image/);
    const [above, below] = [await notice.boundingBox(), await visitor.page.getByTestId('label').boundingBox()];
    assert.ok(above.y + above.height <= below.y, 'the warning stands before the answer');
    assert.match((await visitor.rows())[0], /not like a head CT/);
    const announced = await visitor.page.locator('[data-part="announcement"]').innerText();
    assert.match(announced, /^scout: .*localiser \(scout\) image.*probability of haemorrhage/);
    await clear();
  });

  test('in a transfer syntax that is not read is refused by its UID', async () => {
    const syntax = '1.2.840.10008.1.2.4.100';
    await examine('film.dcm', ctFile(SIDE, [head(SIDE)], { syntax }));
    const [problem] = await visitor.problems();
    assert.equal(problem.name, 'UnsupportedTransferSyntax');
    assert.ok(problem.message.includes(syntax), problem.message);
    await clear();
  });
});
