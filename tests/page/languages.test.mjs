import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { builtPage, pageInLanguages } from './altered-page.mjs';
import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { ctFile } from './dicom-files.mjs';
import { offer, shiftedModel } from './drawn-models.mjs';
import { greyPng } from './picture-files.mjs';
import { PSEUDO, pseudoCatalogue } from './pseudo-catalogue.mjs';
import { painted } from './screen-pixels.mjs';
import { DIST, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const { en, fr } = await readCatalogues();

/** A file of two slices: a bright disc for a head. */
const twoSlices = () => {
  const head = (x, y) => (Math.hypot(x - 32, y - 32) < 24 ? 40 + ((x * y) % 9) : -1000);
  return { name: 'two.dcm', mimeType: '', buffer: ctFile(64, [head, head]) };
};

/** A picture that is no head CT. */
const page = () => {
  const lines = greyPng(300, 400, (x, y) => (y % 16 < 8 && (x * 7 + (y >> 4) * 13) % 5 < 3 ? 20 : 245));
  return { name: 'page.png', mimeType: '', buffer: lines };
};

const BROKEN = { name: 'broken.png', mimeType: '', buffer: Buffer.from('x') };
const EMPTY = { name: 'empty.png', mimeType: '', buffer: Buffer.alloc(0) };

describe('the page in another language', () => {
  let browser, site, visitor, phantoms;
  const folder = scratchFolder(after);

  before(async () => {
    const html = await pageInLanguages({ [PSEUDO]: pseudoCatalogue(en) });
    const special = offer({ alexnet: shiftedModel('alexnet', '0.2.0', 0.75) });
    // Beside the site's page one that has a language more.
    special['/pseudo.html'] = bytes(html, 'text/html');
    site = await serveSite(special);
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
  });
  afterEach(() => visitor?.close());
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  async function visit(address = '', options = {}) {
    visitor = await Visitor.open(browser, site.url + address, { offline: false, ...options });
    await visitor.modelIs('ready');
    await visitor.page.locator('[data-part="subdural"]:enabled').waitFor();
  }

  const words = (name) => visitor.page.locator(`[data-part="${name}"]`).first().innerText();
  const choose = (tag) => visitor.page.getByTestId('language-select').selectOption(tag);
  const chosen = () => visitor.page.getByTestId('language-select').inputValue();
  const written = () =>
    visitor.page.evaluate(() => {
      const { lang, dir } = document.documentElement;
      return { lang, dir, title: document.title };
    });
  const search = () => visitor.page.evaluate(() => location.search);

  /** Opens what is closed, so that everything is there to be read. */
  const unfold = () =>
    visitor.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });

  /** All that can be read and heard of the page, but for what it has read aloud already. */
  const everything = async () => {
    // What is said of the file with two slices comes last.
    await visitor.examined();
    return visitor.page.evaluate(() => {
      const spoken = document.querySelectorAll('[aria-label], [title]');
      const attributes = [...spoken].map((element) => [element.ariaLabel, element.title]);
      document.querySelector('[data-part="announcement"]').textContent = '';
      const description = document.querySelector('meta[name="description"]').content;
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const lines = [];
      while (texts.nextNode()) {
        const { data, parentElement: element } = texts.currentNode;
        if (data.trim() && element.checkVisibility()) lines.push(data.trim());
      }
      return { title: document.title, description, lines, attributes };
    });
  };

  test('is French for those whose browser says so, from the title to the last line', async () => {
    await visit('', { locale: 'fr-CA' });
    assert.deepEqual(await written(), { lang: 'fr', dir: 'ltr', title: fr['page.title'] });
    assert.equal(await chosen(), 'fr');
    assert.equal(await search(), '', 'nothing was chosen on the page');
    assert.equal(await words('status-text'), 'Modèle prêt');
    await visitor.pick([phantoms.subdural, page(), twoSlices(), BROKEN]);
    await visitor.settled(5);
    await unfold();
    const { lines: read, attributes, description } = await everything();
    assert.equal(description, fr['page.description']);
    const english = Object.entries(en).filter(
      ([key, words]) => typeof words === 'string' && words !== fr[key] && key !== 'language.name',
    );
    const said = new Set([...read, ...attributes.flat()]);
    for (const [key, words] of english) assert.ok(!said.has(words), `${key} is said in English`);
    assert.ok(said.has(fr['slices.heading']) && said.has(fr['privacy.look']) && said.has(fr['intake.privacyShort']));
    assert.ok(said.has('two.dcm (2 sur 2)'));
    assert.deepEqual(visitor.complaints, []);
  });

  test('is in the first language there is of those that a browser likes', async () => {
    const before = `Object.defineProperty(Navigator.prototype, 'languages', { get: () => ['ja', 'fr', 'en'] });`;
    await visit('', { before });
    assert.equal((await written()).lang, 'fr');
    await visitor.close();
    await visit('', { locale: 'ja-JP' });
    assert.deepEqual(await written(), { lang: 'en', dir: 'ltr', title: en['page.title'] });
  });

  test('is in the language that its address asks for, if there is such a one', async () => {
    await visit('?lang=fr');
    assert.equal((await written()).lang, 'fr');
    // The page is English until its script has read the address.
    await visitor.page.goto(`${site.url}?lang=en`);
    await visitor.modelIs('ready');
    assert.equal((await written()).lang, 'en');
    await visitor.page.goto(`${site.url}?lang=constructor`);
    await visitor.modelIs('ready');
    assert.equal((await written()).lang, 'en');
    assert.deepEqual(visitor.complaints, []);
  });

  test('is chosen on the page, which says everything anew and keeps its slices', async () => {
    await visit();
    await visitor.pick([phantoms.subdural, page(), twoSlices(), BROKEN, EMPTY]);
    await visitor.settled(6);
    await visitor.page.getByTestId('slice-list').getByRole('option').nth(1).click();
    await unfold();
    const [before, answers] = [await everything(), await visitor.result()];
    const asked = visitor.requests.length;
    await visitor.page.evaluate(() => (window.isTheSame = true));

    await choose('fr');
    const french = await everything();
    assert.deepEqual(await written(), { lang: 'fr', dir: 'ltr', title: fr['page.title'] });
    assert.equal(await search(), '?lang=fr');
    assert.deepEqual(await visitor.result(), answers);
    assert.equal(await words('label'), fr[`label.${answers.label}`]);
    assert.match(await words('margin'), /^[−+]\d,\d\d \(seuil [−+]\d,\d\d, équilibré\)$/);
    assert.match(await words('probability'), /^(\d+|[<>] \d+)\u00a0%$/);
    assert.match(await words('summary'), /^6 fichiers, .* 2 non examinés$/);
    assert.match(await words('requests-summary'), /^Confidentialité\u00a0: 0 requête/);
    assert.match(await words('model-card'), /Entraîné sur\n[\s\S]*0,\d{3} \(intervalle à 95\u00a0%/);
    assert.deepEqual(await visitor.names(), [
      'subdural.bmp',
      'page.png',
      'two.dcm (1 sur 2)',
      'two.dcm (2 sur 2)',
      'broken.png',
      'empty.png',
    ]);
    const problems = await visitor.problems();
    assert.deepEqual(
      problems.map(({ message }) => message),
      [fr['error.UnsupportedFormat'], fr['error.EmptyInput']],
    );

    await choose('en');
    assert.deepEqual(await everything(), before, 'English says what it said');
    assert.equal(await search(), '?lang=en');
    await choose('fr');
    assert.deepEqual(await everything(), french, 'French says what it said');
    assert.equal(await visitor.page.evaluate(() => window.isTheSame), true, 'the page was not loaded anew');
    assert.equal(visitor.requests.length, asked, 'nothing was asked of the server');

    await visitor.page.reload();
    await visitor.modelIs('ready');
    assert.equal((await written()).lang, 'fr');
    assert.deepEqual(visitor.complaints, []);
  });

  test('marks what stays English as English, and nothing where the page is English', async () => {
    await visit('?lang=fr');
    await visitor.pick([BROKEN, page()]);
    await visitor.settled(2);
    await unfold();
    await visitor.page.getByTestId('slice-list').getByRole('option').last().click();
    const marked = (name) =>
      visitor.page.locator(`[data-part="${name}"]`).evaluate(({ lang, dir, textContent }) => [lang, dir, textContent]);
    const [lang, , reason] = await marked('reason');
    assert.equal(lang, '', 'the reason is French');
    assert.match(reason, /^Ceci ne ressemble pas à une coupe de scanner de la tête/);
    const detail = await marked('detail');
    assert.deepEqual(detail.slice(0, 2), ['en', 'ltr']);
    assert.match(detail[2], /^This is not an image that can be read/);
    const card = await visitor.page.locator('[data-part="model-card"] [lang="en"]').allInnerTexts();
    assert.ok(card.some((line) => /^CT-ICH/.test(line)) && card.length >= 5, card.join('; '));
    await choose('en');
    assert.equal(await visitor.page.locator('body [lang="en"]:not(option)').count(), 0);
    assert.equal(await visitor.page.locator('[data-part="detail"]').isVisible(), false);
    assert.match((await visitor.problems())[0].message, /^This is not an image that can be read/);
  });

  test('reads the answer and the guard’s reason aloud in it', async () => {
    await visit('?lang=fr');
    await visitor.pick(page());
    await visitor.settled(1);
    const announcement = visitor.page.locator('[data-part="announcement"]');
    assert.match(
      await announcement.innerText(),
      /^page\.png\u00a0: Ceci ne ressemble pas .*ne ressemble pas à un scanner de la tête, probabilité d’hémorragie .*%\.$/,
    );
    assert.equal(await announcement.locator('[lang="en"]').count(), 0);
  });

  test('copies a table that is the same in every language', async () => {
    await visit();
    await visitor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visitor.pick([phantoms.subdural, twoSlices(), BROKEN]);
    await visitor.settled(4);
    await visitor.page.getByTestId('with-names').check();
    const table = async () => {
      await visitor.page.evaluate(() => navigator.clipboard.writeText('nothing'));
      await visitor.page.locator('[data-part="copy"]').click();
      await visitor.page.waitForFunction(async () => (await navigator.clipboard.readText()) !== 'nothing');
      return visitor.page.evaluate(() => navigator.clipboard.readText());
    };
    const before = await table();
    await choose('fr');
    assert.equal(await table(), before);
    assert.match(before, /\r\ntwo\.dcm \(2 of 2\),\w+,0\.\d+,/);
  });

  test('is kept when the page is loaded anew with another model', async () => {
    await visit('?model=alexnet&lang=fr');
    await visitor.page.locator('[data-part="announcement"]').filter({ hasText: 'AlexNet est désormais' }).waitFor();
    assert.equal(await search(), '?lang=fr');
    await visitor.page.goto(`${site.url}?lang=fr`);
    await visitor.modelIs('ready');
    await visitor.page.evaluate(() => caches.delete('haemolens-models'));
    await visitor.pick(phantoms.normal);
    await visitor.settled(1);
    await visitor.page.getByTestId('model-select').selectOption('alexnet');
    const question = visitor.page.getByTestId('forget-question');
    await question.getByText(/Pour AlexNet, elle doit être rechargée, et oublie alors la coupe de sa liste/).waitFor();
    await visitor.page.getByRole('button', { name: 'Oublier 1 coupe et charger' }).click();
    await visitor.page.locator('[data-part="announcement"]').filter({ hasText: 'AlexNet est désormais' }).waitFor();
    assert.equal(await search(), '?lang=fr');
  });

  test('needs no connection', async (t) => {
    // The service worker keeps the site's own page, and no other in its place.
    const plain = await serveSite();
    t.after(() => plain.close());
    visitor = await Visitor.open(browser, plain.url);
    await visitor.modelIs('ready');
    await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await choose('fr');
    await visitor.page.context().setOffline(true);
    await visitor.page.reload();
    await visitor.modelIs('ready');
    assert.deepEqual([(await written()).lang, await search()], ['fr', '?lang=fr']);
    await visitor.page.goto(`${plain.url}?lang=en`);
    await visitor.modelIs('ready');
    assert.equal((await written()).lang, 'en');
    assert.deepEqual(visitor.complaints, []);
  });

  test('is chosen in the single file too, and kept in its address', async () => {
    const file = join(DIST, 'haemolens.html');
    assert.ok(existsSync(file), 'no dist/haemolens.html: run make standalone');
    visitor = await Visitor.open(browser, pathToFileURL(file).href);
    await visitor.modelIs('ready');
    await visitor.pick(phantoms.normal);
    await visitor.settled(1);
    await choose('fr');
    assert.equal(await words('summary'), '1 fichier et 0 avec hémorragie');
    assert.equal(await search(), '?lang=fr');
    await visitor.page.reload();
    await visitor.modelIs('ready');
    assert.equal((await written()).lang, 'fr');
    assert.deepEqual(visitor.complaints, []);
  });

  test('can be chosen with the keyboard, each language by its own name', async () => {
    await visit();
    const select = visitor.page.getByRole('combobox', { name: 'Language' });
    const options = await select.locator('option').evaluateAll((all) => all.map(({ lang, text }) => [lang, text]));
    assert.deepEqual(options.slice(0, 2), [['en', 'English'], ['fr', 'Français']]);
    await select.focus();
    await visitor.page.keyboard.press('ArrowDown');
    await visitor.page.getByRole('combobox', { name: 'Langue' }).waitFor();
    const box = await visitor.page.getByTestId('language-select').boundingBox();
    assert.ok(box.width >= 24 && box.height >= 24);
  });

  describe('that is written from right to left', () => {
    const OPTIONS = { before: `Object.defineProperty(Navigator.prototype, 'languages', { get: () => ['${PSEUDO}'] });` };

    /** The page with answers, a doubted one selected, and problems. */
    async function fill() {
      await visitor.pick([phantoms.subdural, phantoms.normal, twoSlices(), BROKEN, EMPTY, page()]);
      await visitor.settled(7);
    }

    /** Whatever reaches past the window or past its own box without being meant to. */
    const overflowing = () =>
      visitor.page.evaluate(() => {
        const { scrollWidth } = document.documentElement;
        const wide = scrollWidth > window.innerWidth ? [`the page is ${scrollWidth} pixels wide`] : [];
        const elements = [...document.body.querySelectorAll('main *, header *, footer *')];
        const past = elements.filter((element) => {
          if (!element.checkVisibility() || element.closest('svg, .screen, .unseen')) return false;
          const { left, right } = element.getBoundingClientRect();
          return left < -1 || right > window.innerWidth + 1;
        });
        const clipped = elements.filter((element) => {
          if (!element.matches('button, .button, label, p, dt, dd, h2, h3, summary, small')) return false;
          return element.checkVisibility() && !element.matches('.unseen') && element.scrollWidth > element.clientWidth + 1
            && getComputedStyle(element).display !== 'inline';
        });
        return [...wide, ...[...past, ...clipped].map((element) => element.outerHTML)];
      });

    const box = (selector) =>
      visitor.page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().toJSON());

    for (const [width, height] of [
      [360, 740],
      [1280, 800],
      [1920, 1080],
    ]) {
      test(`and whose words are longer fits a window ${width} pixels wide`, async () => {
        await visit('pseudo.html', { ...OPTIONS, width, height });
        assert.equal((await written()).dir, 'rtl');
        assert.deepEqual(await overflowing(), []);
        await fill();
        assert.deepEqual(await overflowing(), []);
        await visitor.page.getByTestId('slice-list').getByRole('option').last().click();
        await unfold();
        assert.deepEqual(await overflowing(), []);
        await visitor.page.getByTestId('slice-list').getByRole('option').first().click();
        assert.deepEqual(await overflowing(), []);
        assert.deepEqual(visitor.complaints, []);
      });
    }

    test('is mirrored, but for the scale and the pictures', async () => {
      const look = async () => {
        const places = {};
        for (const [name, selector] of Object.entries({
          title: 'h1',
          status: '.status',
          intake: '.intake',
          picture: '.viewer',
          findings: '.findings',
          thumbnail: '[role="option"] canvas',
          name: '[role="option"] .name',
          figure: '[role="option"] .figure',
          scale: '.scale',
          needle: '.needle',
          tick: '.tick',
          band: '.band',
        })) {
          places[name] = await box(selector);
        }
        return places;
      };
      /** Pixels and turnings of the pictures. */
      const pictures = () =>
        visitor.page.evaluate(() =>
          [...document.querySelectorAll('.screen canvas, [role="option"] canvas, .sample canvas')].map((canvas) => {
            const turned = [];
            for (let at = canvas; at; at = at.parentElement) {
              const { transform, scale, rotate } = getComputedStyle(at);
              turned.push(transform, scale, rotate);
            }
            return [canvas.toDataURL(), ...new Set(turned)];
          }),
        );
      await visit('pseudo.html?lang=en', { width: 1280, height: 800 });
      await visitor.pick([phantoms.subdural, phantoms.normal]);
      await visitor.settled(2);
      await Promise.all([painted(visitor), visitor.still()]);
      const [left, drawn] = [await look(), await pictures()];
      await choose(PSEUDO);
      await Promise.all([painted(visitor), visitor.still()]);
      const right = await look();

      const isMirrored = (one, other) => Math.sign(left[one].x - left[other].x) === -Math.sign(right[one].x - right[other].x);
      for (const pair of [
        ['title', 'status'],
        ['intake', 'picture'],
        ['picture', 'findings'],
        ['thumbnail', 'name'],
        ['name', 'figure'],
      ]) {
        assert.ok(isMirrored(...pair), `${pair.join(' and ')} have not changed places`);
      }
      const fromPicture = await visitor.page.locator('[role="option"]').first().evaluate((row) => {
        const name = document.createRange();
        name.selectNodeContents(row.querySelector('.name'));
        return row.querySelector('canvas').getBoundingClientRect().left - name.getBoundingClientRect().right;
      });
      assert.ok(fromPicture >= 0 && fromPicture < 24, `the name is ${fromPicture} pixels from its picture`);
      for (const mark of ['needle', 'tick', 'band']) {
        const share = ({ [mark]: { x }, scale }) => (x - scale.x) / scale.width;
        assert.ok(Math.abs(share(left) - share(right)) < 0.02, `the ${mark} stands elsewhere on the scale`);
      }
      const colours = await visitor.page.locator('.track').evaluate((track) => getComputedStyle(track).backgroundImage);
      assert.match(colours, /^linear-gradient\(to right, rgb/, 'as the needle, haemorrhage is to the right');
      assert.deepEqual(await pictures(), drawn);
      assert.deepEqual(new Set(drawn.flatMap(([, ...turned]) => turned)), new Set(['none']));
    });

    test('has no word that is not from its catalogue', async () => {
      await visit('pseudo.html', OPTIONS);
      await fill();
      await unfold();
      await visitor.page.getByTestId('slice-list').getByRole('option').nth(5).click();
      const foreign = await visitor.page.evaluate(() => {
        // Values that are put into a sentence: names of files, of models and of errors.
        const own = (words) => words.replace(/\u2068[^\u2068\u2069]*\u2069/g, ' ');
        const inner = (words) => (own(words) === words ? words : inner(own(words)));
        const left = '[lang="en"], [translate="no"], code, script, style, template, noscript, option, [data-part="file"], [data-part="name"]';
        const found = [];
        const note = (words) => /[A-Za-z]{3,}/.test(inner(words)) && found.push(words);
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          const { data, parentElement: element } = texts.currentNode;
          if (!element.closest(left)) note(data);
        }
        for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
          if (element.closest(left)) continue;
          for (const name of ['aria-label', 'placeholder', 'title']) note(element.getAttribute(name) ?? '');
        }
        return found;
      });
      // The model that answered, by its name and version.
      assert.deepEqual([...new Set(foreign)], ['AlexNet-SVM 0.1.0']);
    });

    test('is in no page that is shipped', () => {
      assert.ok(builtPage().includes('Français'));
      assert.ok(!builtPage().includes(PSEUDO));
    });
  });
});
