import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { zipFile } from './archive-files.mjs';
import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { greyPng, reencoded } from './picture-files.mjs';
import { painted } from './screen-pixels.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';
import { watchWorkers } from './worker-memories.mjs';

const COUNT = 1000;
const MEGABYTE = 2 ** 20;

/** Where the page's memory is looked at, in rows that are over. */
const LOOKS = [200, 400, 600, 800, 1000];

/**
 * What the page and its workers may take more after all files than at the second look, by when all is
 * there that is kept of the last files alone.
 */
const MOST_GROWTH = 12 * MEGABYTE;

describe('a thousand files', () => {
  let site, browser, visitor, contents;
  const folder = scratchFolder(after);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    visitor = await Visitor.open(browser, site.url, { before: watchWorkers });
    const phantom = readFileSync((await drawPhantoms(folder)).normal);
    const png = greyPng(96, 96, (x, y) => (Math.hypot(x - 48, y - 48) < 36 ? 90 + ((x * y) % 40) : 0));
    const jpeg = await reencoded(visitor.page, phantom, { type: 'image/jpeg', quality: 0.8 });
    const dicom = ctFile(96, [head(96, 10)]);
    contents = [
      ['slice.png', png, true],
      ['slice.bmp', phantom, true],
      ['slice.jpg', jpeg, true],
      ['IM', dicom, true],
      ['half.png', png.subarray(0, png.length / 2), false],
      ['slice.dcm', dicom, true],
      ['letter.png', Buffer.from('Dear colleague, '.repeat(30)), false],
      ['empty.bmp', Buffer.alloc(0), false],
      ['film.dcm', Buffer.from('GIF89a\x01\x00\x01\x00, which is no film'), false],
      ['half', dicom.subarray(0, dicom.length / 2), false],
    ];
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  const content = (i) => contents[i % contents.length];
  const named = (i) => `${String(i).padStart(4, '0')}-${content(i)[0]}`;
  const bytes = (i) => content(i)[1];
  const isGood = (i) => content(i)[2];

  /** 600 files, a folder of folders with 200, and four archives of 50: good and bad, of every kind. */
  function writeAll() {
    const dropped = [];
    for (let i = 0; i < 600; i++) {
      dropped.push(join(folder, named(i)));
      writeFileSync(dropped.at(-1), bytes(i));
    }
    const study = join(folder, 'study');
    for (let i = 600; i < 800; i++) {
      const series = join(study, `series-${Math.floor(i / 50)}`);
      mkdirSync(series, { recursive: true });
      writeFileSync(join(series, named(i)), bytes(i));
    }
    writeFileSync(join(study, 'DICOMDIR'), 'the index of a disc');
    dropped.push(study);
    for (let first = 800; first < COUNT; first += 50) {
      // What is no image at all is not taken out of an archive.
      const members = Array.from({ length: 50 }, (_, i) => {
        const bad = /^(letter|empty|film)/.test(content(first + i)[0]);
        return { name: `${named(first + i)}`, bytes: bytes(bad ? 4 : first + i) };
      });
      dropped.push(join(folder, `${first}.zip`));
      writeFileSync(dropped.at(-1), zipFile(members));
    }
    return dropped;
  }

  /** Bytes that the page's scripts hold, once what is garbage is gone, and the memories of its workers. */
  async function memory(session) {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
    const workers = await visitor.page.evaluate(() => [...window.memories.values()].reduce((a, b) => a + b, 0));
    return { heap: usedSize, buffers: backingStorageSize, workers };
  }

  test('good and bad, in one drop, have a row each; memory does not grow with them', async (t) => {
    const dropped = writeAll();
    const session = await visitor.page.context().newCDPSession(visitor.page);
    const over = () =>
      visitor.page.evaluate(
        () => document.querySelectorAll('[role="option"]:is([data-state="done"], [data-state="failed"])').length,
      );
    const started = performance.now();
    await visitor.drop(dropped);
    const curve = [];
    for (const look of LOOKS) {
      while ((await over()) < look) await new Promise((resolve) => setTimeout(resolve, 50));
      curve.push({ files: await over(), ...(await memory(session)) });
    }
    await visitor.settled(COUNT);
    t.diagnostic(`${COUNT} files took ${((performance.now() - started) / 1000).toFixed(1)} s`);
    for (const { files, heap, buffers, workers } of curve) {
      const [page, held, modules] = [heap, buffers, workers].map((size) => (size / MEGABYTE).toFixed(1));
      t.diagnostic(`after ${files} files: scripts ${page} MB, buffers ${held} MB, modules ${modules} MB`);
    }

    const names = await visitor.names();
    assert.equal(names.length, COUNT);
    for (const [i, name] of names.entries()) {
      const archive = i < 800 ? '' : `${i - (i % 50)}.zip/`;
      assert.equal(name, archive + named(i));
    }
    const options = visitor.page.getByTestId('slice-list').getByRole('option');
    const states = await options.evaluateAll((rows) => rows.map((row) => row.dataset.state));
    assert.deepEqual(states, names.map((_, i) => (isGood(i) ? 'done' : 'failed')));
    const problems = await visitor.problems();
    const bad = names.filter((_, i) => !isGood(i));
    assert.deepEqual(problems.map(({ file }) => file), bad);
    assert.ok(problems.every(({ message }) => message.length > 20));
    assert.deepEqual(visitor.complaints, []);

    const whole = ({ heap, buffers, workers }) => heap + buffers + workers;
    const growth = whole(curve.at(-1)) - whole(curve[1]);
    assert.ok(growth < MOST_GROWTH, `grew by ${(growth / MEGABYTE).toFixed(1)} MB`);
  });

  test('are a list that the keyboard moves through, each with its picture when it is in sight', async () => {
    const { page } = visitor;
    const list = page.getByTestId('slice-list');
    const options = list.getByRole('option');
    await options.first().click();
    const drawn = (row) => row.locator('canvas').evaluate((canvas) => canvas.width > 0);
    const settled = async (row, wanted) => {
      const handle = await row.locator('canvas').elementHandle();
      await page.waitForFunction(([canvas, is]) => canvas.width > 0 === is, [handle, wanted]);
    };
    // The one that was clicked holds the browser's own selection, and is never skipped.
    await settled(options.nth(1), true);
    const last = options.nth(COUNT - 2);
    assert.equal(await drawn(options.nth(COUNT - 5)), false, 'nothing is drawn out of sight');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    assert.equal(await last.getAttribute('aria-selected'), 'true');
    assert.ok(await last.evaluate((row) => row === document.activeElement));
    await settled(options.nth(COUNT - 5), true);
    await settled(options.nth(1), false);
    const inside = async (row) => {
      await painted(visitor);
      return row.evaluate((element) => {
        const [frame, box] = [element.parentElement, element].map((one) => one.getBoundingClientRect());
        return box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1;
      });
    };
    assert.ok(await inside(last), 'the selected row is in sight');
    await page.keyboard.press('Home');
    assert.ok(await inside(options.first()));
    // Readers of the page are told of every row.
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const told = nodes.filter(({ role, ignored }) => role?.value === 'option' && !ignored);
    const words = told.map(({ name }) => name.value).filter((name) => /, (Normal|Haemorrhage|Not examined)/.test(name));
    assert.equal(words.length, COUNT);
  });

  test('are a strip of few shapes, in which one of several shows and every one can be reached', async () => {
    const strip = visitor.page.getByTestId('strip');
    const shapes = await strip.evaluate((element) => ({
      elements: element.querySelectorAll('*').length,
      bars: [...element.querySelectorAll('path')].map((path) => path.getAttribute('d').split('M').length - 1),
    }));
    assert.ok(shapes.elements < 12);
    assert.equal(shapes.bars.reduce((a, b) => a + b), COUNT / 2);
    const at = () => strip.getAttribute('aria-valuenow').then(Number);
    await strip.press('End');
    assert.equal(await at(), COUNT);
    await strip.press('ArrowLeft');
    assert.equal(await at(), COUNT - 1);
    const box = await strip.boundingBox();
    await visitor.page.mouse.click(box.x + box.width / 4, box.y + box.height / 2);
    assert.ok(Math.abs((await at()) - COUNT / 4) <= 4);
    assert.match(await strip.getAttribute('aria-valuetext'), new RegExp(`^Slice ${await at()} of 1,000, `));
    await strip.press('Home');
    assert.equal(await at(), 1);
  });
});
