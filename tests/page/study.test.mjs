import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { scratchFolder, study } from './command-line.mjs';
import { ctFile, head } from './dicom-files.mjs';
import { bytes, serveSite } from './site.mjs';
import { PATIENCE_MS, launchBrowser } from './visitor.mjs';

const SIDE = 256;

describe('a study in the module', () => {
  let site, browser, page;
  const folder = scratchFolder(after);
  const file = ctFile(SIDE, [head(SIDE), head(SIDE, 60), head(SIDE, 20)]);
  const special = {
    '/bare.html': bytes('<!doctype html><title>bare</title>', 'text/html'),
    '/frames': bytes(file, 'application/octet-stream'),
  };

  before(async () => {
    site = await serveSite(special);
    browser = await launchBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${site.url}bare.html`);
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  test('has the command line’s answer, whole or from slices in any order', async () => {
    const path = join(folder, 'frames');
    writeFileSync(path, file);
    const [expected] = await study(path);
    const { whole, gathered, broken } = await page.evaluate(async (name) => {
      const { default: init, Classifier, OpenFile } = await import('/haemolens.js');
      await init();
      const classifier = new Classifier();
      const content = new Uint8Array(await (await fetch('/frames')).arrayBuffer());
      const none = { name: `${name}-not`, bytes: new TextEncoder().encode('no picture, this') };
      const open = new OpenFile(content);
      const members = [2, 0, 1].map((slice) => {
        const { classification, place } = classifier.examine(open, slice);
        return { file: name, frame: slice, classification, place };
      });
      const fault = { file: none.name, error: { name: 'UnsupportedFormat', message: 'No picture.' } };
      return {
        whole: classifier.classifyStudy([{ name, bytes: content }, none]),
        gathered: classifier.summariseStudy([fault, ...members]),
        broken: [[{ name }], [{ file: name }], null].map((wrong, i) => {
          try {
            return i === 1 ? classifier.summariseStudy(wrong) : classifier.classifyStudy(wrong);
          } catch (error) {
            return error.name;
          }
        }),
      };
    }, path);
    assert.equal(whole.length, 1);
    assert.deepEqual({ ...whole[0], failed: [] }, expected);
    assert.deepEqual({ ...gathered[0], failed: [] }, expected);
    const [{ slices }] = expected.series;
    assert.equal(slices.length, 3);
    const strongest = slices.toSorted((a, b) => b.margin - a.margin)[0];
    assert.equal(expected.leading[0].frame, strongest.frame);
    for (const answers of [whole, gathered]) {
      assert.equal(answers[0].failed[0].error.name, 'UnsupportedFormat');
    }
    assert.deepEqual(broken, ['TypeError', 'TypeError', 'TypeError']);
  });
});
