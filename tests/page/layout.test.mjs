import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { offer, shiftedModel } from './drawn-models.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

/** Where to put screenshots of phantoms, for a person to look at. */
const SCREENSHOTS = process.env.HAEMOLENS_SCREENSHOTS;

/** Least contrast of text with its ground: WCAG 2.2, 1.4.3, level AA. */
const LEAST_CONTRAST = 4.5;

const ROLES_THAT_NEED_A_NAME =
  /^(button|checkbox|combobox|DisclosureTriangle|image|link|listbox|option|progressbar|progressIndicator|textbox)$/;

describe('the layout', () => {
  let site, browser, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    const unusable = Buffer.from('a model of another kind altogether');
    site = await serveSite(offer({ alexnet: shiftedModel('alexnet', '0.2.0', 0.75), cnn: unusable }));
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
    if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** Opens the page where both further models were downloaded before. */
  async function openWithModels(options) {
    const visitor = await Visitor.open(browser, `${site.url}?model=alexnet`, options);
    await visitor.modelInUse('AlexNet');
    await visitor.page.goto(`${site.url}?model=cnn`);
    await visitor.modelIs('failed');
    await visitor.page.goto(site.url);
    await visitor.modelIs('ready');
    return visitor;
  }

  /** The page with good files, bad files and long names. */
  async function fill(visitor) {
    await visitor.pick([
      { name: `${'examination-of-the-head-'.repeat(6)}.png`, mimeType: '', buffer: Buffer.from('x') },
      phantoms.normal,
      phantoms.subdural,
      phantoms.intraparenchymal,
    ]);
    await visitor.settled(4);
    await visitor.page.keyboard.press('Tab');
    await visitor.page.getByTestId('slice-list').getByRole('option').last().click();
  }

  /** The slices again with a second model, and a third that is unusable. */
  async function changeModel(visitor) {
    const select = visitor.page.getByTestId('model-select');
    await select.selectOption('alexnet');
    await visitor.page.getByTestId('again').click();
    await visitor.page.getByTestId('earlier').waitFor();
    await visitor.settled(4);
    await select.selectOption('alexnet-svm');
    await visitor.page.getByTestId('again').waitFor();
    await select.selectOption('cnn');
    await visitor.modelIs('failed');
  }

  const screenshot = async (visitor, name) => {
    if (SCREENSHOTS) await visitor.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  };

  /** Elements that reach past the window's right edge and are not cut off by a box inside it. */
  const overflowing = (visitor) =>
    visitor.page.evaluate(() => {
      const wide = document.documentElement.scrollWidth > window.innerWidth;
      const seen = [...document.body.querySelectorAll('main *, header *, footer *')].filter((element) =>
        element.checkVisibility(),
      );
      const past = seen.filter((element) => {
        if (element.closest('svg, .screen')) return false;
        const { left, right } = element.getBoundingClientRect();
        return left < -1 || right > window.innerWidth + 1;
      });
      return [...(wide ? ['the page scrolls sideways'] : []), ...past.map((element) => element.outerHTML)];
    });

  for (const [width, height] of [
    [360, 740],
    [800, 1000],
    [1280, 800],
    [1920, 1080],
  ]) {
    test(`fits a window ${width} pixels wide`, async () => {
      const visitor = await openWithModels({ width, height });
      await visitor.page.locator('[data-part="subdural"]:enabled').waitFor();
      await screenshot(visitor, `empty-${width}`);
      assert.deepEqual(await overflowing(visitor), []);
      await fill(visitor);
      await screenshot(visitor, `slices-${width}`);
      assert.deepEqual(await overflowing(visitor), []);
      await changeModel(visitor);
      await screenshot(visitor, `models-${width}`);
      assert.deepEqual(await overflowing(visitor), []);
      await visitor.page.getByText('About this model').click();
      await screenshot(visitor, `about-${width}`);
      assert.deepEqual(await overflowing(visitor), []);
      await visitor.close();
    });
  }

  test('shows the answer on a phone without scrolling', async () => {
    const visitor = await Visitor.open(browser, site.url, { width: 360, height: 740 });
    await visitor.clickSample('subdural');
    await visitor.settled(1);
    const box = await visitor.page.getByTestId('label').boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= 740, `the label is at ${box.y}`);
    await visitor.close();
  });

  test('gives every control an accessible name', async () => {
    const visitor = await openWithModels();
    await fill(visitor);
    await changeModel(visitor);
    const session = await visitor.page.context().newCDPSession(visitor.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const controls = nodes.filter(({ ignored, role }) => !ignored && ROLES_THAT_NEED_A_NAME.test(role.value));
    const nameless = controls.filter(({ name }) => !name?.value.trim());
    assert.ok(controls.length >= 14, `${controls.length} controls found`);
    assert.deepEqual(nameless, []);
    await visitor.close();
  });

  test('announces the answer', async () => {
    const visitor = await Visitor.open(browser, site.url);
    const announcement = visitor.page.locator('[data-part="announcement"][role="status"]');
    await visitor.clickSample('subdural');
    await visitor.settled(1);
    assert.match(await announcement.innerText(), /subdural\.bmp: (Haemorrhage|Normal).*probability.* %/);
    await visitor.pick({ name: 'empty.png', mimeType: '', buffer: Buffer.alloc(0) });
    await visitor.settled(2);
    assert.match(await announcement.innerText(), /empty\.png could not be examined/);
    await visitor.close();
  });

  test('has text that stands out from its ground', async () => {
    const visitor = await openWithModels();
    const faint = async () => {
      await visitor.still();
      return visitor.page.evaluate((least) => {
        const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
        const luminance = ([r, g, b]) => {
          const [red, green, blue] = [r, g, b].map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const groundOf = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const [r, g, b, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
            if (alpha > 0) return [r, g, b];
          }
          return [0, 0, 0];
        };
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        while (texts.nextNode()) {
          const element = texts.currentNode.parentElement;
          if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
          const [a, b] = [channels(getComputedStyle(element).color), groundOf(element)].map(luminance);
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (contrast < least) found.push([texts.currentNode.data.trim(), contrast]);
        }
        return found;
      }, LEAST_CONTRAST);
    };
    assert.deepEqual(await faint(), []);
    await fill(visitor);
    assert.deepEqual(await faint(), []);
    await changeModel(visitor);
    assert.deepEqual(await faint(), []);
    await visitor.close();
  });

  test('can be worked with the keyboard alone', async () => {
    const visitor = await openWithModels();
    const { page } = visitor;
    const { keyboard } = page;
    await page.locator('[data-part="subdural"]:enabled').waitFor();
    const choosing = page.waitForEvent('filechooser');

    /** Tabs on to the element, in at most as many steps as the page has stops. */
    const tabTo = async (selector) => {
      for (let step = 0; step < 25; step++) {
        if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
        await keyboard.press('Tab');
      }
      assert.fail(`${selector} cannot be reached`);
    };

    await tabTo('#file-input');
    await keyboard.press('Enter');
    const chooser = await choosing;
    await chooser.setFiles([phantoms.normal, phantoms.subdural]);
    await visitor.settled(2);
    assert.equal((await visitor.result()).file, 'normal.bmp');

    await tabTo('[data-part="intraparenchymal"]');
    await keyboard.press('Enter');
    await visitor.settled(3);
    assert.equal((await visitor.result()).file, 'phantom-intraparenchymal.bmp');

    await tabTo('[data-part="outline-toggle"]');
    assert.equal(await page.locator('[data-part="outline"]').isVisible(), true);
    await keyboard.press('Space');
    assert.equal(await page.locator('[data-part="outline"]').isVisible(), false);

    await tabTo('[role="option"]');
    await keyboard.press('Home');
    assert.equal((await visitor.result()).file, 'normal.bmp');
    await keyboard.press('ArrowDown');
    assert.equal((await visitor.result()).file, 'subdural.bmp');
    await keyboard.press('End');
    assert.equal((await visitor.result()).file, 'phantom-intraparenchymal.bmp');
    await keyboard.press('ArrowUp');
    assert.equal((await visitor.result()).file, 'subdural.bmp');

    await tabTo('[data-part="model-select"]');
    await keyboard.press('ArrowDown');
    await page.getByTestId('again').waitFor();
    await tabTo('[data-part="again"]');
    await keyboard.press('Enter');
    await page.getByTestId('earlier').waitFor();
    await visitor.settled(3);

    await tabTo('summary');
    await keyboard.press('Enter');
    assert.equal(await page.locator('[data-part="model-card"]').isVisible(), true);

    await tabTo('[data-part="clear"]');
    await keyboard.press('Enter');
    assert.equal((await visitor.rows()).length, 0);
    await visitor.close();
  });
});
