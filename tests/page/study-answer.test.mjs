import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { placeInList, studyMembers } from '../../www/page/triage/study-members.js';
import { scratchFolder, study } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 128;
const MODEL = { name: 'm', version: '1' };

test('slices belong to an examination by what they say, or by their folder, and keep no name', () => {
  const entry = (path, { uid = null, slices = 1, model = MODEL, error } = {}) => ({
    path,
    slices,
    place: error ? undefined : { study: uid },
    classification: error ? undefined : { model },
    error,
  });
  const entries = [
    entry('Doe.png'),
    entry('Doe/1', { uid: 'x' }),
    entry('Doe/2'),
    entry('set/bleed/3.png'),
    entry('loose', { uid: 'x' }),
    entry('frames', { slices: 3 }),
    entry('Doe/4', { error: { name: 'CorruptImage', message: 'Damaged.' } }),
    entry('Doe/5', { model: { name: 'other', version: '1' } }),
  ];
  const { members, byOthers } = studyMembers(entries, ({ path }) => path.startsWith('set'), MODEL);
  assert.deepEqual(members.map(({ file }) => file), ['0/1', '0/2', '1/4', '2/5', '0/6']);
  assert.equal(byOthers, 1);
  assert.deepEqual(members.at(-1).error, { name: 'CorruptImage', message: 'Damaged.' });
  assert.deepEqual(members.map(({ file }) => placeInList(file)), [1, 2, 4, 5, 6]);
});

