import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Batch } from '../../www/page/batch.js';
import { ClassifierStopped, NamedError } from '../../www/page/named-error.js';
import { resultsTable } from '../../www/page/results-table.js';
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
    width: 1,
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

test('as many files are examined at once as the examiner can take', async () => {
  const told = listener();
  let now = 0;
  const counts = [];
  const examines = {
    width: 3,
    answering: async () => {},
    examine: async () => {
      counts.push(++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return { classification: {}, thumbnail: {}, slice: { grey: { length: 1 } } };
    },
  };
  const batch = new Batch(examines, told);
  batch.add(['a', 'b'].map((name) => file(name, 1)));
  batch.add(['c', 'd', 'e', 'f', 'g'].map((name) => file(name, 1)));
  await told.idle;
  assert.equal(counts.length, 7);
  assert.equal(Math.max(...counts), 3);
  const begun = told.order.filter((step) => step.endsWith('running')).map((step) => step[0]);
  assert.equal(begun.join(''), 'abcdefg');
  assert.ok(batch.entries.every(({ state }) => state === 'done'));
});

test('a file over which the classifier stopped is tried once more', async () => {
  const told = listener();
  const examines = examiner(1);
  const stops = { once: 1, always: 2 };
  const { examine } = examines;
  examines.examine = async (bytes) => {
    const answer = await examine(bytes);
    const name = ['once', 'always', 'never'][bytes.length];
    if (stops[name]-- > 0) throw new ClassifierStopped();
    return answer;
  };
  const batch = new Batch(examines, told);
  batch.add([file('once', 0), file('always', 1), file('never', 2)]);
  await told.idle;
  assert.deepEqual(examines.asked, [0, 0, 1, 1, 2]);
  const states = batch.entries.map(({ state, error }) => [state, error?.name]);
  assert.deepEqual(states, [['done', undefined], ['failed', 'Internal'], ['done', undefined]]);
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

/** An examiner whose model can be changed; its answers are numbered, and bad files fail. */
function namedExaminer() {
  let count = 0;
  const examines = {
    width: 1,
    model: { name: 'first', version: '1' },
    answering: async () => {},
    examine: async (bytes) => {
      if (bytes.length === 0) throw new NamedError('EmptyInput', 'Nothing there.');
      const classification = { model: examines.model, margin: ++count };
      return { classification, thumbnail: {}, slice: { grey: { length: 1 } } };
    },
  };
  return examines;
}

const answers = ({ classification, earlier }) => [
  ...earlier.map(({ model, margin }) => `${model.name} ${margin}`),
  classification && `now ${classification.model.name} ${classification.margin}`,
];

test('slices examined again keep the latest answer of each other model', async () => {
  const examines = namedExaminer();
  const told = listener();
  const batch = new Batch(examines, told);
  batch.add([file('a', 1), file('b', 0)]);
  await told.idle;
  for (const name of ['second', 'first', 'first']) {
    examines.model = { name, version: '1' };
    const idle = new Promise((resolve) => (told.progressed = (done, total) => done === total && resolve()));
    batch.again(batch.entries.slice());
    await idle;
  }
  const [a, b] = batch.entries;
  assert.deepEqual(answers(a), ['second 2', 'now first 4']);
  assert.equal(b.state, 'failed');
  assert.deepEqual(told.order.filter((step) => step.startsWith('b')), ['b running', 'b failed']);
});

test('a slice whose file is gone keeps what was said of it, and fails', async () => {
  const examines = namedExaminer();
  const told = listener();
  const batch = new Batch(examines, told);
  batch.add([file('a', 1)]);
  await told.idle;
  examines.examine = async () => {
    throw new NamedError('CorruptImage', 'Gone.');
  };
  const idle = new Promise((resolve) => (told.progressed = (done, total) => done === total && resolve()));
  batch.again(batch.entries.slice());
  await idle;
  const [entry] = batch.entries;
  assert.deepEqual([entry.state, entry.error.name, ...answers(entry)], ['failed', 'CorruptImage', 'first 1', undefined]);
  assert.match(resultsTable(batch.entries), /first 1,\r\na,,,,,,,,,CorruptImage\r\n$/);
});

test('stop leaves slices that were to be examined again with their answer', async () => {
  const examines = namedExaminer();
  const told = listener();
  const batch = new Batch(examines, told);
  batch.add([file('a', 1), file('b', 1), file('c', 1)]);
  await told.idle;
  examines.model = { name: 'second', version: '1' };
  const idle = new Promise((resolve) => (told.progressed = (done, total) => done === total && resolve()));
  batch.again(batch.entries.slice());
  batch.add([file('d', 1)]);
  batch.stop();
  await idle;
  assert.deepEqual(
    batch.entries.map((entry) => [entry.name, entry.state, ...answers(entry)]),
    [
      ['a', 'done', 'now first 1'],
      ['b', 'done', 'now first 2'],
      ['c', 'done', 'now first 3'],
    ],
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
