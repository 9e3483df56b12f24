import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { trappingPage } from './altered-page.mjs';
import { zipFile } from './archive-files.mjs';
import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { greyPng, pngBomb, reencoded } from './picture-files.mjs';
import { wholeBrowser } from './processor-time.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('a bad file', () => {
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

  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

  /** Gives a bad file, expects its error, and sees the next good file through. */
  async function givesError(name, bad) {
    await visitor.pick(bad);
    await visitor.settled(1);
    const [problem] = await visitor.problems();
    assert.equal(problem.name, name, problem.message);
    assert.ok(problem.message.length > 20, 'says what to do');
    assert.equal(await visitor.page.getByTestId('error').isVisible(), true);
    assert.equal(await visitor.page.getByTestId('label').isVisible(), false);
    await visitor.pick(phantoms.subdural);
    await visitor.settled(2);
    assert.ok((await visitor.result()).label, 'the next good file has its answer');
    return problem;
  }

  test('text called .png: UnsupportedFormat', () =>
    givesError('UnsupportedFormat', file('letter.png', Buffer.from('Dear colleague, '.repeat(50)))));

  test('half a JPEG: CorruptImage', async () => {
    const phantom = readFileSync(phantoms.normal);
    const jpeg = await reencoded(visitor.page, phantom, { type: 'image/jpeg', quality: 0.9 });
    await givesError('CorruptImage', file('half.jpg', jpeg.subarray(0, jpeg.length / 2)));
  });

  test('one pixel: CorruptImage', () =>
    givesError('CorruptImage', file('dot.png', greyPng(1, 1, () => 128))));

  test('a PNG bomb: TooLarge, at once', async () => {
    const bomb = pngBomb(20_000, 20_000);
    assert.ok(bomb.length < 2 ** 20, `${bomb.length} bytes`);
    const seconds = await wholeBrowser(browser);
    const before = await seconds();
    await givesError('TooLarge', file('bomb.png', bomb));
    assert.ok((await seconds()) - before < 10);
  });

  test('an empty file: EmptyInput', () =>
    givesError('EmptyInput', file('empty.png', Buffer.alloc(0))));

  test('a huge file: TooLarge, unread', async () => {
    const huge = join(folder, 'huge.bmp');
    closeSync(openSync(huge, 'w'));
    // A hole in the file system: it takes no room until somebody writes there.
    truncateSync(huge, 2 ** 30);
    await givesError('TooLarge', huge);
  });

  test('that is gone when its turn comes: CorruptImage, and what to do', async (t) => {
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
    const gone = ['gone.bmp', 'gone.zip'].map((name) => join(folder, name));
    writeFileSync(gone[0], readFileSync(phantoms.normal));
    writeFileSync(gone[1], zipFile([{ name: 'slice.bmp', bytes: readFileSync(phantoms.normal) }]));
    await early.pick([...gone, phantoms.normal]);
    for (const path of gone) rmSync(path);
    open();
    await early.settled(3);
    const problems = await early.problems();
    assert.deepEqual(problems.map(({ file, name }) => [file, name]), [
      ['gone.bmp', 'CorruptImage'],
      ['gone.zip', 'CorruptImage'],
    ]);
    for (const { message } of problems) assert.match(message, /still where it was/);
    await early.close();
  });

  test('among good ones stops none of them', async () => {
    await visitor.pick([
      file('first.bmp', readFileSync(phantoms.normal)),
      file('text.png', Buffer.from('no picture at all')),
      file('second.bmp', readFileSync(phantoms.subdural)),
      file('nothing.jpg', Buffer.alloc(0)),
      file('third.bmp', readFileSync(phantoms.intraparenchymal)),
    ]);
    await visitor.settled(5);
    const answered = (await visitor.allResults()).map(({ label }) => label !== undefined);
    assert.deepEqual(answered, [true, false, true, false, true]);
    assert.deepEqual(
      (await visitor.problems()).map((problem) => [problem.file, problem.name]),
      [
        ['text.png', 'UnsupportedFormat'],
        ['nothing.jpg', 'EmptyInput'],
      ],
    );
  });
});

