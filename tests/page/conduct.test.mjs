import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { heavyPng } from './picture-files.mjs';
import { pageThread } from './processor-time.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';
import { watchWorkers } from './worker-memories.mjs';

describe('the page', () => {
  let site, browser, phantoms;
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

  test('leaves its own thread to its user while its workers are busy with heavy slices', async () => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    const files = [1, 2, 3, 4].map((i) => join(folder, `${i}.png`));
    const heavy = heavyPng(5000);
    for (const path of files) writeFileSync(path, heavy);
    const worked = await pageThread(visitor.page);
    const before = await worked();
    await visitor.pick(files);
    // Looked at now and then, because a look is work as well.
    const over = visitor.page.locator('[role="option"][data-state="done"]');
    while ((await over.count()) < files.length) await new Promise((resolve) => setTimeout(resolve, 500));
    const own = (await worked()) - before;
    const words = await visitor.page.locator('[data-part="time"]').innerText();
    const [, figure, unit] = words.match(/^([\d.]+) (ms|s)$/);
    const slice = Number(figure) * (unit === 's' ? 1000 : 1);
    assert.ok(slice > 100, `a slice that takes ${words} is too light for this test`);
    // Reading, decoding or examining one of them on the page's thread would take as long as that.
    assert.ok(own > 0 && own < slice / 2, `worked ${own} ms in all while one slice took ${slice} ms`);
    await visitor.close();
  });

  test('replaces a worker whose memory has grown, which it never gives back', async () => {
    const visitor = await Visitor.open(browser, site.url, { before: watchWorkers });
    await visitor.modelIs('ready');
    const path = join(folder, 'largest.png');
    writeFileSync(path, heavyPng(6000));
    await visitor.pick(path);
    await visitor.settled(1);
    const most = 256 * 2 ** 20;
    assert.ok((await visitor.page.evaluate(() => window.mostMemory)) > most, 'it has grown');
    await visitor.page.waitForFunction(
      (limit) => window.memories.size > 0 && [...window.memories.values()].every((memory) => memory <= limit),
      most,
    );
    await visitor.pick(phantoms.normal);
    await visitor.settled(2);
    assert.equal((await visitor.allResults())[1].label, 'normal');
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('shows how far a batch is', async () => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.page.evaluate(() => {
      const progress = document.querySelector('[data-testid="progress"]');
      window.seen = [];
      new MutationObserver(() => {
        if (!progress.hidden) window.seen.push([progress.value, progress.max]);
      }).observe(progress, { attributes: true });
    });
    const count = 30 * (await visitor.mostWorkers());
    await visitor.pick(Array.from({ length: count }, () => phantoms.normal));
    await visitor.settled(count);
    const seen = await visitor.page.evaluate(() => window.seen);
    const steps = seen.filter(([, max]) => max === count).map(([value]) => value);
    assert.equal(steps[0], 0);
    assert.deepEqual(steps, steps.toSorted((a, b) => a - b));
    const between = new Set(steps.filter((value) => value > 0 && value < count));
    assert.ok(between.size >= 2, `only ${[...between]} of ${count} were shown`);
    assert.equal(await visitor.page.getByTestId('progress').isVisible(), false);
    await visitor.close();
  });

  test('marks the threshold on the scale, on the side that the label says', async (t) => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.clickSample('subdural');
    await visitor.settled(1);
    const scale = await visitor.page.locator('[data-part="scale"]').evaluate((element) => ({
      label: document.querySelector('[data-testid="label"]').dataset.value,
      marked: element.classList.contains('with-decision'),
      probability: Number(element.style.getPropertyValue('--probability')),
      threshold: Number(element.style.getPropertyValue('--threshold')),
      needle: element.querySelector('.needle').getBoundingClientRect().x,
      tick: element.querySelector('.tick').getBoundingClientRect().x,
    }));
    await visitor.close();
    if (!scale.marked) return t.skip('this model does not tell where its threshold lies');
    assert.ok(scale.threshold > 0 && scale.threshold < 1);
    const { label } = scale;
    assert.equal(scale.probability >= scale.threshold, label === 'haemorrhage', JSON.stringify(scale));
    assert.equal(scale.needle > scale.tick, scale.probability > scale.threshold);
  });

  test('says once that it is not a medical device, and what the model is', async () => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    const text = await visitor.page.locator('body').innerText();
    assert.equal(text.match(/not a medical device/g)?.length, 1);
    await visitor.page.getByText('About this model').click();
    const card = await visitor.page.locator('[data-part="model-card"]').innerText();
    assert.match(card, /Trained on/);
    assert.match(card, /Licence/);
    await visitor.close();
  });
});
