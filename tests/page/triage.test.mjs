import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { byProbability, counts, shownBy } from '../../www/page/triage/row-order.js';
import { TimeLeft, timeLeftWords } from '../../www/page/triage/time-left.js';
import { classify, scratchFolder } from './command-line.mjs';
import { chest, ctFile, head } from './dicom-files.mjs';
import { heavyPng } from './picture-files.mjs';
import { pageThread } from './processor-time.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 128;

globalThis.CATALOGUES = await readCatalogues();

/** An entry as the list sees it. */
function entry(id, { probability, label = 'normal', like = true, doubtful = false, state = 'done' } = {}) {
  const classification =
    probability === undefined ? undefined : { probability, label, inDistribution: like, inconclusive: doubtful };
  return { id, name: `n${id}`, path: `folder/n${id}`, rank: [id, 0, 0], state, classification };
}

test('rows go by probability; what means little, failed or waits comes after, in that order', () => {
  const entries = [
    entry(1, { state: 'waiting' }),
    entry(2, { probability: 0.2 }),
    entry(3, { state: 'failed' }),
    entry(4, { probability: 0.99, like: false }),
    entry(5, { probability: 0.7 }),
    entry(6, { probability: 0.2 }),
    entry(7, { state: 'running' }),
    entry(8, { probability: 0.9, state: 'waiting' }),
  ];
  assert.deepEqual(byProbability(entries).map(({ id }) => id), [8, 5, 2, 6, 4, 3, 1, 7]);
  assert.deepEqual(entries.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7, 8], 'the list itself stays as it came');
});

test('filters count and show what belongs to them, and names or folders that contain words', () => {
  const entries = [
    entry(1, { probability: 0.9, label: 'haemorrhage' }),
    entry(2, { probability: 0.5, label: 'haemorrhage', doubtful: true }),
    entry(3, { probability: 0.1, doubtful: true, like: false }),
    entry(4, { state: 'failed' }),
    entry(5, { state: 'waiting' }),
  ];
  assert.deepEqual(counts(entries), {
    all: 5, haemorrhage: 2, normal: 1, inconclusive: 1, unlike: 1, failed: 1,
  });
  const shown = (filter, words = '') => entries.filter(shownBy(filter, words)).map(({ id }) => id);
  assert.deepEqual(shown('haemorrhage'), [1, 2]);
  assert.deepEqual(shown('inconclusive'), [2]);
  assert.deepEqual(shown('unlike'), [3]);
  assert.deepEqual(shown('failed'), [4]);
  assert.deepEqual(shown('all', ' N3 '), [3]);
  assert.deepEqual(shown('haemorrhage', 'FOLDER/'), [1, 2]);
  assert.deepEqual(shown('normal', 'n1'), []);
});

test('the time left follows a steady rate, and is silent until it can be said', () => {
  const time = new TimeLeft();
  const said = [];
  // Ten a second, looked at five times a second.
  for (let look = 0; look <= 100; look++) said.push(time.estimate(look * 2, 200, look * 200));
  assert.equal(said[0], undefined);
  assert.equal(said[5], undefined, 'nothing is said after a second');
  assert.equal(said[20], 20, 'sixteen seconds, rounded up');
  assert.equal(said[90], 5);
  assert.equal(said.at(-1), undefined, 'nothing is left');
  const numbers = said.filter((seconds) => seconds !== undefined);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a), 'it only falls');
  assert.equal(timeLeftWords(20), 'about 20 s left');
  assert.equal(timeLeftWords(5), 'a few seconds left');
  assert.equal(timeLeftWords(240), 'about 4 minutes left');
});

test('the time left does not hop with an uneven rate, but rises when the rate falls for good', () => {
  const time = new TimeLeft();
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const said = [];
  let done = 0;
  for (let look = 0; look < 100; look++) {
    done += Math.round(random() * 4);
    said.push(time.estimate(done, 1000, look * 200));
  }
  const numbers = said.filter((seconds) => seconds !== undefined);
  const rises = numbers.filter((seconds, i) => i > 0 && seconds > numbers[i - 1]).length;
  assert.ok(rises <= 1, `rose ${rises} times: ${numbers}`);
  const before = numbers.at(-1);
  let later;
  for (let look = 100; look < 300; look++) {
    if (look % 10 === 0) done++;
    later = time.estimate(done, 1000, look * 200);
  }
  assert.ok(later > 4 * before, `${before} s, then ${later} s`);
});

