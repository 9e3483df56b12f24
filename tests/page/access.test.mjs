import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { offer, shiftedModel } from './drawn-models.mjs';
import { heavyPng } from './picture-files.mjs';
import { painted } from './screen-pixels.mjs';
import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

/** The source of axe, which looks for what keeps people out of a page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Its rules: all of WCAG 2.0 to 2.2, A and AA, and what else is good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const THEMES = ['dark', 'light'];
const WIDTHS = [360, 1280];

/** Least side of what is pressed, in CSS pixels: WCAG 2.2, 2.5.8. */
const LEAST_TARGET = 24;

/** The size of text to which these visitors have set their browser, in CSS pixels: twice the usual one. */
const LARGE_TEXT = 32;

/** A window of 1280 pixels, enlarged fourfold: WCAG 2.2, 1.4.10. */
const REFLOW_WIDTH = 320;

const STOPS = 40;

describe('access', () => {
  let site, browser, largeText, phantoms;
  const folder = scratchFolder(after);
  /** Answers of the server that a view changes. */
  const special = {};

  before(async () => {
    Object.assign(special, offer({ alexnet: shiftedModel('alexnet', '0.2.0', 0.75) }));
    site = await serveSite(special);
    browser = await launchBrowser();
    largeText = await launchBrowser([`--blink-settings=defaultFontSize=${LARGE_TEXT}`]);
    phantoms = await drawPhantoms(folder);
  });
  after(async () => {
    await browser?.close();
    await largeText?.close();
    await site?.close();
  });

  const rows = (page) => page.getByTestId('slice-list').getByRole('option');

  const notAnImage = (name) => ({ name, mimeType: '', buffer: Buffer.from('not an image') });

  async function fill(visitor) {
    await visitor.modelIs('ready');
    await visitor.pick([phantoms.subdural, phantoms.normal, notAnImage('notes.txt'), phantoms.intraparenchymal]);
    await visitor.settled(4);
  }

  /** Keeps the module from arriving while a view is looked at. */
  const held = (answer) => ({ '/haemolens_bg.wasm': answer });

  /**
   * Every view of the page: what a visitor does to come to it, and what the server does differently.
   *
   * @type {Record<string, { go: (visitor: Visitor) => Promise<void>, server?: object }>}
   */
  const VIEWS = {
    empty: { go: (visitor) => visitor.page.locator('[data-part="subdural"]:enabled').waitFor() },
    loading: { go: (visitor) => visitor.modelIs('loading'), server: held(() => true) },
    'without a model': {
      go: (visitor) => visitor.modelIs('unreachable'),
      server: held((response) => response.writeHead(503).end()),
    },
    slices: { go: fill },
    'a file that failed': {
      async go(visitor) {
        await fill(visitor);
        await visitor.page.getByTestId('slice-list').getByRole('option', { name: 'notes.txt' }).click();
      },
    },
    'all details open': {
      async go(visitor) {
        await fill(visitor);
        for (const summary of await visitor.page.locator('summary:visible').all()) await summary.click();
      },
    },
    'the map of contributions': {
      async go(visitor) {
        await fill(visitor);
        await visitor.page.getByTestId('map-toggle').check();
        await visitor.page.getByTestId('map-facts').waitFor();
      },
    },
    'the keys of the viewer': {
      async go(visitor) {
        await fill(visitor);
        await visitor.page.locator('[data-part="help"]').click();
        await visitor.page.getByTestId('help').waitFor();
      },
    },
    'an examination': {
      async go(visitor) {
        await visitor.modelIs('ready');
        const slices = [0, 0, 24].map((bleeding, i) => {
          const place = { study: '1.2.3', series: '1.2.3.1', number: 1, height: 5 * i, thickness: 5 };
          return { name: `IM${i}`, mimeType: '', buffer: ctFile(128, [head(128, bleeding)], { place }) };
        });
        await visitor.pick(slices);
        await visitor.settled(3);
        await visitor.page.getByTestId('study').waitFor();
      },
    },
    'labelled slices': {
      async go(visitor) {
        await visitor.modelIs('ready');
        const table = Buffer.from('file,label\nnormal.bmp,normal\nsubdural.bmp,haemorrhage\n');
        const labels = { name: 'labels.csv', mimeType: 'text/csv', buffer: table };
        await visitor.pick([phantoms.subdural, phantoms.normal, labels]);
        await visitor.settled(2);
        await visitor.page.getByTestId('evaluation').waitFor();
      },
    },
    French: {
      async go(visitor) {
        await fill(visitor);
        await visitor.page.getByTestId('language-select').selectOption('fr');
      },
    },
    'eight bits beside 32': {
      async go({ page }) {
        await page.goto(`${site.url}learn/`);
        await page.locator('[data-part="steps"][aria-busy="false"] #step-answer .column').waitFor();
        await page.getByRole('button', { name: 'Compare on this slice' }).click();
        await page.getByTestId('bits-layers').waitFor();
      },
    },
    'a plane of one’s own': {
      async go({ page }) {
        await page.goto(`${site.url}learn/`);
        await page.getByRole('button', { name: 'Put drawn slices into both' }).click();
        await page.getByTestId('retrain-figures').waitFor();
      },
    },
    'a question': {
      async go(visitor) {
        await fill(visitor);
        await visitor.page.getByTestId('model-select').selectOption('alexnet');
        await visitor.page.getByTestId('forget-question').waitFor();
      },
    },
  };

  /** Opens a view, and gives its visitor to look around there. */
  async function inView(name, look, opener = browser) {
    const { go, server = {} } = VIEWS[name];
    const before = { ...special };
    Object.assign(special, server);
    const visitor = await Visitor.open(opener, site.url, { offline: false });
    try {
      await go(visitor);
      await look(visitor);
    } finally {
      await visitor.close();
      for (const path of Object.keys(server)) delete special[path];
      Object.assign(special, before);
    }
  }

  /** Until the page has followed a change of its window, and all has the look that it is to have. */
  const settledLayout = (visitor) => Promise.all([painted(visitor), visitor.still()]);

  /** What axe finds at fault: its rule, and the elements. */
  async function faults({ page }) {
    const { violations, passes } = await page.evaluate((rules) => window.axe.run({ runOnly: rules }), RULES);
    assert.ok(passes.length > 5, 'it has looked');
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }

  for (const name of Object.keys(VIEWS)) {
    test(`axe has nothing to say about the view “${name}”`, async () => {
      await inView(name, async (visitor) => {
        await visitor.page.evaluate(AXE);
        const found = [];
        for (const colorScheme of THEMES) {
          await visitor.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          for (const width of WIDTHS) {
            await visitor.page.setViewportSize({ width, height: 800 });
            await settledLayout(visitor);
            found.push(...(await faults(visitor)).map((fault) => `${colorScheme}, ${width} px: ${fault}`));
          }
        }
        assert.deepEqual(found, []);
      });
    });
  }

  test('axe speaks up where something is wrong', async () => {
    await inView('empty', async (visitor) => {
      await visitor.page.evaluate(AXE);
      await visitor.page.evaluate(() => document.querySelector('.hint').style.setProperty('color', '#888'));
      await visitor.page.evaluate(() => document.querySelector('[data-testid="theme"]').closest('label').replaceWith(
        document.querySelector('[data-testid="theme"]'),
      ));
      const found = (await faults(visitor)).join('\n');
      assert.match(found, /^color-contrast:/m);
      assert.match(found, /^select-name:/m);
    });
  });

  for (const name of Object.keys(VIEWS)) {
    test(`controls are large enough to be met, in the view “${name}”`, async () => {
      await inView(name, async (visitor) => {
        const { page } = visitor;
        for (const width of [REFLOW_WIDTH, ...WIDTHS]) {
          await page.setViewportSize({ width, height: 800 });
          await settledLayout(visitor);
          const small = await page.evaluate((least) => {
            const modal = document.querySelector('dialog[open]');
            return [...(modal ?? document).querySelectorAll('button, select, summary, label, a, [role="option"]')]
              .filter((element) => element.checkVisibility())
              .map((element) => [element.cloneNode().outerHTML, element.getBoundingClientRect()])
              .filter(([, { width, height }]) => Math.min(width, height) < least)
              .map(([html, { width, height }]) => `${width} × ${height}: ${html}`);
          }, LEAST_TARGET);
          assert.deepEqual(small, [], `${width} px wide`);
        }
      });
    });
  }

  /** What runs out of the window or of its own box, so that a part of it cannot be seen. */
  const cutOff = ({ page }) =>
    page.evaluate(() => {
      const found = [];
      const { scrollWidth } = document.documentElement;
      if (scrollWidth > window.innerWidth) found.push(`the page is ${scrollWidth} pixels wide`);
      for (const element of document.querySelectorAll('body *')) {
        // Tables of the lesson have two directions, and scroll (WCAG 1.4.10 excepts them).
        if (!element.checkVisibility() || element.closest('.unseen, svg, .screen, canvas, select, .wide')) continue;
        const { left, right } = element.getBoundingClientRect();
        if (left < -1 || right > window.innerWidth + 1) found.push(`outside: ${element.cloneNode().outerHTML}`);
        // Names in the list may be shortened: they are told whole beside the picture.
        const shortened = getComputedStyle(element).textOverflow === 'ellipsis';
        const hides = getComputedStyle(element).overflowX !== 'visible' && !shortened;
        if (hides && element.scrollWidth > element.clientWidth + 1) found.push(`cut off: ${element.cloneNode().outerHTML}`);
      }
      return found;
    });

  /** Texts that lie over one another. */
  const overlapping = ({ page }) =>
    page.evaluate(() => {
      const modal = document.querySelector('dialog[open]') ?? document.body;
      const texts = document.createTreeWalker(modal, NodeFilter.SHOW_TEXT);
      const boxes = [];
      while (texts.nextNode()) {
        const { currentNode } = texts;
        const { parentElement } = currentNode;
        if (!currentNode.data.trim() || !parentElement.checkVisibility() || parentElement.closest('.unseen, select, .slice-list, ul')) continue;
        const range = document.createRange();
        range.selectNodeContents(currentNode);
        for (const box of range.getClientRects()) boxes.push({ text: currentNode.data.trim(), node: currentNode, box });
      }
      const found = [];
      for (const [i, a] of boxes.entries()) {
        for (const b of boxes.slice(i + 1)) {
          if (a.node === b.node) continue;
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          // Boxes of lines are higher than their letters.
          if (across > 2 && down > a.box.height / 3) found.push(`“${a.text}” and “${b.text}”`);
        }
      }
      return found;
    });

  for (const name of Object.keys(VIEWS)) {
    test(`the view “${name}” reflows in ${REFLOW_WIDTH} pixels`, async () => {
      await inView(name, async (visitor) => {
        await visitor.page.setViewportSize({ width: REFLOW_WIDTH, height: 256 });
        await settledLayout(visitor);
        assert.deepEqual(await cutOff(visitor), []);
        assert.deepEqual(await overlapping(visitor), []);
      });
    });

    test(`the view “${name}” has room for text of twice the size`, async () => {
      const look = async (visitor) => {
        const size = await visitor.page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
        assert.equal(size, `${LARGE_TEXT}px`);
        for (const width of [640, 1280, 1920]) {
          await visitor.page.setViewportSize({ width, height: 800 });
          await settledLayout(visitor);
          assert.deepEqual(await cutOff(visitor), [], `${width} pixels wide`);
          assert.deepEqual(await overlapping(visitor), [], `${width} pixels wide`);
        }
      };
      await inView(name, look, largeText);
    });
  }

  test('nothing moves for those who want no motion', async () => {
    /** Whatever would take time to change. */
    const moving = ({ page }) =>
      page.evaluate(() => {
        const takesTime = (durations) => durations.split(',').some((duration) => parseFloat(duration) > 0);
        return [...document.querySelectorAll('*')]
          .filter((element) => {
            const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
            return takesTime(transitionDuration) || (animationName !== 'none' && takesTime(animationDuration));
          })
          .map((element) => element.cloneNode().outerHTML)
          .concat(document.getAnimations().map((animation) => animation.animationName ?? animation.transitionProperty));
      });
    await inView('slices', async (visitor) => {
      const { page } = visitor;
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      assert.notDeepEqual(await moving(visitor), [], 'something moves for the others');
      await page.emulateMedia({ reducedMotion: 'reduce' });
      // What had begun to move before comes to its end.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
      assert.deepEqual(await moving(visitor), []);
      await rows(page).nth(1).click();
      await page.getByText('Choose files').hover();
      assert.deepEqual(await moving(visitor), []);
    });
  });

  test('on a phone all lines at the foot begin at one edge', async () => {
    await inView('empty', async (visitor) => {
      const { page } = visitor;
      await page.setViewportSize({ width: 360, height: 740 });
      await settledLayout(visitor);
      const edges = await page
        .locator('footer > *')
        .evaluateAll((parts) =>
          parts.filter((part) => part.innerText.trim()).map((part) => part.getBoundingClientRect().left),
        );
      assert.ok(edges.length >= 4, `${edges.length} lines`);
      assert.equal(new Set(edges).size, 1, String(edges));
    });
  });

  test('the selected row and the state of the model show without the page’s colours', async () => {
    await inView('slices', async ({ page }) => {
      await page.emulateMedia({ forcedColors: 'active' });
      const edges = await rows(page).evaluateAll((all) =>
        all.map((row) => parseFloat(getComputedStyle(row).borderInlineStartWidth)),
      );
      assert.deepEqual(edges.map((edge) => edge > 0), [true, false, false, false]);
    });
  });

  describe('by keyboard alone', () => {
    let visitor, page;
    before(async () => {
      visitor = await Visitor.open(browser, site.url, { offline: false });
      ({ page } = visitor);
      await page.locator('[data-part="subdural"]:enabled').waitFor();
    });
    after(() => visitor?.close());

    const focused = (selector) => page.evaluate((wanted) => document.activeElement.matches(wanted), selector);

    /** Whether the focus can be seen where it is: by an outline, its own or that of its label. */
    const showsFocus = () =>
      page.evaluate(() => {
        const element = document.activeElement;
        const seen = element.matches('.unseen') ? element.nextElementSibling : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(seen);
        const { width, height } = seen.getBoundingClientRect();
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 0 && height > 0;
      });

    /** Goes on with the Tab key until an element has the focus, which must show on the whole way. */
    async function tabTo(selector, key = 'Tab') {
      for (let stop = 0; stop < STOPS; stop++) {
        if (stop > 0) assert.ok(await showsFocus(), await page.evaluate(() => document.activeElement.cloneNode().outerHTML));
        if (await focused(selector)) return;
        await page.keyboard.press(key);
      }
      assert.fail(`${selector} cannot be reached`);
    }

    const announced = () => page.locator('[data-part="announcement"]').innerText();
    const selected = async () => (await visitor.result()).file;

    test('a sample is chosen, and its answer read aloud', async () => {
      await tabTo('[data-part="subdural"]');
      await page.keyboard.press('Enter');
      await visitor.settled(1);
      assert.match(await announced(), /subdural\.bmp: .*probability/);
      await tabTo('[data-part="normal"]', 'Shift+Tab');
      await page.keyboard.press('Space');
      await visitor.settled(2);
    });

    test('the list is walked through', async () => {
      await tabTo('[role="option"]');
      await page.keyboard.press('Home');
      assert.equal(await selected(), 'phantom-subdural.bmp');
      await page.keyboard.press('ArrowDown');
      assert.equal(await selected(), 'phantom-normal.bmp');
      assert.ok(await focused('[aria-selected="true"]'));
      assert.ok(await showsFocus());
    });

    test('the outline is switched, details are opened, and the page turns light', async () => {
      await tabTo('[data-part="outline-toggle"]', 'Shift+Tab');
      await page.keyboard.press('Space');
      assert.equal(await page.locator('[data-part="outline"]').isVisible(), false);
      await tabTo('[data-testid="privacy"] summary');
      await page.keyboard.press('Enter');
      assert.ok(await page.getByText('The browser itself counts these').isVisible());
      await tabTo('[data-testid="theme"]');
      await page.keyboard.press('End');
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light');
    });

    test('examining is stopped, and the focus goes on to the list', async () => {
      // More than is examined while somebody finds the button.
      const heavy = join(folder, 'heavy.png');
      writeFileSync(heavy, heavyPng(3000));
      const files = new Array(200).fill(heavy);
      const choosing = page.waitForEvent('filechooser');
      await tabTo('#file-input', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await (await choosing).setFiles(files);
      await page.locator('[data-part="stop"]').waitFor();
      await tabTo('[data-part="stop"]');
      await page.keyboard.press('Enter');
      await page.locator('[data-part="stop"]').waitFor({ state: 'hidden' });
      assert.ok(await focused('[role="option"]'), 'the focus is lost');
      assert.match(await announced(), /^Finished/);
    });

    test('the list is cleared, and the focus goes on to where files are chosen', async () => {
      await tabTo('[data-part="clear"]', 'Shift+Tab');
      await page.keyboard.press('Enter');
      assert.equal((await visitor.rows()).length, 0);
      assert.ok(await focused('#file-input'));
      assert.ok(await showsFocus());
      assert.equal(await announced(), 'The list is empty.');
    });
  });
});
