import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { shrinkMeasured, shrinkSlice } from '../../www/page/slice-pixels.js';
import { OUTSIDE, PRESETS, paintWindow } from '../../www/page/viewer/window.js';
import { ctFile, head } from './dicom-files.mjs';
import { greyPng } from './picture-files.mjs';
import { answered, coloursAt, fitted, orders, outlineBox, painted, screenBox, watchOrders } from './screen-pixels.mjs';
import { DIST, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const SIDE = 256;

/** Points of a drawn head: its middle, the bone at its top, and its bleeding with the point opposite. */
const MIDDLE = { x: 128, y: 128 };
const BONE = { x: 128, y: 30 };
const BLEEDING = { x: 0.62 * SIDE, y: 0.45 * SIDE };
const OPPOSITE = { x: SIDE - BLEEDING.x, y: BLEEDING.y };

/** Hounsfield units there. */
const BRAIN_HU = 34;
const BONE_HU = 900;
const BLOOD_HU = 68;

/** A grey level by the definition of the standard (DICOM PS3.3, C.11.2.1.2.1). */
function inWindow(value, level, width) {
  const share = (value - (level - 0.5)) / (width - 1) + 0.5;
  return Math.round(255 * Math.min(1, Math.max(0, share)));
}

const ct = (frames, name = 'slices') => ({ name, mimeType: '', buffer: ctFile(SIDE, frames) });
const disc = (name = 'disc.png') => ({
  name,
  mimeType: 'image/png',
  buffer: greyPng(SIDE, SIDE, (x, y) => (Math.hypot(x - 128, y - 128) < 90 ? 100 : 0)),
});

test('what a slice measured is shrunk to the pixels of the slice, and what is outside of it counts for nothing', () => {
  const [width, height] = [7, 5];
  const values = Int16Array.from({ length: width * height }, (_, i) => (i % width < 2 ? OUTSIDE : 10 * i));
  values[2 * width + 1] = 90;
  const crop = { x: 0, y: 0, side: 5 };
  const slice = shrinkSlice({ width, height, grey: new Uint8Array(width * height), crop }, 4);
  const shrunk = shrinkMeasured({ width, height, values }, 4);
  assert.deepEqual([shrunk.width, shrunk.height], [slice.width, slice.height]);
  // The mean of 20, 30, 90 and 100, and so on; of the block that is outside but for 90, that.
  assert.deepEqual([...shrunk.values], [OUTSIDE, 60, 80, 90, 200, 220]);
  assert.equal(shrinkMeasured({ width, height, values }, 7).values, values);
});

test('a window is that of the standard, and black where nothing was measured', () => {
  const values = Int16Array.of(OUTSIDE, -1000, 0, 34, 40, 68, 79, 80, 900, 3071);
  for (const { level, width } of [...Object.values(PRESETS), { level: -1024, width: 4096 }, { level: 50, width: 1 }]) {
    const pixels = new Uint32Array(values.length);
    paintWindow(values, { level, width }, pixels);
    const greys = [...pixels].map((pixel) => pixel & 255);
    assert.equal(greys[0], 0);
    for (const [i, value] of values.entries()) {
      if (width > 1) assert.ok(Math.abs(greys[i] - inWindow(value, level, width)) <= 1, `${value} in ${level}/${width}`);
      else assert.equal(greys[i], value > level - 0.5 ? 255 : 0);
    }
    assert.ok([...pixels].every((pixel) => pixel >>> 24 === 255));
  }
});

describe('the viewer', () => {
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
    await visitor?.close();
    visitor = await Visitor.open(browser, site.url, { before: watchOrders, offline: false });
    ({ page } = visitor);
    await visitor.modelIs('ready');
  });

  async function look(files, slices = 1) {
    await visitor.pick(files);
    await visitor.settled(slices);
    // Else the page turns to the slice that carries the examination's answer.
    if (slices > 1) await page.getByTestId('slice-list').getByRole('option').first().click();
    await painted(visitor);
  }

  const numbers = () => page.getByTestId('window').innerText();
  const says = (words) => page.getByTestId('window').filter({ hasText: words }).waitFor();

  /** Grey levels of points of a picture that is shown whole. */
  async function greys(...points) {
    const box = await screenBox(visitor);
    const colours = await coloursAt(visitor, points.map((point) => fitted(box, SIDE, point)));
    assert.ok(colours.every(([red, green, blue]) => red === green && green === blue));
    return colours.map(([red]) => red);
  }

  function assertNear(found, expected, most = 8) {
    const near = found.every((value, i) => Math.abs(value - expected[i]) <= most);
    assert.ok(near, `${found} is not near ${expected}`);
  }

  /** Drags over the screen from its middle. */
  async function drag(right, down, { button = 'left' } = {}) {
    const box = await screenBox(visitor);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down({ button });
    await page.mouse.move(x + right / 2, y + down / 2);
    await page.mouse.move(x + right, y + down);
    await page.mouse.up({ button });
    await painted(visitor);
  }

  const windowed = (level, width) => [BRAIN_HU, BONE_HU, BLOOD_HU].map((value) => inWindow(value, level, width));

  test('shows in the bone window what the brain window saturates', async () => {
    await look(ct([head(SIDE, 60)]));
    assert.equal(await numbers(), 'WL 40 WW 80');
    const [, bone, blood] = await greys(MIDDLE, BONE, BLEEDING);
    assert.equal(bone, 255);
    assert.ok(blood < 255);
    assert.equal(await orders(visitor, 'measure'), 0, 'nothing is measured for the brain window');

    await page.getByTestId('preset').selectOption('bone');
    await answered(visitor, 'measure', 1);
    assert.equal(await numbers(), 'WL 480 WW 2500');
    assertNear(await greys(MIDDLE, BONE, BLEEDING), windowed(480, 2500), 4);
    assert.equal(await orders(visitor, 'measure'), 1);

    const screen = page.getByTestId('screen');
    for (const [key, level, width] of [
      ['2', 75, 215],
      ['3', 40, 40],
      ['1', 40, 80],
    ]) {
      await screen.press(key);
      assert.equal(await numbers(), `WL ${level} WW ${width}`);
      assertNear(await greys(MIDDLE, BONE, BLEEDING), windowed(level, width), key === '3' ? 16 : 8);
    }
    assert.equal(await orders(visitor, 'measure'), 1, 'they are kept while the slice is selected');
    assert.deepEqual(visitor.complaints, []);
  });

  test('changes the window by dragging, to the right wider and downwards darker', async () => {
    await look(ct([head(SIDE, 60)]));
    const answer = await visitor.result();
    await drag(120, 30);
    await answered(visitor, 'measure', 1);
    assert.equal(await numbers(), 'WL 70 WW 200');
    assertNear(await greys(MIDDLE, BONE, BLEEDING), windowed(70, 200));
    assert.equal(await page.getByTestId('preset').inputValue(), 'own');
    await drag(-1000, -5);
    assert.equal(await numbers(), 'WL 65 WW 1');
    assert.deepEqual(await visitor.result(), answer);
  });

  test('keeps the window from slice to slice, and measures the slices that are looked at', async () => {
    await look(ct([head(SIDE, 60), head(SIDE), head(SIDE, 30)]), 3);
    await page.getByTestId('screen').press('4');
    await answered(visitor, 'measure', 1);
    await page.getByTestId('screen').press('ArrowDown');
    await answered(visitor, 'measure', 2);
    assert.equal((await visitor.result()).file, 'slices (2 of 3)');
    assert.equal(await numbers(), 'WL 480 WW 2500');
    assertNear(await greys(MIDDLE, BONE), windowed(480, 2500), 4);
    assert.equal(await orders(visitor, 'measure'), 2);
  });

  test('has brightness and contrast for pictures, and a way back', async () => {
    await look(disc());
    assert.equal(await numbers(), 'Brightness 0, contrast 100 %');
    const preset = page.getByTestId('preset');
    assert.deepEqual(await preset.locator('option').allInnerTexts(), ['As stored']);
    assert.deepEqual(await greys(MIDDLE), [100]);
    await drag(-128, -20);
    assert.equal(await numbers(), 'Brightness 20, contrast 205 %');
    const [brighter] = await greys(MIDDLE);
    assertNear([brighter], [inWindow(100, 108, 125)], 2);
    await preset.selectOption('stored');
    assert.deepEqual(await greys(MIDDLE), [100]);
    assert.equal(await orders(visitor, 'measure'), 0);
  });

  test('takes a DICOM file without Hounsfield units for a picture once it is measured', async () => {
    await look({ name: 'resonance', mimeType: '', buffer: ctFile(SIDE, [head(SIDE)], { modality: 'MR' }) });
    await page.getByTestId('screen').press('4');
    await says('Brightness 0, contrast 100 %');
    assert.deepEqual(await page.getByTestId('preset').locator('option').allInnerTexts(), ['As stored']);
    await look(ct([head(SIDE)]), 2);
    await page.getByTestId('screen').press('End');
    assert.equal(await numbers(), 'WL 40 WW 80', 'the window of CT is as it was');
  });

  test('enlarges about the pointer, moves and fits again; the outline follows', async () => {
    await look(ct([head(SIDE, 60)]));
    const box = await screenBox(visitor);
    const whole = await outlineBox(visitor);
    const at = fitted(box, SIDE, BLEEDING);
    await page.mouse.move(box.x + at.x, box.y + at.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await page.getByTestId('view').filter({ hasText: '×' }).waitFor();
    const larger = await outlineBox(visitor);
    const factor = larger.width / whole.width;
    assert.ok(factor > 1.4 && factor < 2, `${factor}`);
    // The point under the pointer stays there.
    assert.ok(Math.abs(larger.x - (at.x - (at.x - whole.x) * factor)) < 1);
    assert.ok(Math.abs(larger.y - (at.y - (at.y - whole.y) * factor)) < 1);
    assertNear((await coloursAt(visitor, [at]))[0], Array(3).fill(inWindow(BLOOD_HU, 40, 80)));
    assert.match(await page.getByTestId('view').innerText(), /^1\.\d×$/);

    await page.getByTestId('screen').focus();
    await page.keyboard.down('Space');
    await drag(-30, 12);
    await page.keyboard.up('Space');
    const moved = await outlineBox(visitor);
    assert.ok(Math.abs(moved.x - larger.x + 30) < 0.01 && Math.abs(moved.y - larger.y - 12) < 0.01);
    await drag(30, -12, { button: 'middle' });
    assert.deepEqual(Object.values(await outlineBox(visitor)).map(Math.round), Object.values(larger).map(Math.round));

    await page.getByRole('button', { name: 'Move the picture (P)' }).click();
    await drag(7, 9);
    assert.ok(Math.abs((await outlineBox(visitor)).y - larger.y - 9) < 0.01);
    assert.equal(await numbers(), 'WL 40 WW 80', 'what moves the picture changes no window');

    await page.getByTestId('screen').press('0');
    assert.deepEqual(await outlineBox(visitor), whole);
    await page.getByTestId('screen').press('+');
    assert.ok(Math.abs((await outlineBox(visitor)).width / whole.width - 1.25) < 1e-6);
    await page.getByRole('button', { name: 'Smaller (−)' }).click();
    assert.deepEqual(await outlineBox(visitor), whole);
    await page.getByRole('button', { name: 'Smaller (−)' }).click();
    assert.deepEqual(await outlineBox(visitor), whole, 'never smaller than the screen');
  });

  test('mirrors the picture, says so, and moves it the way the pointer goes', async () => {
    await look(ct([head(SIDE, 40)]));
    const [blood, brain] = await greys(BLEEDING, OPPOSITE);
    assert.ok(blood > brain + 50);
    await page.getByTestId('screen').press('x');
    assert.equal(await page.getByTestId('view').innerText(), 'mirrored');
    assertNear(await greys(BLEEDING, OPPOSITE), [brain, blood]);
    const before = await outlineBox(visitor);
    await page.getByTestId('screen').press('p');
    await drag(25, 0);
    assert.ok(Math.abs((await outlineBox(visitor)).x - before.x - 25) < 0.01);
    await page.getByRole('button', { name: 'Mirror (X)' }).click();
    assert.equal(await page.getByTestId('view').innerText(), '');
  });

  test('enlarges and moves under two fingers, and changes the window under one', async () => {
    await look(ct([head(SIDE)]));
    const session = await page.context().newCDPSession(page);
    const box = await screenBox(visitor);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = (type, ...points) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((point, id) => ({ ...point, id })) });
    await touch('touchStart', { x, y });
    await touch('touchMove', { x: x + 40, y: y + 10 });
    await touch('touchEnd');
    await says('WL 50 WW 120');
    await answered(visitor, 'measure', 1);
    assert.equal(await numbers(), 'WL 50 WW 120');

    const whole = await outlineBox(visitor);
    await touch('touchStart', { x: x - 40, y });
    await touch('touchStart', { x: x - 40, y }, { x: x + 40, y });
    await touch('touchMove', { x: x - 80, y }, { x: x + 80, y });
    await touch('touchEnd');
    await page.getByTestId('view').filter({ hasText: '×' }).waitFor();
    const larger = await outlineBox(visitor);
    assert.ok(Math.abs(larger.width / whole.width - 2) < 0.01, `${larger.width / whole.width}`);
    assert.ok(Math.abs(larger.x + larger.width / 2 - (box.width / 2 + 2 * (whole.x + whole.width / 2 - box.width / 2))) < 1);
    assert.equal(await numbers(), 'WL 50 WW 120');
  });

  test('goes from slice to slice by wheel and keys', async () => {
    await look(ct([head(SIDE), head(SIDE, 20), head(SIDE, 40)]), 3);
    const file = async () => (await visitor.result()).file.match(/\((\d)/)[1];
    const box = await screenBox(visitor);
    await page.mouse.move(box.x + 50, box.y + 50);
    const title = page.getByTestId('result').locator('h2');
    for (const [turn, expected] of [[120, '2'], [-120, '1']]) {
      await page.mouse.wheel(0, turn);
      await title.filter({ hasText: `(${expected} of 3)` }).waitFor();
      await painted(visitor);
      assert.equal(await file(), expected, 'and no further');
    }
    await page.getByTestId('screen').focus();
    for (const [key, expected] of [['ArrowDown', '2'], ['ArrowRight', '3'], ['ArrowDown', '3'], ['ArrowUp', '2'], ['ArrowLeft', '1'], ['End', '3'], ['Home', '1']]) {
      await page.keyboard.press(key);
      assert.equal(await file(), expected, key);
    }
    assert.equal(await page.evaluate(() => document.activeElement.dataset.part), 'screen');
  });

  test('leaves the wheel to the page where there is one slice, and keys to those who type', async () => {
    await page.setViewportSize({ width: 1000, height: 500 });
    await look(ct([head(SIDE)]));
    const box = await screenBox(visitor);
    await page.mouse.move(box.x + 50, box.y + 50);
    await page.mouse.wheel(0, 120);
    await page.waitForFunction(() => window.scrollY > 0);
    await page.locator('body').press('m');
    await page.getByTestId('preset').press('m');
    assert.equal(await page.getByTestId('map-toggle').isChecked(), false);
    await page.getByTestId('slice-list').getByRole('option').press('m');
    assert.equal(await page.getByTestId('map-toggle').isChecked(), true);
  });

  test('lists its keys, and its tools are one stop of the Tab key', async () => {
    await look(ct([head(SIDE)]));
    await page.getByTestId('screen').press('?');
    const help = page.getByTestId('help');
    assert.match(await help.innerText(), /Mirror/);
    assert.equal(await help.locator('dt').count(), await help.locator('dd').count());
    await page.keyboard.press('Escape');
    assert.equal(await help.isVisible(), false);
    const tools = page.getByRole('toolbar', { name: 'Tools for the picture' });
    const stops = await tools.getByRole('button').evaluateAll((buttons) => buttons.filter(({ tabIndex }) => tabIndex === 0).length);
    assert.equal(stops, 1);
    await tools.getByRole('button').first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    assert.equal(await help.isVisible(), true);
    for (const button of await tools.getByRole('button').all()) {
      const { width, height } = await button.boundingBox();
      assert.ok(width >= 24 && height >= 24);
    }
  });

  test('marks all slices on a strip, where a click and keys select', async () => {
    const frames = Array.from({ length: 30 }, (_, i) => head(SIDE, i % 3 === 0 ? 40 : 0));
    await look(ct(frames), 30);
    const strip = page.getByRole('slider', { name: 'Probability of haemorrhage, slice by slice' });
    const box = await strip.boundingBox();
    await page.mouse.click(box.x + box.width * (12.5 / 30), box.y + box.height / 2);
    assert.equal((await visitor.result()).file, 'slices (13 of 30)');
    const value = () => strip.evaluate((element) => [element.ariaValueNow, element.ariaValueMin, element.ariaValueMax]);
    assert.deepEqual(await value(), ['13', '1', '30']);
    const { probability, label } = await visitor.result();
    const words = await strip.getAttribute('aria-valuetext');
    assert.ok(words.startsWith(`Slice 13 of 30, slices (13 of 30): ${label === 'normal' ? 'Normal' : 'Haemorrhage'}`), words);
    assert.ok(words.endsWith(`${Math.round(probability * 100)} %`), words);
    await strip.focus();
    for (const [key, expected] of [['ArrowRight', 14], ['ArrowDown', 13], ['PageUp', 23], ['PageUp', 30], ['PageDown', 20], ['Home', 1], ['ArrowLeft', 1], ['End', 30]]) {
      await page.keyboard.press(key);
      assert.equal((await value())[0], String(expected), key);
    }
    // What has just come into sight is skipped until the browser paints it.
    const selected = page.locator('[role="option"][aria-selected="true"]');
    await painted(visitor);
    assert.match(await selected.innerText(), /\(30 of 30\)/);

    // Bars stand at their probability, and the threshold among them.
    const drawn = await strip.evaluate((element) => {
      const d = [...element.querySelectorAll('path')].map((path) => path.getAttribute('d')).join('');
      const tops = [...d.matchAll(/M([\d.]+) 100V([\d.]+)/g)].map(([, x, y]) => [Math.floor(Number(x)), Number(y)]);
      return { tops: Object.fromEntries(tops), threshold: Number(element.querySelector('line').getAttribute('y1')) };
    });
    assert.equal(Object.keys(drawn.tops).length, 30);
    const results = await visitor.allResults();
    for (const [i, result] of results.entries()) {
      assert.ok(Math.abs(drawn.tops[i] - (100 - 100 * Math.sqrt(result.probability))) < 0.1);
      if (result.label === 'haemorrhage') assert.ok(drawn.tops[i] <= drawn.threshold);
    }
  });

  /** What was saved: its name, its bytes, and its pixels as the browser decodes them. */
  async function saved(where, act) {
    const [download] = await Promise.all([where.waitForEvent('download'), act()]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
    const chunks = [];
    for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) chunks.push(bytes.toString('latin1', at + 4, at + 8));
    const { width, height, data } = await where.evaluate(async (base64) => {
      const binary = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([binary]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      let binaryData = '';
      for (let at = 0; at < data.length; at += 32768) binaryData += String.fromCharCode(...data.subarray(at, at + 32768));
      return { width: bitmap.width, height: bitmap.height, data: btoa(binaryData) };
    }, bytes.toString('base64'));
    const pixels = Buffer.from(data, 'base64');
    const at = (x, y) => [...pixels.subarray(4 * (Math.floor(y) * width + Math.floor(x))).subarray(0, 3)];
    return { name: download.suggestedFilename(), chunks, width, height, at, pixels };
  }

  test('saves what it shows as a picture that names no file unless that is ticked', async () => {
    await look(ct([head(SIDE, 40)], 'Doe^Jane'));
    const screen = page.getByTestId('screen');
    await screen.press('2');
    await answered(visitor, 'measure', 1);
    await screen.press('x');
    await screen.press('o');
    const plain = await saved(page, () => page.getByRole('button', { name: 'Save the picture (S)' }).click());
    assert.equal(plain.name, 'haemolens.png');
    assert.ok(plain.chunks.every((chunk) => !/tEXt|iTXt|zTXt|eXIf/.test(chunk)), String(plain.chunks));
    assert.equal(plain.width, 1024);
    const scale = 1024 / SIDE;
    const point = ({ x, y }) => plain.at(x * scale, y * scale)[0];
    assertNear([point(MIDDLE), point(OPPOSITE), point(BLEEDING)], [34, 68, 34].map((hu) => inWindow(hu, 75, 215)), 4);
    const line = ({ pixels, width, height }) => pixels.subarray(4 * width * (height - 44));
    const letters = line(plain).filter((value, i) => i % 4 === 0 && value > 128).length;
    assert.ok(letters > 500, 'a line says what it is');

    const save = () => saved(page, () => screen.press('s'));
    assert.ok(line(await save()).equals(line(plain)));
    await page.getByTestId('name-toggle').check();
    const named = await save();
    assert.equal(named.name, 'Doe-Jane.png');
    assert.ok(!line(named).equals(line(plain)), 'the name is in the line');

    // With the map there is more orange and blue, and a legend.
    await screen.press('m');
    await page.getByTestId('map-facts').waitFor();
    const mapped = await save();
    assert.equal(mapped.height, plain.height + 62);
    const coloured = ({ pixels }, from, to) => {
      let count = 0;
      for (let i = 4 * from; i < 4 * to; i += 4) count += Math.abs(pixels[i] - pixels[i + 2]) > 24;
      return count;
    };
    assert.equal(coloured(plain, 0, plain.width * plain.height), 0);
    assert.ok(coloured(mapped, 0, 1024 * 1024) > 50_000);
    assert.ok(coloured(mapped, 1024 * 1024, 1024 * (1024 + 62)) > 1000);
    // Only what is seen is saved.
    for (let i = 0; i < 5; i++) await screen.press('+');
    const part = await save();
    assert.ok(part.width === 1024 || part.height === 1024 + 62 + 44);
    assert.notDeepEqual(part.at(512, 300), mapped.at(512, 300));
    assert.deepEqual(visitor.complaints, []);
    assert.equal(await page.locator('[data-part="stopped"]').textContent(), '0');
  });

  test('saves pictures from the single file on the disk as well', async () => {
    const alone = await Visitor.open(browser, pathToFileURL(join(DIST, 'haemolens.html')).href);
    await alone.clickSample('subdural');
    await alone.settled(1);
    await painted(alone);
    const picture = await saved(alone.page, () => alone.page.getByTestId('screen').press('s'));
    assert.equal(picture.name, 'haemolens.png');
    assert.ok(picture.at(512, 512)[0] > 40);
    assert.deepEqual(alone.complaints, []);
    await alone.close();
  });
});
