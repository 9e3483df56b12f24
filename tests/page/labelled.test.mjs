import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { classNamed } from '../../www/page/triage/class-names.js';
import { labelTable } from '../../www/page/triage/label-table.js';
import { readTable } from '../../www/page/triage/separated-values.js';
import { agreement, areaUnderRoc, wilson } from '../../www/page/triage/statistics.js';
import { Truth, labelsOfFolders } from '../../www/page/triage/truth.js';
import { zipFile } from './archive-files.mjs';
import { scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 128;

globalThis.CATALOGUES = await readCatalogues();

/** The 97.5th percentile of the normal distribution, from a table. */
const Z = 1.95996;

const near = (value, expected, tolerance = 1e-4) =>
  assert.ok(Math.abs(value - expected) < tolerance, `${value} is not near ${expected}`);

/** The score interval by its definition: the shares from which the observed one is Z errors away. */
function scoreInterval(successes, trials) {
  const observed = successes / trials;
  const distance = (p) => Math.abs(observed - p) / Math.sqrt((p * (1 - p)) / trials);
  const edge = (inside, outside) => {
    let [near, far] = [inside, outside];
    for (let i = 0; i < 60; i++) {
      const middle = (near + far) / 2;
      if (distance(middle) < Z) near = middle;
      else far = middle;
    }
    return far;
  };
  return [observed === 0 ? 0 : edge(observed, 1e-12), observed === 1 ? 1 : edge(observed, 1 - 1e-12)];
}

/** AUC and its error from all pairs, as DeLong, DeLong and Clarke-Pearson (1988) write them. */
function pairwise(positives, negatives) {
  const psi = (x, y) => (x > y ? 1 : x === y ? 0.5 : 0);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const of = (x) => mean(negatives.map((y) => psi(x, y)));
  const against = (y) => mean(positives.map((x) => psi(x, y)));
  const auc = mean(positives.map(of));
  const spread = (values) => values.reduce((sum, v) => sum + (v - auc) ** 2, 0) / (values.length - 1);
  const [v10, v01] = [positives.map(of), negatives.map(against)];
  return { auc, error: Math.sqrt(spread(v10) / v10.length + spread(v01) / v01.length) };
}

const logisticInterval = (auc, error) => {
  const [logit, half] = [Math.log(auc / (1 - auc)), (Z * error) / (auc * (1 - auc))];
  return [logit - half, logit + half].map((x) => 1 / (1 + Math.exp(-x)));
};

const judged = (positives, negatives) => [
  ...positives.map((score) => ({ truth: true, called: score > 0, score })),
  ...negatives.map((score) => ({ truth: false, called: score > 0, score })),
];

test('shares have the score interval', () => {
  for (const [successes, trials] of [[8, 10], [0, 7], [12, 12], [1, 1], [836, 1000]]) {
    const { value, low, high } = wilson(successes, trials);
    assert.equal(value, successes / trials);
    const [from, to] = scoreInterval(successes, trials);
    near(low, from);
    near(high, to);
  }
  // Newcombe (1998), table I: 81 of 263.
  const { low, high } = wilson(81, 263);
  near(low, 0.2553);
  near(high, 0.3662);
  assert.equal(wilson(0, 0), undefined);
});

test('AUC and its interval equal those from all pairs, ties counted half', () => {
  let seed = 5;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (const [m, n, steps] of [[5, 3, 4], [40, 60, 7], [30, 30, 1000], [2, 50, 3]]) {
    const draw = (shift) => Math.round((random() + shift) * steps) / steps;
    const positives = Array.from({ length: m }, () => draw(0.3));
    const negatives = Array.from({ length: n }, () => draw(0));
    const { auc, error } = pairwise(positives, negatives);
    const { value, low, high } = areaUnderRoc(judged(positives, negatives));
    near(value, auc, 1e-12);
    const [from, to] = logisticInterval(auc, error);
    near(low, from);
    near(high, to);
  }
});

test('where no interval of the AUC can be worked out, none is given', () => {
  assert.deepEqual(areaUnderRoc(judged([2, 3], [0, 1])), { value: 1 });
  assert.deepEqual(areaUnderRoc(judged([1, 1], [1, 1])).value, 0.5);
  assert.deepEqual(areaUnderRoc(judged([1], [0, 2])), { value: 0.5 });
  assert.equal(areaUnderRoc(judged([1, 2], [])), undefined);
});

test('the curve has a point for each different score, and the model’s own threshold lies on it', () => {
  const { counts, shares, roc } = agreement(judged([2, 1, -1], [1, -2]));
  assert.deepEqual(counts, { tp: 2, fn: 1, fp: 1, tn: 1 });
  near(shares.sensitivity.value, 2 / 3);
  near(shares.specificity.value, 1 / 2);
  near(shares.accuracy.value, 3 / 5);
  near(shares.ppv.value, 2 / 3);
  near(shares.npv.value, 1 / 2);
  assert.deepEqual(roc, [
    { x: 0, y: 0 },
    { x: 0, y: 1 / 3 },
    { x: 1 / 2, y: 2 / 3 },
    { x: 1 / 2, y: 1 },
    { x: 1, y: 1 },
  ]);
  assert.deepEqual(agreement(judged([1], [])).roc, []);
  assert.equal(agreement(judged([1], [])).shares.specificity, undefined);
});

test('classes are known by what people call them, in English and French', () => {
  const yes = ['haemorrhage', 'Hemorrhage', 'bleed', 'positive', 'ICH', '1', 'Hémorragie', 'saignement', 'positif', 'oui'];
  const no = [
    'normal', 'Negative', 'healthy', 'no_hemorrhage', 'No Haemorrhage', 'non-hemorrhagic', '0', 'sain', 'négatif',
    'Sans hémorragie', 'pas d’hémorragie', 'without bleeding', 'Normaux',
  ];
  for (const name of yes) assert.equal(classNamed(name), true, name);
  for (const name of no) assert.equal(classNamed(name), false, name);
  for (const name of ['series-1', 'north', '2', '', 'unknown', 'head']) assert.equal(classNamed(name), undefined, name);
});

test('folders called 0 and 1 are classes only where both are and nothing is counted further', () => {
  const labels = (...folders) => [...labelsOfFolders(folders).values()];
  assert.deepEqual(labels('set/0', 'set/1'), [false, true]);
  assert.deepEqual(labels('set/1'), [undefined]);
  assert.deepEqual(labels('disc/0', 'disc/1', 'disc/2'), [undefined, undefined, undefined]);
  assert.deepEqual(labels('set/normal/1', 'set/bleed/a', 'x'), [false, true, undefined]);
  assert.deepEqual(labels('normal/hemorrhage'), [true], 'the innermost counts');
});

test('tables are read as spreadsheets of any country write them', () => {
  const cells = (content) => readTable(content).map(({ line, cells: row }) => [line, ...row]);
  assert.deepEqual(cells('\uFEFFa;b\r\n"x;y" ; 2\r\n\r\n"say ""1"""; z'), [
    [1, 'a', 'b'], [2, 'x;y', '2'], [4, 'say "1"', 'z'],
  ]);
  assert.deepEqual(cells('a\tb\n"two\nlines"\t1\n3\t4'), [[1, 'a', 'b'], [2, 'two\nlines', '1'], [4, '3', '4']]);
});

test('labels are found in tables of several shapes, and what is none is said', () => {
  const read = (content) => labelTable('t.csv', content).rows.map(({ file, haemorrhage }) => [file, haemorrhage]);
  assert.deepEqual(read('file,label\na.png,haemorrhage\nb\\c.png,0\n'), [['a.png', true], ['b/c.png', false]]);
  assert.deepEqual(read('file,patient,slice,hemorrhage,IVH\na.jpg,49,1,1,0\n'), [['a.jpg', true]]);
  assert.deepEqual(read('id, hemorrhage\n0,1\n'), [['0', true]]);
  assert.deepEqual(read('a.png;normal\nb.png;bleed'), [['a.png', false], ['b.png', true]]);
  const own = 'file,trueLabel,label,probability,margin\na.png,normal,haemorrhage,0.9,1\n';
  assert.deepEqual(read(own), [['a.png', false]]);
  const answers = labelTable('t.csv', 'file,label,probability,margin\na.png,normal,0.1,-1\n');
  assert.equal(answers.rows.length, 0);
  assert.match(answers.problems[0], /answers of a model/);
  assert.match(labelTable('t.csv', 'when,who\n1,2\n').problems[0], /no labels.*“file”.*“label”/);
  const odd = labelTable('t.csv', 'file,label\na.png,perhaps\nb.png,1\nc.png,\n');
  assert.deepEqual(odd.rows.map(({ file }) => file), ['b.png']);
  assert.match(odd.problems[0], /2 lines.*line 2: “perhaps”/);
});

test('a table’s files are matched by path, by its end, by name, and else it is said', () => {
  const paths = ['set/a/1.png', 'set/b/1.png', 'set/007.png', 'set/scan.dcm', 'set/normal/x.png', 'set/twice.png'];
  const entries = paths.map((path, id) => ({ id, path }));
  const truth = new Truth(() => entries);
  const label = (i) => truth.of(entries[i]);
  truth.add(
    labelTable(
      't.csv',
      ['file,label', 'a/1.png,1', 'set/b/1.png,0', '7,1', 'SCAN,0', 'x.png,1', '1.png,1', 'gone.png,1', 'twice.png,1',
        'set/twice.png,0'].join('\n'),
    ),
  );
  assert.deepEqual([0, 1, 2, 3].map(label), [true, false, true, false]);
  assert.equal(label(4), true, 'a table counts for more than a folder');
  assert.equal(label(5), undefined, 'what is contradicted is not known');
  const [missing, ambiguous, contradictory] = truth.problems;
  assert.match(missing, /not added: gone\.png \(line 8\)/);
  assert.match(ambiguous, /several match: 1\.png \(line 7\)/);
  assert.match(contradictory, /contradicts.*set\/twice\.png \(line 10\)/);
  truth.clear();
  assert.equal(label(0), undefined);
  assert.equal(label(4), false);
});

describe('labelled slices', () => {
  let site, browser, visitor, page;
  const folder = scratchFolder(after);
  const set = join(folder, 'collection');
  const bleedings = { hémorragie: [2, 6, 10, 14, 16, 20], normal: [0, 1, 3, 4, 12] };
  const picture = (bleeding) => ctFile(SIDE, [head(SIDE, bleeding)]);

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
    for (const [name, sizes] of Object.entries(bleedings)) {
      mkdirSync(join(set, name), { recursive: true });
      for (const size of sizes) writeFileSync(join(set, name, `${size}.dcm`), picture(size));
    }
    writeFileSync(join(set, 'normal', 'broken.dcm'), picture(0).subarray(0, 3000));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.open(browser, site.url, { offline: false });
    ({ page } = visitor);
    await visitor.modelIs('ready');
  });
  afterEach(() => visitor.close());

  async function saved(name) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFileSync(await download.path(), 'utf8');
  }

  /** What the panel says: the matrix, and figures by name. */
  const panel = () =>
    page.getByTestId('evaluation').evaluate((root) => ({
      matrix: ['tp', 'fn', 'fp', 'tn'].map((cell) => Number(root.querySelector(`[data-part="${cell}"]`).textContent)),
      figures: Object.fromEntries(
        [...root.querySelectorAll('[data-figure]')].map(({ dataset, textContent }) => [dataset.figure, textContent]),
      ),
      notes: root.querySelector('[data-part="notes"]').innerText,
      warning: root.querySelector('.notice').innerText,
      points: root.querySelector('.roc-curve')?.getAttribute('d').split('L').length ?? 0,
      operating: ['cx', 'cy'].map((at) => Number(root.querySelector('.roc-operating-point')?.getAttribute(at))),
    }));

  test('in folders called by class give figures that equal an independent computation', async () => {
    await visitor.drop([set]);
    const count = bleedings.hémorragie.length + bleedings.normal.length;
    await visitor.settled(count + 1);
    const results = JSON.parse(await saved('Save as JSON'));
    assert.equal(results.answers.length, count);
    assert.deepEqual(results.errors.map(({ trueLabel }) => trueLabel), ['normal']);
    const of = (label) => results.answers.filter(({ trueLabel }) => trueLabel === label);
    const [positives, negatives] = [of('haemorrhage'), of('normal')];
    assert.deepEqual([positives.length, negatives.length], [6, 5]);
    const called = (answers) => answers.filter(({ label }) => label === 'haemorrhage').length;
    const [tp, fp] = [called(positives), called(negatives)];
    const [fn, tn] = [positives.length - tp, negatives.length - fp];

    const { matrix, figures, notes, warning, points, operating } = await panel();
    assert.deepEqual(matrix, [tp, fn, fp, tn]);
    const expected = (value, [low, high]) =>
      `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
    const share = (successes, trials) =>
      trials === 0 ? 'not defined' : expected(successes / trials, scoreInterval(successes, trials));
    assert.equal(figures.sensitivity, share(tp, tp + fn));
    assert.equal(figures.specificity, share(tn, tn + fp));
    assert.equal(figures.accuracy, share(tp + tn, count));
    assert.equal(figures.ppv, share(tp, tp + fp));
    assert.equal(figures.npv, share(tn, tn + fn));
    const margins = (answers) => answers.map(({ margin }) => margin);
    const { auc, error } = pairwise(margins(positives), margins(negatives));
    assert.ok(auc > 0 && auc < 1, `these drawings should be hard to tell apart: ${auc}`);
    assert.equal(figures.auc, expected(auc, logisticInterval(auc, error)));
    assert.ok(points > 2);
    near(operating[0], (100 * fp) / (fp + tn), 0.01);
    near(operating[1], 100 - (100 * tp) / (tp + fn), 0.01);
    const doubtful = results.answers.filter(({ inconclusive, inDistribution }) => inconclusive && inDistribution).length;
    assert.match(notes, new RegExp(`${count} labelled slices compared`));
    if (doubtful > 0) assert.match(notes, new RegExp(`${doubtful} of them w.* inconclusive`));
    assert.match(notes, /1 labelled slice could not be examined/);
    assert.match(warning, /Slices of one patient are alike.*trained on/s);
    assert.deepEqual(results.evaluation.counts, { tp, fn, fp, tn });
    near(results.evaluation.auc.value, auc, 1e-9);
    assert.equal(await page.getByTestId('study').isVisible(), false, 'a collection is no examination');

    const [headings, ...lines] = (await saved('Save as CSV')).trimEnd().split('\r\n').map((line) => line.split(','));
    assert.equal(headings[1], 'trueLabel');
    assert.equal(lines.filter(([, label]) => label === 'haemorrhage').length, 6);
    assert.deepEqual(visitor.complaints, []);
  });

  test('are compared as answers arrive, also from archives', async () => {
    const zip = zipFile([
      { name: 'bleed/a.dcm', bytes: picture(16) },
      { name: 'healthy/b.dcm', bytes: picture(0) },
    ]);
    await visitor.pick({ name: 'set.zip', mimeType: '', buffer: zip });
    await visitor.settled(2);
    await page.getByText('2 labelled slices compared').waitFor();
    const first = (await panel()).matrix.reduce((a, b) => a + b, 0);
    await page.locator('#folder-input').setInputFiles(set);
    await visitor.settled(14);
    await page.getByText('13 labelled slices compared').waitFor();
    assert.equal((await panel()).matrix.reduce((a, b) => a + b, 0), first + 11);
    await page.getByRole('button', { name: 'Clear' }).click();
    await visitor.clickSample('normal');
    await visitor.settled(1);
    assert.equal(await page.getByTestId('evaluation').isVisible(), false);
  });

  test('by a table that comes with them, or later; what does not match is said', async () => {
    const files = [2, 16].map((size) => ({ name: `${size}.dcm`, mimeType: '', buffer: picture(size) }));
    const table = (content) => ({ name: 'labels.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
    await visitor.pick([...files, table('file;label\n2.dcm;normal\n16.dcm;haemorrhage\n17.dcm;1\n')]);
    await visitor.settled(2);
    await page.getByText('2 labelled slices compared').waitFor();
    assert.deepEqual(await visitor.problems(), [], 'the table is no file that failed');
    await page.getByText('labels.csv: 3 labels read.').waitFor();
    assert.match(await page.getByTestId('label-problems').innerText(), /not added: 17\.dcm \(line 4\)/);
    await page.getByRole('button', { name: 'Clear' }).click();
    assert.equal(await page.getByText('labels read').isVisible(), false);

    // Alone and ahead.
    await visitor.pick(table('2.dcm,1'));
    await page.getByText('Now add the files').waitFor();
    await visitor.pick(files);
    await visitor.settled(2);
    await page.getByText('1 labelled slice compared').waitFor();
    await visitor.pick(table('name,age\nx,3'));
    await page.getByText(/labels\.csv has no labels/).waitFor();
    assert.deepEqual(visitor.complaints, []);
  });
});
