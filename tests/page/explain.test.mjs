import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { smallModel, smallModelWithPlaces } from './drawn-models.mjs';
import { REPOSITORY, bytes, serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

describe('explanations from the module', () => {
  let site, browser, page;
  const special = { '/bare.html': bytes('<!doctype html><title>bare</title>', 'text/html') };

  before(async () => {
    site = await serveSite(special);
    browser = await launchBrowser();
    ({ page } = await Visitor.open(browser, `${site.url}bare.html`));
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** What a model, or the embedded one, says of a phantom, with its answer when it is only asked for that. */
  function explain(model) {
    return page.evaluate(async (address) => {
      const { default: init, Classifier, OpenFile, phantom } = await import('/haemolens.js');
      await init();
      const file = address && new Uint8Array(await (await fetch(address)).arrayBuffer());
      const classifier = file ? Classifier.fromModel(file) : new Classifier();
      const image = new OpenFile(phantom('intraparenchymal'));
      const explanation = classifier.explain(image);
      const kind = explanation.contributions.constructor.name;
      const contributions = [...explanation.contributions];
      let fault;
      try {
        classifier.explain(image, 1);
      } catch (error) {
        fault = error.name;
      }
      const examination = classifier.examine(image);
      return { ...explanation, contributions, kind, fault, examination };
    }, model);
  }

  function assertSums({ contributions, constant, rounding, margin }) {
    const sum = contributions.reduce((all, one) => all + one, 0);
    const scale = contributions.reduce((all, one) => all + Math.abs(one), Math.abs(constant));
    assert.ok(Math.abs(sum + constant + rounding - margin) < 1e-5 * scale);
    assert.ok(scale > 0);
  }

  test('sum to the margin of the answer, and say where in the slice they are', async () => {
    const found = await explain();
    assert.equal(found.kind, 'Float32Array');
    const { columns, rows } = found;
    assert.ok([6, 13].includes(columns));
    assert.deepEqual([rows, found.contributions.length], [columns, columns * columns]);
    assertSums(found);
    assert.equal(found.rounding, 0);
    const { classification, slice } = found.examination;
    assert.equal(found.margin, classification.margin);
    const untimed = (answer) => ({ ...answer, elapsedMs: null });
    assert.deepEqual(untimed(found.classification), untimed(classification));
    assert.deepEqual(found.crop, slice.crop);
    // Six places, 32 of 227 pixels apart, the first one 31.5 from the edge; or, where the last map is not
    // pooled, thirteen that are 16 apart, the first one 15.5 from the edge.
    const { x, y, stride, size } = found.field;
    const pixel = found.crop.side / 227;
    const [first, apart, seen] = columns === 6 ? [31.5, 32, 195] : [15.5, 16, 163];
    assert.ok(Math.abs(stride - apart * pixel) < 1e-9 && Math.abs(size - seen * pixel) < 1e-9);
    assert.ok(Math.abs(x - found.crop.x - first * pixel) < 1e-9);
    assert.ok(Math.abs(y - found.crop.y - first * pixel) < 1e-9);
    assert.equal(found.fault, 'Internal');
  });

  test('come from any model, with what rounding adds between two hidden layers', async () => {
    special['/small'] = bytes(smallModel('small', '1.0.0'), 'application/octet-stream');
    const cnn = readFileSync(join(REPOSITORY, 'models', 'cnn.safetensors'));
    special['/cnn'] = bytes(cnn, 'application/octet-stream');
    for (const model of ['/small', '/cnn']) {
      const found = await explain(model);
      assert.deepEqual([found.columns, found.rows], [8, 8]);
      assertSums(found);
      assert.notEqual(found.rounding, 0);
    }
  });

  test('belong to places, but for the offset, where the hidden layer is applied at every place', async () => {
    special['/places'] = bytes(smallModelWithPlaces('places', '1.0.0'), 'application/octet-stream');
    const found = await explain('/places');
    assert.deepEqual([found.columns, found.rows], [16, 16]);
    assertSums(found);
    assert.deepEqual([found.constant, found.rounding], [0, 0]);
  });
});
