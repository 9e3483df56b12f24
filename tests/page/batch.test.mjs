import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Batch } from '../../www/page/batch.js';
import { shrinkSlice } from '../../www/page/slice-pixels.js';

/** A listener that resolves `idle` when everything added is over. */
function listener() {
  const told = { order: [] };
  told.idle = new Promise((resolve) => {
    told.added = () => {};
    told.removed = () => {};
    told.changed = (entry) => told.order.push(`${entry.name} ${entry.state}`);
    told.progressed = (done, total) => done === total && resolve();
  });
  return told;
}

/** An examiner whose slices pretend to have `pixels` pixels. */
function examiner(pixels) {
  const asked = [];
  return {
    asked,
    answering: async () => {},
    examine: async (bytes) => {
      asked.push(bytes.length);
      return { classification: {}, thumbnail: {}, slice: { grey: { length: pixels } } };
    },
  };
}

const file = (name, size) => new File([new Uint8Array(size)], name);

test('files are examined one after another, in the order they came', async () => {
  const told = listener();
  const batch = new Batch(examiner(1), told);
  batch.add([file('a', 1), file('b', 2)]);
  batch.add([file('c', 3)]);
  await told.idle;
  assert.deepEqual(told.order, ['a running', 'a done', 'b running', 'b done', 'c running', 'c done']);
});

test('pixels beyond the store are dropped, oldest first, and read again when asked for', async () => {
  const told = listener();
  const asks = examiner(100 * 2 ** 20);
  const batch = new Batch(asks, told);
  batch.add([file('a', 1), file('b', 2), file('c', 3)]);
  await told.idle;
  assert.deepEqual(
    batch.entries.map(({ slice }) => slice !== undefined),
    [false, true, true],
  );
  await batch.pixels(batch.entries[2]);
  assert.deepEqual(asks.asked, [1, 2, 3], 'what is kept is not read again');
  await batch.pixels(batch.entries[0]);
  assert.deepEqual(asks.asked, [1, 2, 3, 1]);
  assert.deepEqual(
    batch.entries.map(({ slice }) => slice !== undefined),
    [true, false, true],
  );
});

test('a slice is shrunk by averaging blocks, and its crop with it', () => {
  const grey = Uint8Array.from([10, 20, 0, 0, 30, 40, 0, 200]);
  const shrunk = shrinkSlice({ width: 4, height: 2, grey, crop: { x: -2, y: 0, side: 6 } }, 2);
  assert.deepEqual(shrunk, {
    width: 2,
    height: 1,
    grey: Uint8Array.from([25, 50]),
    crop: { x: -1, y: 0, side: 3 },
    original: { width: 4, height: 2 },
  });
});

test('a slice thinner than a block keeps a row', () => {
  const grey = new Uint8Array(4000).fill(7);
  const shrunk = shrinkSlice({ width: 4000, height: 1, grey, crop: { x: 0, y: 0, side: 1 } }, 1024);
  assert.deepEqual([shrunk.width, shrunk.height], [1000, 1]);
  assert.ok(shrunk.grey.every((level) => level === 7));
});
