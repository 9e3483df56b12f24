import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { grounds } from '../../www/build/theme.mjs';
import { REPOSITORY, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const GROUNDS = grounds();
const PAGE = join(REPOSITORY, 'www/page');

describe('dark and light', () => {
  let site, browser;

  before(async () => {
    site = await serveSite();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** What the page looks like, and what it tells the browser of that. */
  const look = ({ page }) =>
    page.evaluate(() => {
      const style = (element) => getComputedStyle(element);
      const hexadecimal = (colour) =>
        `#${colour.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
      const metas = [...document.querySelectorAll('meta[name="theme-color"]')];
      return {
        ground: hexadecimal(style(document.body).backgroundColor),
        scheme: style(document.documentElement).colorScheme,
        told: metas.filter(({ media }) => matchMedia(media).matches).map(({ content }) => content),
        picture: hexadecimal(style(document.querySelector('.screen')).backgroundColor),
        pictureScheme: style(document.querySelector('.screen')).colorScheme,
      };
    });

  const expected = (theme) => ({
    ground: GROUNDS[theme],
    scheme: theme,
    told: [GROUNDS[theme]],
    picture: '#000000',
    pictureScheme: 'dark',
  });

  test('follow the system, and the visitor where they say otherwise, for this visit', async () => {
    const visitor = await Visitor.open(browser, site.url);
    const { page } = visitor;
    const select = page.getByTestId('theme');
    for (const system of ['dark', 'light', 'dark']) {
      await page.emulateMedia({ colorScheme: system });
      assert.deepEqual(await look(visitor), expected(system), `a system that is ${system}`);
    }
    for (const wish of ['light', 'dark', 'auto', 'light', 'auto', 'dark']) {
      await select.selectOption(wish);
      for (const system of ['dark', 'light']) {
        await page.emulateMedia({ colorScheme: system });
        const theme = wish === 'auto' ? system : wish;
        assert.deepEqual(await look(visitor), expected(theme), `${wish}, where the system is ${system}`);
      }
    }
    await page.reload();
    assert.equal(await select.inputValue(), 'auto');
    assert.deepEqual(await look(visitor), expected('light'));
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });

  test('are right before any script runs', async () => {
    for (const colorScheme of ['dark', 'light']) {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(site.url);
      const visitor = { page };
      assert.deepEqual(await look(visitor), expected(colorScheme));
      await context.close();
    }
  });

  test('leave paper white, whatever the screen is', async () => {
    const visitor = await Visitor.open(browser, site.url);
    await visitor.page.emulateMedia({ colorScheme: 'dark', media: 'print' });
    assert.equal((await look(visitor)).scheme, 'light');
    await visitor.page.getByTestId('theme').selectOption('dark', { force: true });
    assert.equal((await look(visitor)).scheme, 'light');
    await visitor.close();
  });
});

test('every colour stands in theme.css, and nowhere else', () => {
  const literal = /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(/i;
  const found = readdirSync(PAGE)
    .filter((file) => file.endsWith('.css') && file !== 'theme.css')
    .flatMap((file) =>
      readFileSync(join(PAGE, file), 'utf8')
        .split('\n')
        .map((line, i) => `${file}:${i + 1}: ${line.trim()}`)
        .filter((line) => literal.test(line.slice(line.indexOf(' ')))),
    );
  assert.deepEqual(found, []);
});

test('every name of theme.css is used, and every name that is used is given', () => {
  const sources = readdirSync(PAGE).filter((file) => /\.(css|js)$/.test(file));
  const text = sources.map((file) => readFileSync(join(PAGE, file), 'utf8')).join('\n');
  const names = (source) => source.match(/--[\w-]+(?=:)/g) ?? [];
  const theme = names(readFileSync(join(PAGE, 'theme.css'), 'utf8'));
  const given = new Set(names(text));
  const used = new Set(Array.from(text.matchAll(/var\((--[\w-]+)/g), ([, name]) => name));
  // Scripts give some, such as where on its scale an answer lies.
  const byScripts = new Set(Array.from(text.matchAll(/setProperty\(\s*'(--[\w-]+)'/g), ([, name]) => name));
  assert.deepEqual(theme.filter((name) => !used.has(name)), []);
  assert.deepEqual([...used].filter((name) => !given.has(name) && !byScripts.has(name)), []);
});