describe('the list', () => {
  let site, browser, visitor, page;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url, { offline: false });
    ({ page } = visitor);
  });
  afterEach(() => visitor.close());

  const slice = (name, bleeding) => ({ name, mimeType: '', buffer: ctFile(SIDE, [head(SIDE, bleeding)]) });
  const some = () => [
    slice('plain.dcm', 0),
    { name: 'letter.txt', mimeType: '', buffer: Buffer.from('Dear colleague') },
    slice('spot.dcm', 16),
    slice('smaller.dcm', 6),
    { name: 'not-a-head.dcm', mimeType: '', buffer: ctFile(SIDE, [chest(SIDE)]) },
  ];

  const folder = scratchFolder(after);

  /** Names of slices by the command line's margins, highest first. */
  async function ranked(files) {
    const paths = files.map(({ name, buffer }) => {
      writeFileSync(join(folder, name), buffer);
      return join(folder, name);
    });
    const answers = await classify(paths);
    const margins = new Map(files.map(({ name }, i) => [name, answers[i].margin]));
    return [...margins.keys()].sort((a, b) => margins.get(b) - margins.get(a));
  }

  /** Rows that are shown, from top to bottom. */
  const shown = () =>
    page.locator('[data-testid="slice-list"] [role="option"]').evaluateAll((rows) =>
      rows
        .filter((row) => row.checkVisibility())
        .map((row) => ({
          name: row.querySelector('[data-part="name"]').textContent,
          top: row.getBoundingClientRect().top,
        })),
    );
  const names = async () => (await shown()).map(({ name }) => name);
  const order = (value) => page.getByTestId('order').selectOption(value);
  const away = () => page.mouse.move(5, 5);

  test('stands as it came until another order is asked for, and back again', async () => {
    const came = ['plain.dcm', 'letter.txt', 'spot.dcm', 'smaller.dcm', 'not-a-head.dcm'];
    await visitor.pick(some());
    await visitor.settled(5);
    assert.deepEqual(await names(), came);
    await order('probability');
    const [plain, , spot, smaller] = some();
    const last = ['not-a-head.dcm', 'letter.txt'];
    const sorted = [...(await ranked([plain, spot, smaller])), ...last];
    assert.deepEqual(await names(), sorted);
    // The picture's arrow keys go the same way.
    await page.getByTestId('screen').focus();
    await page.keyboard.press('Home');
    assert.equal((await visitor.result()).file, sorted[0]);
    await page.keyboard.press('ArrowRight');
    assert.equal((await visitor.result()).file, sorted[1]);
    // What comes later finds its place by itself.
    const later = slice('later.dcm', 12);
    await visitor.pick(later);
    await visitor.settled(6);
    await away();
    await page.waitForFunction(
      () => document.querySelectorAll('[role="option"] [data-part="name"]')[5].textContent === 'letter.txt',
    );
    assert.deepEqual(await names(), [...(await ranked([plain, spot, smaller, later])), ...last]);
    await order('came');
    assert.deepEqual(await names(), [...came, 'later.dcm']);
    assert.deepEqual(visitor.complaints, []);
  });

  test('shows what is asked for, with counts, and is walked through with the keyboard', async () => {
    await visitor.pick(some());
    await visitor.settled(5);
    const options = await page.getByTestId('filter').locator('option').allInnerTexts();
    assert.equal(options[0], 'All (5)');
    assert.equal(options[4], 'Not like a head CT (1)');
    assert.equal(options[5], 'Not examined (1)');
    await page.getByTestId('name-filter').fill('S');
    assert.deepEqual(await names(), ['spot.dcm', 'smaller.dcm']);
    assert.equal(await page.getByTestId('strip').getAttribute('aria-valuemax'), '2', 'the strip shows the same');
    // The selected row is hidden: the keyboard enters at the first one that is not.
    await page.getByTestId('name-filter').focus();
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate(() => document.activeElement.querySelector('[data-part="name"]')?.textContent);
    assert.equal(await focused(), 'spot.dcm');
    for (const key of ['End', 'Home', 'ArrowDown']) await page.keyboard.press(key);
    assert.equal(await focused(), 'smaller.dcm');
    await page.keyboard.press('ArrowDown');
    assert.equal((await visitor.result()).file, 'smaller.dcm', 'hidden rows are passed over');
    await page.getByTestId('name-filter').fill('');
    await page.getByTestId('filter').selectOption('failed');
    assert.deepEqual(await names(), ['letter.txt']);
    await page.getByTestId('name-filter').fill('zzz');
    assert.equal(await page.getByText('No slice is like that.').isVisible(), true);
    await page.getByRole('button', { name: 'Clear' }).click();
    await visitor.pick(some());
    await visitor.settled(5);
    assert.equal((await shown()).length, 5, 'whoever begins anew sees everything');
  });

  test('holds still under the pointer, and sorts once it has gone', async () => {
    const three = [slice('a.dcm', 0), slice('b.dcm', 4), slice('spot.dcm', 16)];
    const [highest] = await ranked(three);
    const isHighest = ({ name }) => name === highest;
    await visitor.pick(three.filter((file) => !isHighest(file)));
    await visitor.settled(2);
    await order('probability');
    const first = (await shown())[0];
    await page.locator('[role="option"]:visible').first().hover();
    await visitor.pick(three.find(isHighest));
    await visitor.settled(3);
    await page.getByText('Rows hold still').waitFor();
    assert.deepEqual((await shown())[0], first);
    assert.equal((await names())[2], highest);
    await away();
    await page.waitForFunction(
      (name) => document.querySelector('[role="option"] [data-part="name"]').textContent === name,
      highest,
    );
    assert.equal(await page.getByText('Rows hold still').isVisible(), false);
  });

  test('holds still while the keyboard is in it', async () => {
    await visitor.pick(Array.from({ length: 4 }, (_, i) => slice(`plain-${i}.dcm`, 0)));
    await visitor.settled(4);
    await order('probability');
    await page.getByTestId('name-filter').focus();
    await page.keyboard.press('Tab');
    // A mouse that lies elsewhere: only the keyboard is in the list.
    await away();
    const more = [slice('x.dcm', 16), slice('y.dcm', 12)];
    const [highest] = await ranked(more);
    await visitor.pick(more);
    await visitor.settled(6);
    assert.deepEqual((await names()).slice(0, 2), ['plain-0.dcm', 'plain-1.dcm']);
    await page.getByTestId('name-filter').focus();
    await page.waitForFunction(
      (name) => document.querySelector('[role="option"] [data-part="name"]').textContent === name,
      highest,
    );
  });

  test('keeps a chosen row where it is on the screen while others come before it', async () => {
    const low = Array.from({ length: 8 }, (_, i) => slice(`low-${i}.dcm`, 0));
    const high = Array.from({ length: 8 }, (_, i) => slice(`high-${i}.dcm`, 10 + (i % 3)));
    await visitor.modelIs('ready');
    await visitor.pick(low);
    await visitor.settled(8);
    await order('probability');
    // The workers are busy with others first, so that all of these come after the look.
    const disc = heavyPng(5000);
    const heavy = Array.from({ length: await visitor.mostWorkers() }, (_, i) => ({ name: `disc-${i}.png`, mimeType: '', buffer: disc }));
    await visitor.pick([...heavy, ...high]);
    // Chosen at once, and looked at as each frame is painted from now on.
    await page.locator('[role="option"]').filter({ hasText: 'low-5.dcm' }).evaluate((element) => {
      element.scrollIntoView({ block: 'center' });
      element.click();
      const before = element.getBoundingClientRect().top;
      window.farthest = 0;
      const look = () => {
        new IntersectionObserver(([{ boundingClientRect }], observer) => {
          observer.disconnect();
          window.farthest = Math.max(window.farthest, Math.abs(boundingClientRect.top - before));
        }).observe(element);
        requestAnimationFrame(look);
      };
      look();
    });
    assert.equal(await page.getByTestId('progress').isVisible(), true, 'they are still to come');
    await visitor.settled(16 + heavy.length);
    await page.waitForFunction(
      () => document.querySelectorAll('[role="option"] [data-part="name"]')[7].textContent.startsWith('high'),
    );
    assert.ok((await names()).slice(0, 8).every((name) => name.startsWith('high')));
    assert.equal((await visitor.result()).file, 'low-5.dcm');
    const farthest = await page.evaluate(() => window.farthest);
    assert.ok(farthest < 2, `moved by ${farthest} pixels`);
  });

  test('says how long it still takes', async () => {
    await page.evaluate(() => {
      window.said = new Set();
      const line = document.querySelector('[data-part="summary"]');
      new MutationObserver(() => window.said.add(line.textContent)).observe(line, { childList: true });
    });
    const one = ctFile(SIDE, [head(SIDE, 16)]);
    // Enough to be busy for seconds with.
    const count = 150 * (await visitor.mostWorkers());
    await visitor.pick(Array.from({ length: count }, (_, i) => ({ name: `${i}.dcm`, mimeType: '', buffer: one })));
    await visitor.settled(count);
    const said = await page.evaluate(() => [...window.said]);
    const wanted = new RegExp(`of ${count.toLocaleString('en')} examined, (about \\d+ (s|minutes?)|a few seconds) left$`);
    assert.ok(said.some((words) => wanted.test(words)), said.join('\n'));
    assert.ok(said.at(-1).startsWith(`${count.toLocaleString('en')} files`), said.at(-1));
  });

  test('is sorted at once with thousands of rows', async (t) => {
    const count = 2000;
    const two = [slice('plain.dcm', 0), slice('spot.dcm', 16)];
    await visitor.pick(two);
    await visitor.settled(2);
    // They need not be examined for that.
    await page.evaluate((files) => {
      const dataTransfer = new DataTransfer();
      for (let i = 0; i < files; i++) dataTransfer.items.add(new File(['no slice'], `${i}.png`));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    }, count);
    await page.waitForFunction((rows) => document.querySelectorAll('.slice-list [role="option"]').length === rows, count + 2);
    const worked = await pageThread(page);
    const before = await worked();
    await page.getByTestId('order').evaluate((select) => {
      select.value = 'probability';
      select.dispatchEvent(new Event('change'));
      document.querySelector('[data-testid="slice-list"]').getBoundingClientRect();
    });
    const took = (await worked()) - before;
    t.diagnostic(`${count} rows: sorted and laid out in ${took.toFixed(0)} ms`);
    assert.deepEqual((await names()).slice(0, 2), await ranked(two));
    assert.ok(took > 0 && took < 1000, `took ${took} ms`);
  });
});