describe('a trap in the module', () => {
  let browser;
  const folder = scratchFolder(after);
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('fails that file alone: the user is told, the worker starts again, the queue goes on', async (t) => {
    const site = await serveSite({ '/': bytes(await trappingPage(), 'text/html') });
    t.after(() => site.close());
    const phantoms = await drawPhantoms(folder);
    const visitor = await Visitor.open(browser, site.url, { offline: false });
    await visitor.modelIs('ready');
    // Whichever of the workers is given the file.
    const broken = new Promise((resolve) => {
      const watch = (worker) => worker.on('close', resolve);
      visitor.page.workers().forEach(watch);
      visitor.page.on('worker', watch);
    });
    await visitor.pick([
      { name: 'trap.png', mimeType: 'image/png', buffer: Buffer.from('TRAP') },
      { name: 'subdural.bmp', mimeType: 'image/bmp', buffer: readFileSync(phantoms.subdural) },
      { name: 'normal.bmp', mimeType: 'image/bmp', buffer: readFileSync(phantoms.normal) },
    ]);
    await visitor.settled(3);
    const [problem] = await visitor.problems();
    assert.equal(problem.name, 'Internal');
    assert.equal(problem.file, 'trap.png');
    assert.match(problem.message, /started again/);
    const answered = (await visitor.allResults()).map(({ label }) => label !== undefined);
    assert.deepEqual(answered, [false, true, true]);
    const closed = await broken;
    const workers = visitor.page.workers();
    assert.ok(workers.length > 0 && !workers.includes(closed), 'the broken worker was replaced');
    const downloads = visitor.requests.filter((url) => url.endsWith('.wasm'));
    assert.ok(downloads.length <= 1, 'the compiled module is reused');
    await visitor.close();
  });
});

describe('a file that is never done with', () => {
  let browser;
  const folder = scratchFolder(after);
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const [button, kept] of [
    ['Stop', ['normal.bmp']],
    ['Clear', []],
  ]) {
    test(`is given up by ${button}, at once, and others are examined after it`, async (t) => {
      const site = await serveSite({ '/': bytes(await trappingPage(), 'text/html') });
      t.after(() => site.close());
      const phantoms = await drawPhantoms(folder);
      const visitor = await Visitor.open(browser, site.url);
      await visitor.pick(phantoms.normal);
      await visitor.settled(1);
      // More than there are workers: all of them are busy.
      const endless = (i) => ({ name: `${i}.dcm`, mimeType: '', buffer: Buffer.from('LOOP') });
      await visitor.pick(Array.from({ length: 30 }, (_, i) => endless(i)));
      await visitor.page.locator('[role="option"][data-state="running"]').nth(1).waitFor();
      await visitor.page.getByRole('button', { name: button }).click();
      assert.deepEqual(await visitor.names(), kept);
      assert.equal(await visitor.page.getByTestId('progress').isVisible(), false, 'the page is idle');
      await visitor.pick(phantoms.subdural);
      await visitor.settled(kept.length + 1);
      assert.deepEqual(await visitor.names(), [...kept, 'subdural.bmp']);
      assert.deepEqual(await visitor.problems(), []);
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });
  }
});

describe('without a model', () => {
  let browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('that does not arrive, the page says so, and trying again works', async (t) => {
    let down = true;
    const site = await serveSite({
      '/haemolens_bg.wasm': (response) => (down ? response.writeHead(503).end() && true : false),
    });
    t.after(() => site.close());
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('unreachable');
    assert.match(await visitor.page.locator('[data-part="status"]').innerText(), /could not be loaded/);
    down = false;
    await visitor.page.getByRole('button', { name: 'Try again' }).click();
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.ok((await visitor.result()).label);
    await visitor.close();
  });

  test('that breaks off on its way, the page says so, and trying again loads it anew', async (t) => {
    const code = readFileSync(join(DIST, 'haemolens_bg.wasm'));
    let broken = true;
    const site = await serveSite({
      '/haemolens_bg.wasm': (response) => {
        if (!broken) return false;
        response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': code.length });
        response.write(code.subarray(0, code.length / 2), () => response.destroy());
      },
    });
    t.after(() => site.close());
    const visitor = await Visitor.open(browser, site.url);
    const { page } = visitor;
    await visitor.pick({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('a') });
    await visitor.modelIs('unreachable');
    broken = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('forget-question').getByRole('button', { name: /^Forget 1 slice/ }).click();
    await visitor.modelIs('ready');
    assert.equal((await visitor.rows()).length, 0);
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.ok((await visitor.result()).label);
    await visitor.close();
  });

  test('that the browser can run, every file is told UnsupportedBrowser', async (t) => {
    const site = await serveSite();
    t.after(() => site.close());
    const before = () => {
      WebAssembly.validate = () => false;
    };
    const visitor = await Visitor.open(browser, site.url, { before });
    await visitor.modelIs('unusable');
    assert.match(await visitor.page.locator('[data-part="status"]').innerText(), /current Chrome/);
    await visitor.pick({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('a') });
    await visitor.settled(1);
    assert.equal((await visitor.problems())[0].name, 'UnsupportedBrowser');
    assert.equal(await visitor.page.getByTestId('privacy').getAttribute('data-door'), 'closed');
    await visitor.close();
  });
});
