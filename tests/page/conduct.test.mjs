import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { greyPng } from './picture-files.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

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

  test('answers its user while its workers are busy with heavy slices', async () => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.modelIs('ready');
    const side = 5000;
    const heavy = greyPng(side, side, (x, y) => (Math.hypot(x - 2500, y - 2500) < 2000 ? 120 + (x & 7) : 0));
    // The longest time that the page's own thread was kept from a tick, since this began.
    await visitor.page.evaluate(() => {
      let last = performance.now();
      window.longestStall = 0;
      setInterval(() => {
        const now = performance.now();
        window.longestStall = Math.max(window.longestStall, now - last);
        last = now;
      }, 4);
    });
    // From the disk: handed over as bytes, they would keep the page's thread busy themselves.
    const files = [1, 2, 3].map((i) => join(folder, `${i}.png`));
    for (const path of files) writeFileSync(path, heavy);
    await visitor.pick(files);
    await visitor.settled(files.length);
    const stall = await visitor.page.evaluate(() => window.longestStall);
    const words = await visitor.page.locator('[data-part="time"]').innerText();
    const [, figure, unit] = words.match(/^([\d.]+) (ms|s)$/);
    const busy = Number(figure) * (unit === 's' ? 1000 : 1);
    assert.ok(busy > 100, `a slice that takes ${words} is too light for this test`);
    assert.ok(stall < busy / 2, `stalled ${stall} ms while a slice took ${busy} ms`);
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
    const count = 40;
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
