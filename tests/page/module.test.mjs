import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { classify, drawPhantoms, preprocessHashes, scratchFolder } from './command-line.mjs';
import { shiftedModel } from './drawn-models.mjs';
import { greyPng, reencoded } from './picture-files.mjs';
import { headCtImages, twentySlices, withoutCtIch } from './real-slices.mjs';
import { bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('the module by itself', () => {
  let site, browser, page, phantoms;
  const folder = scratchFolder(after);
  const special = { '/bare.html': bytes('<!doctype html><title>bare</title>', 'text/html') };

  before(async () => {
    site = await serveSite(special);
    browser = await launchBrowser();
    phantoms = await drawPhantoms(folder);
    ({ page } = await Visitor.open(browser, `${site.url}bare.html`));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('keeps the contract: init once, then classify at once', async () => {
    const answers = await page.evaluate(async () => {
      const { default: init, Classifier, OpenFile, classify, phantom } = await import('/haemolens.js');
      await init();
      const image = phantom('subdural');
      const classifier = new Classifier();
      const answer = classify(image);
      const file = new OpenFile(image);
      const { classification, slice } = classifier.examine(file);
      const fault = (action) => {
        try {
          action();
        } catch (error) {
          return [error instanceof Error, error.name, error.message.length > 0];
        }
      };
      return {
        answer,
        method: classifier.classify(image),
        all: classifier.classifyAll(image),
        classification,
        opened: [file.isArchive, file.slices, fault(() => file.members())[1]],
        slice: [slice.width, slice.height, slice.grey.constructor.name, slice.grey.length],
        cropSide: slice.crop.side,
        card: classifier.modelCard(),
        empty: fault(() => classify(new Uint8Array(0))),
        text: fault(() => classify(new TextEncoder().encode('no picture, this'))),
      };
    });
    const { answer } = answers;
    assert.ok(answer.probability > 0 && answer.probability < 1);
    assert.equal(answer.label, answer.margin >= answer.threshold ? 'haemorrhage' : 'normal');
    assert.equal(typeof answer.inconclusive, 'boolean');
    assert.equal(answer.inDistribution, true);
    assert.equal('reason' in answer, false);
    assert.ok(answer.distance >= 0 && answer.distance <= 1);
    for (const score of [answer.scores.haemorrhage, answer.scores.normal]) assert.equal(typeof score, 'number');
    assert.equal(answer.frame, 0);
    assert.deepEqual(Object.keys(answer.model).sort(), ['name', 'version']);
    assert.deepEqual(Object.keys(answer.elapsedMs).sort(), ['decode', 'inference', 'preprocess', 'total']);
    for (const same of [answers.method, answers.classification, answers.all[0]]) {
      assert.deepEqual({ ...same, elapsedMs: null }, { ...answer, elapsedMs: null });
    }
    assert.equal(answers.all.length, 1);
    assert.deepEqual(answers.opened, [false, 1, 'Internal']);
    assert.deepEqual(answers.slice, [512, 512, 'Uint8Array', 512 * 512]);
    assert.ok(answers.cropSide > 100 && answers.cropSide <= 1024);
    assert.equal(answers.card.name, answer.model.name);
    assert.deepEqual(answers.empty, [true, 'EmptyInput', true]);
    assert.deepEqual(answers.text, [true, 'UnsupportedFormat', true]);
  });

  test('takes other models, and refuses what is none', async () => {
    special['/other'] = bytes(shiftedModel('other', '1.2.3', 0.5), 'application/octet-stream');
    const found = await page.evaluate(async () => {
      const { default: init, Classifier, classify, phantom } = await import('/haemolens.js');
      await init();
      const image = phantom('normal');
      const model = new Uint8Array(await (await fetch('/other')).arrayBuffer());
      const other = Classifier.fromModel(model);
      const { name } = other.modelCard();
      const shift = other.classify(image).margin - classify(image).margin;
      other.free();
      try {
        Classifier.fromModel(model.subarray(0, 1e6));
      } catch (error) {
        return { name, shift, fault: [error instanceof Error, error.name] };
      }
    });
    assert.equal(found.name, 'other');
    assert.ok(Math.abs(found.shift - 0.5) < 1e-6);
    assert.deepEqual(found.fault, [true, 'CorruptModel']);
  });

  test('draws the phantoms that the command line draws', async () => {
    for (const [kind, path] of Object.entries(phantoms)) {
      const drawn = await page.evaluate(async (wanted) => {
        const { default: init, phantom } = await import('/haemolens.js');
        await init();
        const digest = await crypto.subtle.digest('SHA-256', phantom(wanted));
        return [...new Uint8Array(digest)];
      }, kind);
      const expected = createHash('sha256').update(readFileSync(path)).digest();
      assert.deepEqual(Buffer.from(drawn), expected, kind);
    }
  });

  /** Expects the network's input to be the same to the bit, here and on the command line. */
  async function prepareAlike(paths) {
    for (const [i, path] of paths.entries()) {
      special[`/picture/${i}`] = bytes(readFileSync(path), 'application/octet-stream');
    }
    const inBrowser = await page.evaluate(async (count) => {
      const { default: init, preprocessHash } = await import('/haemolens.js');
      await init();
      const hashes = [];
      for (let i = 0; i < count; i++) {
        const picture = await (await fetch(`/picture/${i}`, { cache: 'no-store' })).arrayBuffer();
        hashes.push(preprocessHash(new Uint8Array(picture)));
      }
      return hashes;
    }, paths.length);
    const expected = await preprocessHashes(paths);
    assert.equal(expected.length, paths.length);
    assert.match(expected[0], /^[0-9a-f]{16}$/);
    const labelled = (hashes) => hashes.map((hash, i) => `${basename(paths[i])} ${hash}`);
    assert.deepEqual(labelled(inBrowser), labelled(expected));
    return new Set(expected).size;
  }

  test('prepares drawn slices of every format as the command line does', async () => {
    const phantom = readFileSync(phantoms.intraparenchymal);
    const variants = {
      'grey-90.jpg': { type: 'image/jpeg', quality: 0.9 },
      'grey-40.jpg': { type: 'image/jpeg', quality: 0.4 },
      'tinted-90.jpg': { type: 'image/jpeg', quality: 0.9, tint: 'rgb(255 190 120)' },
      'tinted-40.jpg': { type: 'image/jpeg', quality: 0.4, tint: 'rgb(120 255 190)' },
      'lossy.webp': { type: 'image/webp', quality: 0.8 },
      'lossless.webp': { type: 'image/webp', quality: 1 },
      'hole.webp': { type: 'image/webp', quality: 0.8, hole: true },
      'tinted.png': { type: 'image/png', tint: 'rgb(200 220 255)' },
      'hole.png': { type: 'image/png', hole: true },
    };
    const paths = Object.values(phantoms);
    for (const [name, options] of Object.entries(variants)) {
      paths.push(join(folder, name));
      writeFileSync(paths.at(-1), await reencoded(page, phantom, options));
    }
    for (const [width, height] of [
      [227, 227],
      [97, 211],
      [1031, 640],
    ]) {
      const head = (x, y) => {
        const inside = Math.hypot((x - width / 2) / width, (y - height / 2) / height) < 0.4;
        return inside ? 60 + ((x * 7 + y * 13) % 120) : 0;
      };
      paths.push(join(folder, `${width}x${height}.png`));
      writeFileSync(paths.at(-1), greyPng(width, height, head));
    }
    const different = await prepareAlike(paths);
    assert.ok(different > 8, 'the hashes tell pictures apart');
  });

  test('prepares slices of patients as the command line does', { skip: withoutCtIch }, () =>
    prepareAlike([...twentySlices(), ...headCtImages()]),
  );

  test('gives the same margin as the command line for formats that browsers write', async () => {
    const phantom = readFileSync(phantoms.subdural);
    const jpeg = join(folder, 'subdural.jpg');
    writeFileSync(jpeg, await reencoded(page, phantom, { type: 'image/jpeg', quality: 0.8 }));
    special['/subdural.jpg'] = bytes(readFileSync(jpeg), 'image/jpeg');
    const margin = await page.evaluate(async () => {
      const { default: init, classify } = await import('/haemolens.js');
      await init();
      const picture = await (await fetch('/subdural.jpg')).arrayBuffer();
      return classify(new Uint8Array(picture)).margin;
    });
    const [expected] = await classify([jpeg]);
    assert.ok(Math.abs(margin - expected.margin) <= 1e-4);
  });
});