describe('whole examinations on the page', () => {
  let site, browser, visitor, page;
  const folder = scratchFolder(after);
  const [quiet, loud] = ['Doe', 'Roe'].map((name) => join(folder, name));

  /** Writes a series of axial slices from below to above, a file each. */
  function writeSeries(where, { study: uid, number, bleedings, thickness = 5, imageType }) {
    mkdirSync(where, { recursive: true });
    for (const [i, bleeding] of bleedings.entries()) {
      const place = { study: uid, series: `${uid}.${number}`, number, height: i * thickness, thickness };
      const name = `IM${bleedings.length - i}-${number}`;
      writeFileSync(join(where, name), ctFile(SIDE, [head(SIDE, bleeding)], { place, imageType }));
    }
  }

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    writeSeries(quiet, { study: '1.2.3', number: 2, bleedings: [0, 1, 2, 1, 0] });
    writeSeries(quiet, { study: '1.2.3', number: 1, bleedings: [3], imageType: 'ORIGINAL\\PRIMARY\\LOCALIZER' });
    writeSeries(quiet, { study: '1.2.3', number: 3, bleedings: [0, 1, 2, 2, 1, 0, 1, 2], thickness: 1 });
    writeSeries(loud, { study: '1.2.4', number: 2, bleedings: [0, 12, 16, 14, 2] });
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

  /** What the panel says of each examination. */
  const shown = () =>
    page.getByTestId('study').evaluate((panel) =>
      [...panel.querySelectorAll('article')].map((study) => ({
        name: study.querySelector('h3').checkVisibility() ? study.querySelector('h3').innerText : '',
        verdict: study.querySelector('[data-testid="study-verdict"]').textContent,
        probability: Number(study.querySelector('[data-testid="study-probability"]').dataset.value),
        warned: study.querySelector('[data-part="study-warning"]').checkVisibility(),
        leading: [...study.querySelectorAll('[data-part="go"]')].map((button) => button.getAttribute('aria-label')),
        series: [...study.querySelectorAll('[data-part="series"] li')].map((item) => item.textContent),
        words: study.textContent,
      })),
    );
  const settled = async (count, examinations) => {
    await visitor.settled(count);
    await page.waitForFunction((number) => {
      const panel = document.querySelector('[data-testid="study"]:not([hidden])');
      const faces = panel?.querySelector('[data-part="studies"]:not([aria-busy])');
      // Of several, one is shown in full; the last row is for the slices of all.
      const rows = panel?.querySelectorAll('.examination').length;
      return faces?.childElementCount === 1 && rows === (number > 1 ? number + 1 : 0);
    }, examinations);
  };
  const rows = () =>
    page.getByTestId('worklist').evaluate((list) =>
      [...list.querySelectorAll('[role="option"]')].map((row) => ({
        name: row.querySelector('.examination-name').innerText,
        call: row.querySelector('[data-part="examination-call"]').innerText,
        probability: row.querySelector('[data-part="examination-figure"]').innerText,
        notes: row.querySelector('[data-part="examination-notes"]').innerText,
        chosen: row.getAttribute('aria-selected') === 'true',
      })),
    );
  const listedSlices = () =>
    page.getByTestId('slice-list').evaluate((list) =>
      [...list.querySelectorAll('[role="option"]')].filter((row) => row.checkVisibility()).length,
    );

  test('are answered as by the command line, with series that were left out and why', async () => {
    await visitor.drop([quiet]);
    await settled(14, 1);
    const [expected] = await study(quiet);
    const [answer] = await shown();
    assert.equal(answer.probability, expected.probability);
    assert.equal(answer.verdict, { haemorrhage: 'Haemorrhage', normal: 'Normal' }[expected.label]);
    assert.equal(answer.warned, expected.inconclusive || !expected.inDistribution);
    assert.equal(answer.name, '', 'one alone needs no name');
    assert.equal(answer.series.length, 3);
    assert.deepEqual(expected.series.map(({ used }) => used), [false, true, false]);
    for (const [i, { number, used, why, slices }] of expected.series.entries()) {
      assert.match(answer.series[i], new RegExp(`^Series ${number}: .*${slices.length} slice`));
      assert.ok(answer.series[i].includes(used ? 'counts' : `left out: ${why}`), answer.series[i]);
    }
    assert.match(answer.series[0], /localiser/);
    assert.match(answer.series[2], /thin slices, 1 mm.*shows this head better/);
    assert.doesNotMatch(answer.words, /Doe|1\.2\.3|IM\d/);
  });

  test('lead to the slices that carry the answer', async () => {
    await visitor.drop([loud]);
    await settled(5, 1);
    const [expected] = await study(loud);
    const [{ leading }] = await shown();
    assert.equal(leading.length, expected.leading.length);
    const buttons = page.getByTestId('study').locator('[data-part="go"]');
    for (const [i, { file, probability }] of expected.leading.entries()) {
      await buttons.nth(i).click();
      const result = await visitor.result();
      assert.ok(file.endsWith(result.file), `${result.file} is not ${file}`);
      assert.equal(result.probability, probability);
    }
    assert.ok(await buttons.first().locator('canvas').evaluate(({ width }) => width > 0), 'with their pictures');
    // By keyboard too.
    await buttons.first().focus();
    await page.keyboard.press('Enter');
    assert.ok(expected.leading[0].file.endsWith((await visitor.result()).file));
  });

  test('stand with the highest probability first, and follow what is added and cleared', async () => {
    await visitor.drop([quiet]);
    await settled(14, 1);
    await visitor.drop([loud]);
    await settled(19, 2);
    const [first, second, all] = await rows();
    assert.match(first.name, /^Examination 2: .*Roe$/);
    assert.match(second.name, /^Examination 1: .*Doe$/);
    assert.match(all.name, /^Slices of all/);
    assert.ok(parseInt(first.probability, 10) > parseInt(second.probability, 10));
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(await page.getByTestId('study').isVisible(), false);
    assert.deepEqual(visitor.complaints, []);
  });

  test('are a list to work through, the highest first, with the slices of the chosen one', async () => {
    await visitor.drop([quiet, loud]);
    await settled(19, 2);
    const answers = [(await study(loud))[0], (await study(quiet))[0]];
    const found = await rows();
    for (const [i, answer] of answers.entries()) {
      assert.ok(found[i].call.startsWith({ haemorrhage: 'Haemorrhage', normal: 'Normal' }[answer.label]), found[i].call);
      assert.equal(found[i].call.includes('inconclusive'), answer.inconclusive);
      assert.match(found[i].notes, new RegExp(`^${answer.slices} slices, [0-9.]+ (ms|s)$`));
      if (answer.label === 'haemorrhage') {
        const [likeliest] = [...answer.kinds].sort((a, b) => b.probability - a.probability);
        assert.ok(found[i].call.includes(likeliest.kind), found[i].call);
      }
    }
    // At the slice that carries the answer, not at the first one of the neck.
    assert.deepEqual(found.map(({ chosen }) => chosen), [true, false, false]);
    assert.ok(answers[0].leading[0].file.endsWith((await visitor.result()).file));
    assert.equal(await listedSlices(), 5);

    // By keyboard.
    await page.getByTestId('worklist').locator('[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    assert.deepEqual((await rows()).map(({ chosen }) => chosen), [false, true, false]);
    assert.equal(await listedSlices(), 14);
    assert.ok(answers[1].leading[0].file.endsWith((await visitor.result()).file));
    const [{ probability }] = await shown();
    assert.equal(probability, answers[1].probability);
    await page.keyboard.press('End');
    assert.equal(await listedSlices(), 19);
    await page.keyboard.press('Home');
    assert.equal(await listedSlices(), 5);

    // The table says of each slice which examination it is of.
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8').trimEnd().split('\r\n').map((line) => line.split(','));
    const numbers = lines.slice(1).map((cells) => cells[lines[0].indexOf('examination')]);
    assert.deepEqual(['1', '2'].map((number) => numbers.filter((one) => one === number).length), [14, 5]);

    // What the visitor has chosen stays chosen; what is new is seen until it has its answer.
    await page.getByTestId('worklist').locator('[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await visitor.pick({ name: 'more', mimeType: '', buffer: ctFile(SIDE, [head(SIDE, 9)]) });
    await settled(20, 2);
    assert.deepEqual((await rows()).map(({ chosen }) => chosen), [false, true, false]);
    assert.deepEqual(visitor.complaints, []);
  });

  test('of pictures are those of a folder, and of one file with several slices', async () => {
    const pictures = join(folder, 'pictures');
    mkdirSync(pictures);
    for (const size of [0, 6, 16]) writeFileSync(join(pictures, `${size}`), ctFile(SIDE, [head(SIDE, size)]));
    await page.locator('#folder-input').setInputFiles(pictures);
    await settled(3, 1);
    const [expected] = await study(pictures);
    assert.equal((await shown())[0].probability, expected.probability);
    await page.getByRole('button', { name: 'Clear' }).click();

    const loose = [0, 6].map((size) => ({ name: `${size}`, mimeType: '', buffer: ctFile(SIDE, [head(SIDE, size)]) }));
    await visitor.pick(loose);
    await visitor.settled(2);
    await visitor.pick({ name: 'frames', mimeType: '', buffer: ctFile(SIDE, [head(SIDE, 16), head(SIDE)]) });
    await settled(4, 1);
    assert.match((await shown())[0].series[0], /2 slices/);
  });
});
