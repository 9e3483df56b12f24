import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';

import { drawPhantoms, scratchFolder } from './command-line.mjs';
import { offer, shiftedModel, smallModel } from './drawn-models.mjs';
import { coloursAt, fitted, orders, painted, screenBox, watchOrders } from './screen-pixels.mjs';
import { bytes, serveSite } from './site.mjs';
import { PATIENCE_MS, Visitor, launchBrowser } from './visitor.mjs';

/** Side of the phantoms, in pixels. */
const SIDE = 512;

/** What the strongest contribution looks like, and how much of it covers the slice at first. */
const FOR = [230, 159, 0];
const AGAINST = [0, 114, 178];
const OPACITY = 0.6;

describe('the map of contributions', () => {
  let site, browser, visitor, page, phantoms;
  const folder = scratchFolder(after);
  const models = {
    alexnet: shiftedModel('alexnet', '0.2.0', 0.75),
    cnn: smallModel('cnn', '1.0.0'),
  };

  before(async () => {
    const bare = bytes('<!doctype html><title>bare</title>', 'text/html');
    site = await serveSite({ ...offer(models), '/bare.html': bare });
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });
  beforeEach(async () => {
    await visitor?.close();
    visitor = await Visitor.open(browser, site.url, { before: watchOrders, offline: false });
    ({ page } = visitor);
    await visitor.modelIs('ready');
  });

  async function look(...kinds) {
    await visitor.pick(kinds.map((kind) => phantoms[kind]));
    await visitor.settled(kinds.length);
  }

  const shown = () => page.getByTestId('map-facts').waitFor();
  const toggle = () => page.getByTestId('screen').press('m');

  /** The terms of the sum, as they are to the bit. */
  const sum = () =>
    page.getByTestId('sum').evaluate((list) => {
      const value = (name) => Number(list.querySelector(`[data-part="sum-${name}"]`).dataset.value);
      const names = ['speaksFor', 'speaksAgainst', 'constant', 'rounding', 'margin'];
      return Object.fromEntries(names.map((name) => [name, value(name)]));
    });

  async function assertAddsUp() {
    const { speaksFor, speaksAgainst, constant, rounding, margin } = await sum();
    assert.ok(speaksFor > 0 && speaksAgainst < 0);
    const scale = speaksFor - speaksAgainst + Math.abs(constant) + Math.abs(rounding);
    assert.ok(Math.abs(speaksFor + speaksAgainst + constant + rounding - margin) < 1e-5 * scale);
    assert.equal(margin, (await visitor.result()).margin);
  }

  /** What the module itself says of a phantom. */
  async function explanation(phantomKind, kind) {
    const other = await browser.newPage();
    other.setDefaultTimeout(PATIENCE_MS);
    await other.goto(`${site.url}bare.html`);
    const found = await other.evaluate(async ([name, kind]) => {
      const { default: init, Classifier, OpenFile, phantom } = await import('/haemolens.js');
      await init();
      const { contributions, ...rest } = new Classifier().explain(new OpenFile(phantom(name)), 0, kind);
      return { contributions: [...contributions], ...rest };
    }, [phantomKind, kind]);
    await other.close();
    return found;
  }

  test('costs nothing while it is off, and is worked out once for the selected slice alone', async () => {
    await look('normal', 'intraparenchymal', 'subdural');
    await visitor.allResults();
    assert.equal(await orders(visitor, 'explain'), 0);
    await toggle();
    await shown();
    assert.equal(await orders(visitor, 'explain'), 1);
    await toggle();
    await page.getByTestId('map-facts').waitFor({ state: 'hidden' });
    await toggle();
    await shown();
    assert.equal(await orders(visitor, 'explain'), 1, 'it is kept while the slice is selected');
    await page.getByTestId('screen').press('Home');
    await shown();
    assert.equal(await orders(visitor, 'explain'), 2);
    assert.deepEqual(visitor.complaints, []);
  });

  test('has numbers that add up to the margin that is shown', async () => {
    await look('intraparenchymal', 'subdural');
    await toggle();
    for (const key of ['End', 'Home']) {
      await page.getByTestId('screen').press(key);
      await shown();
      await assertAddsUp();
      assert.equal((await sum()).rounding, 0);
    }
    assert.equal(await page.locator('[data-part="rounding-term"]').isVisible(), false);
    const words = await page.getByTestId('sum').innerText();
    const terms = [...words.matchAll(/[+−]\d+\.\d{3}/g)].map(([number]) => Number(number.replace('−', '-')));
    assert.equal(terms.length, 4);
    assert.ok(Math.abs(terms[0] + terms[1] + terms[2] - terms[3]) < 0.003, words);
    const meaning = await page.getByTestId('map-facts').innerText();
    assert.match(meaning, /not where blood is/);
  });

  test('is that of a chosen kind of haemorrhage, with its own sum and words', async () => {
    await look('subdural');
    await toggle();
    await shown();
    const whole = await sum();
    const probabilities = await page.getByTestId('kinds').locator('li').evaluateAll((items) =>
      Object.fromEntries(items.map(({ dataset }) => [dataset.kind, Number(dataset.value)])),
    );
    const { classification, ...rest } = await explanation('subdural', 'SDH');
    const ofModule = classification.kinds.map(({ kind, probability }) => [kind, probability]);
    assert.deepEqual(probabilities, Object.fromEntries(ofModule));
    await page.getByTestId('map-kind').selectOption('SDH');
    await page.getByTestId('sum').getByText('for subdural (SDH) haemorrhage').waitFor();
    const { speaksFor, speaksAgainst, constant, margin } = await sum();
    assert.ok(Math.abs(speaksFor + speaksAgainst + constant - margin) < 1e-4);
    assert.notEqual(margin, whole.margin);
    assert.equal(margin, rest.margin);
    await page.getByTestId('map-kind').selectOption('');
    await page.getByTestId('sum').getByText('Contributions for haemorrhage').waitFor();
    assert.deepEqual(await sum(), whole);
    assert.deepEqual(visitor.complaints, []);
  });

  test('shows the contribution of each place at its centre, in orange and blue', async () => {
    await look('intraparenchymal');
    const { columns, rows, contributions, field } = await explanation('intraparenchymal');
    const box = await screenBox(visitor);
    const strongest = Math.max(...contributions.map(Math.abs));
    const places = contributions.map((contribution, i) => ({
      contribution,
      at: fitted(box, SIDE, {
        x: field.x + (i % columns) * field.stride,
        y: field.y + Math.floor(i / columns) * field.stride,
      }),
    }));
    const centres = places.map(({ at }) => at);
    const plain = await coloursAt(visitor, centres);
    await toggle();
    await shown();
    const tinted = await coloursAt(visitor, centres);
    assert.equal(places.length, columns * rows);
    for (const [i, { contribution }] of places.entries()) {
      const share = (OPACITY * Math.abs(contribution)) / strongest;
      const colour = contribution > 0 ? FOR : AGAINST;
      for (let channel = 0; channel < 3; channel++) {
        const expected = plain[i][channel] * (1 - share) + colour[channel] * share;
        assert.ok(Math.abs(tinted[i][channel] - expected) < 6, `place ${i}: ${tinted[i]}, ${expected}`);
      }
    }
    const at = contributions.findIndex((one) => Math.abs(one) === strongest);
    const [red, , blue] = tinted[at].map((value, channel) => value - plain[at][channel]);
    assert.ok(contributions[at] > 0 ? red - blue > 40 : blue - red > 40, `${[red, blue]}`);

    const legend = await page.locator('[data-part="most-for"]').innerText();
    assert.equal(legend, `+${strongest.toFixed(3)}`);
    // Less of it with less opacity; the slice itself where there is none outside of the square.
    const slider = page.getByRole('slider', { name: 'Opacity' });
    await slider.fill('20');
    const [fainter] = await coloursAt(visitor, [centres[at]]);
    const change = (colour) => Math.abs(colour[2] - plain[at][2]);
    assert.ok(change(fainter) < change(tinted[at]) / 2);
    const corner = { x: box.width / 2 - Math.min(box.width, box.height) / 2 + 3, y: box.height - 3 };
    const [outside] = await coloursAt(visitor, [corner]);
    assert.equal(new Set(outside).size, 1);
  });

  test('lies where the picture lies when that is mirrored and enlarged', async () => {
    await look('intraparenchymal');
    const { columns, contributions, field } = await explanation('intraparenchymal');
    const at = contributions.findIndex((one) => one === Math.max(...contributions));
    const centre = { x: field.x + (at % columns) * field.stride, y: field.y + Math.floor(at / columns) * field.stride };
    const mirrored = { x: SIDE - centre.x, y: centre.y };
    const box = await screenBox(visitor);
    const screen = page.getByTestId('screen');
    await screen.press('x');
    const place = fitted(box, SIDE, mirrored);
    await page.mouse.move(box.x + place.x, box.y + place.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await page.getByTestId('view').filter({ hasText: '×' }).waitFor();
    const [plain] = await coloursAt(visitor, [place]);
    await toggle();
    await shown();
    const [tinted] = await coloursAt(visitor, [place]);
    for (const [channel, value] of tinted.entries()) {
      assert.ok(Math.abs(value - (plain[channel] * (1 - OPACITY) + FOR[channel] * OPACITY)) < 12, `${plain} ${tinted}`);
    }
    // The same place is told under the pointer.
    await page.mouse.move(box.x + place.x + 2, box.y + place.y + 1);
    await painted(visitor);
    const words = await page.getByTestId('place').innerText();
    assert.equal(words, `Column ${(at % columns) + 1}, row ${Math.floor(at / columns) + 1}: +${contributions[at].toFixed(3)}, for haemorrhage`);
  });

  test('tells what a place contributes to pointers and to the keyboard', async () => {
    await look('subdural');
    const { columns, contributions, field } = await explanation('subdural');
    await toggle();
    await shown();
    const box = await screenBox(visitor);
    const told = page.getByTestId('place');
    const written = (i) => {
      const value = contributions[i];
      const number = `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
      const side = value > 0 ? `${number}, for` : `${number}, against`;
      const words = Math.abs(value) < 0.0005 ? 'contributes nothing' : `${side} haemorrhage`;
      return `Column ${(i % columns) + 1}, row ${Math.floor(i / columns) + 1}: ${words}`;
    };
    for (const i of [0, 8, 14, 21, 35]) {
      const { x, y } = fitted(box, SIDE, {
        x: field.x + (i % columns) * field.stride + field.stride * 0.3,
        y: field.y + Math.floor(i / columns) * field.stride - field.stride * 0.3,
      });
      await page.mouse.move(box.x + x, box.y + y);
      assert.equal(await told.innerText(), written(i));
    }
    await page.mouse.move(5, 5);
    assert.equal(await told.innerText(), '');

    const strongest = contributions.findIndex((one) => Math.abs(one) === Math.max(...contributions.map(Math.abs)));
    const screen = page.getByTestId('screen');
    await screen.press('Shift+ArrowLeft');
    assert.equal(await told.innerText(), written(strongest), 'the keyboard begins with the strongest');
    assert.equal(await told.getAttribute('aria-live'), 'polite');
    const column = strongest % columns;
    await screen.press(column > 0 ? 'Shift+ArrowLeft' : 'Shift+ArrowRight');
    assert.equal(await told.innerText(), written(strongest + (column > 0 ? -1 : 1)));
    assert.equal(await page.locator('[data-part="cell"]').isVisible(), true);
    await screen.press('m');
    assert.equal(await told.innerText(), '');
  });

  test('never stands beside the answer of another slice, however fast they are gone through', async () => {
    await look('normal', 'intraparenchymal', 'subdural', 'normal', 'subdural', 'intraparenchymal');
    await page.getByTestId('screen').press('Home');
    await toggle();
    await shown();
    const wrong = await page.evaluate(async () => {
      const screen = document.querySelector('[data-testid="screen"]');
      const facts = document.querySelector('[data-testid="map-facts"]');
      const fits = () =>
        !facts.checkVisibility() ||
        facts.querySelector('[data-part="sum-margin"]').dataset.value ===
          document.querySelector('[data-testid="margin"]').dataset.value;
      let wrong = 0;
      for (let i = 0; i < 30; i++) {
        const key = i % 10 < 5 ? 'ArrowDown' : 'ArrowUp';
        screen.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        wrong += !fits();
        await new Promise((resolve) => setTimeout(resolve, (i % 4) * 30));
        wrong += !fits();
      }
      return wrong;
    });
    assert.equal(wrong, 0);
    await shown();
    await assertAddsUp();
    assert.deepEqual(visitor.complaints, []);
  });

  test('of a model with two hidden layers says what rounding adds', async () => {
    await page.goto(`${site.url}?model=cnn`);
    await visitor.modelInUse('CNN');
    await look('intraparenchymal');
    await toggle();
    await shown();
    await assertAddsUp();
    assert.notEqual((await sum()).rounding, 0);
    assert.equal(await page.locator('[data-part="rounding-term"]').isVisible(), true);
  });

  test('is that of the model that answered, or of none', async () => {
    await page.goto(`${site.url}?model=alexnet`);
    await visitor.modelInUse('AlexNet');
    const choose = page.getByTestId('model-select');
    await choose.selectOption('alexnet-svm');
    await visitor.modelInUse('AlexNet-SVM');
    await look('intraparenchymal', 'subdural');
    const screen = page.getByTestId('screen');
    await screen.press('Home');
    await toggle();
    await shown();
    const first = await sum();

    await choose.selectOption('alexnet');
    await page.locator('[data-part="announcement"]').filter({ hasText: /^AlexNet is in use/ }).waitFor();
    assert.deepEqual(await sum(), first, 'its answer is still there, and so is its map');
    await assertAddsUp();

    const asked = await orders(visitor, 'explain');
    await screen.press('End');
    await page.getByTestId('map-again').waitFor();
    const note = page.getByTestId('map-note');
    assert.match(await note.innerText(), /The answer is that of AlexNet-SVM 0\.\d\.\d, and a map would be that of AlexNet 0\.2\.0/);
    assert.equal(await page.getByTestId('map-facts').isVisible(), false);
    await page.waitForTimeout(200);
    assert.equal(await orders(visitor, 'explain'), asked, 'no other model is asked');

    await page.getByTestId('map-again').click();
    await shown();
    assert.equal(await page.getByTestId('answered-by').innerText(), 'AlexNet 0.2.0');
    await assertAddsUp();
    await screen.press('Home');
    await page.getByTestId('map-again').waitFor();
    assert.equal(await page.getByTestId('answered-by').innerText().then((words) => words.split(' ')[0]), 'AlexNet-SVM');
    await choose.selectOption('alexnet-svm');
    await shown();
    assert.deepEqual(await sum(), first);
    assert.deepEqual(visitor.complaints, []);
  });

  test('has no place where there is no answer', async () => {
    await visitor.pick({ name: 'short.bmp', mimeType: '', buffer: readFileSync(phantoms.normal).subarray(0, 3000) });
    await visitor.settled(1);
    assert.equal(await page.getByTestId('where').isVisible(), false);
    await page.getByTestId('slice-list').getByRole('option').press('m');
    assert.equal(await page.getByTestId('map-toggle').isChecked(), false);
    assert.equal(await orders(visitor, 'explain'), 0);
  });
});
