import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { classify, drawPhantoms, scratchFolder } from './command-line.mjs';
import { greyPng } from './picture-files.mjs';
import { twentySlices, withoutCtIch } from './real-slices.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const MARGIN_TOLERANCE = 1e-4;

describe('the page classifies', () => {
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

  /** Holds the page's answers against the command line's. */
  async function agreesWithCommandLine(paths) {
    await visitor.pick(paths);
    await visitor.settled(paths.length);
    const [shown, expected] = [await visitor.allResults(), await classify(paths)];
    assert.equal(shown.length, paths.length);
    for (const [i, path] of paths.entries()) {
      assert.equal(shown[i].file, basename(path));
      assert.equal(shown[i].label, expected[i].label, path);
      const apart = Math.abs(shown[i].margin - expected[i].margin);
      assert.ok(apart <= MARGIN_TOLERANCE, `${path}: margins ${apart} apart`);
      assert.ok(Math.abs(shown[i].probability - expected[i].probability) <= MARGIN_TOLERANCE, path);
      // The guard uses only exactly rounded arithmetic in a fixed order.
      assert.equal(shown[i].distance, expected[i].distance, path);
      assert.equal(shown[i].warned, !expected[i].inDistribution, path);
    }
  }

  async function visit() {
    visitor = await Visitor.open(browser, site.url);
  }

  for (const [kind, label] of [
    ['normal', 'normal'],
    ['intraparenchymal', 'haemorrhage'],
    ['subdural', 'haemorrhage'],
  ]) {
    test(`the ${kind} sample as ${label}`, async () => {
      await visit();
      await visitor.clickSample(kind);
      await visitor.settled(1);
      const result = await visitor.result();
      assert.equal(result.label, label);
      assert.ok(result.probability >= 0 && result.probability <= 1);
      assert.equal(await visitor.page.getByTestId('label').isVisible(), true);
      assert.match(await visitor.page.getByTestId('probability').innerText(), /\d %/);
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });
  }

  test('phantoms given as files as the command line does', async () => {
    await visit();
    await agreesWithCommandLine(Object.values(phantoms));
    await visitor.close();
  });

  test('twenty slices of patients as the command line does', { skip: withoutCtIch }, async () => {
    await visit();
    await agreesWithCommandLine(twentySlices());
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('what is no head CT with a warning first, and an answer all the same', async () => {
    await visit();
    const page = greyPng(300, 400, (x, y) => (y % 16 < 8 && (x * 7 + (y >> 4) * 13) % 5 < 3 ? 20 : 245));
    await visitor.pick({ name: 'page.png', mimeType: 'image/png', buffer: page });
    await visitor.settled(1);
    const result = await visitor.result();
    assert.equal(result.warned, true);
    assert.ok(['haemorrhage', 'normal'].includes(result.label));
    const notice = visitor.page.getByTestId('guard');
    assert.match(await notice.innerText(), /does not look like a CT slice of a head: .+/);
    const [above, below] = [await notice.boundingBox(), await visitor.page.getByTestId('label').boundingBox()];
    assert.ok(above.y + above.height <= below.y, 'the warning stands before the answer');
    assert.match((await visitor.rows())[0], /not like a head CT/);
    assert.match(
      await visitor.page.locator('[data-part="announcement"]').innerText(),
      /page\.png: This does not look like a CT slice of a head/,
    );
    await visitor.clickSample('normal');
    await visitor.settled(2);
    await visitor.page.getByTestId('slice-list').getByRole('option').last().click();
    assert.equal((await visitor.result()).warned, false);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('a slice twice with the same answer', async () => {
    await visit();
    await visitor.pick(phantoms.subdural);
    await visitor.settled(1);
    await visitor.pick(phantoms.subdural);
    await visitor.settled(2);
    const [first, second] = await visitor.allResults();
    assert.deepEqual(first, second);
    await visitor.close();
  });
});
