import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Batch, comesBefore } from '../../www/page/batch.js';
import { ClassifierStopped, NamedError } from '../../www/page/named-error.js';
import { resultsTable } from '../../www/page/results-table.js';
import { shrinkSlice } from '../../www/page/slice-pixels.js';
import { WaitingLine } from '../../www/page/waiting-line.js';

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

/** What an examiner finds: one slice of so many pixels, unless there are more. */
const found = (pixels, slices = 1) => ({
  classification: { model: {} },
  thumbnail: {},
  slice: { grey: { length: pixels } },
  slices,
});

/** An examiner whose slices pretend to have `pixels` pixels. */
function examiner(pixels) {
  const asked = [];
  return {
    asked,
    width: 1,
    answering: async () => {},
    examine: async ({ file }) => {
      asked.push(file.size);
      return found(pixels);
    },
  };
}

/** An examiner of archives and of files of several slices, by what their names begin with. */
function unpacker() {
  const asked = [];
  return {
    asked,
    width: 1,
    answering: async () => {},
    examine: async ({ file, member }, frame) => {
      asked.push([file.name, member, frame].filter((part) => part !== undefined).join(' '));
      if (file.name.startsWith('zip') && member === undefined) {
        return { members: ['one', 'two', 'three'].map((name, i) => ({ name: `in/${name}`, index: 5 - i })) };
      }
      if (member === 4) throw new NamedError('CorruptImage', 'Damaged.');
      return found(1, file.name === 'many' || member === 3 ? 3 : 1);
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
      return found(1);
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
  examines.examine = async (address) => {
    const answer = await examine(address);
    if (stops[address.file.name]-- > 0) throw new ClassifierStopped();
    return answer;
  };
  const batch = new Batch(examines, told);
  batch.add([file('once', 0), file('always', 1), file('never', 2)]);
  await told.idle;
  assert.deepEqual(examines.asked, [0, 0, 1, 1, 2]);
  const states = batch.entries.map(({ state, error }) => [state, error?.name]);
  assert.deepEqual(states, [['done', undefined], ['failed', 'Internal'], ['done', undefined]]);
});

test('an archive becomes a row for each of its files, and so does a file of several slices', async () => {
  const told = listener();
  const examines = unpacker();
  const batch = new Batch(examines, told);
  let rows = [];
  told.added = (entries, after) => rows.splice(after ? rows.indexOf(after) + 1 : rows.length, 0, ...entries);
  batch.add([file('first', 1), file('zip', 1), file('many', 1)]);
  await told.idle;
  assert.deepEqual(
    rows.map(({ name, state }) => `${name}: ${state}`),
    [
      'first: done',
      'zip/in/one: done',
      'zip/in/two: failed',
      'zip/in/three (1 of 3): done',
      'zip/in/three (2 of 3): done',
      'zip/in/three (3 of 3): done',
      'many (1 of 3): done',
      'many (2 of 3): done',
      'many (3 of 3): done',
    ],
  );
  assert.deepEqual(batch.entries, rows);
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  assert.deepEqual(examines.asked, [
    'first 0', 'zip 0', 'zip 5 0', 'zip 4 0', 'zip 3 0', 'zip 3 1', 'zip 3 2', 'many 0', 'many 1', 'many 2',
  ]);
  assert.ok(rows.every((row, i) => i === 0 || comesBefore(rows[i - 1].rank, row.rank)));
});

test('a file of too many slices is refused, and counted as one', async () => {
  const told = listener();
  const examines = examiner(1);
  examines.examine = async ({ member }) => {
    if (member !== undefined) return found(1, 4000);
    return { members: [0, 1, 2].map((index) => ({ name: `series-${index}`, index })) };
  };
  const batch = new Batch(examines, told);
  batch.add([file('archive.zip', 1)]);
  await told.idle;
  assert.equal(batch.entries.length, 8001);
  const failed = batch.entries.filter(({ state }) => state === 'failed');
  assert.deepEqual(failed.map(({ name, error }) => [name, error.name]), [['archive.zip/series-2', 'TooLarge']]);
});

test('stop takes off what has no answer, at once, and gives up what is being examined', async () => {
  const told = listener();
  const signals = [];
  const examines = {
    width: 2,
    answering: async () => {},
    examine: (address, frame, signal) => {
      signals.push(signal);
      if (signals.length === 1) return Promise.resolve(found(1));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  const batch = new Batch(examines, told);
  const counts = [];
  told.progressed = (done, total) => counts.push([done, total]);
  batch.add(['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 1)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(signals.length, 3);
  batch.stop();
  assert.deepEqual(batch.entries.map(({ name, state }) => [name, state]), [['a', 'done']]);
  assert.deepEqual(counts.at(-1), [0, 0]);
  assert.ok(signals[1].aborted && signals[2].aborted);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(signals.length, 3, 'nothing more was asked');
  assert.deepEqual(counts.at(-1), [0, 0]);
  // And it goes on with what comes later.
  examines.examine = async () => found(1);
  batch.add([file('f', 1)]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(batch.entries.map(({ name, state }) => [name, state]), [['a', 'done'], ['f', 'done']]);
});

test('a line serves those put first before those that came earlier', () => {
  const line = new WaitingLine();
  line.append([1, 2]);
  assert.equal(line.next(), 1);
  line.putFirst([3, 4]);
  line.append([5]);
  line.putFirst([6]);
  assert.equal(line.length, 5);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => line.next()), [6, 3, 4, 2, 5, undefined]);
  line.append([7]);
  line.clear();
  assert.deepEqual([line.length, line.next()], [0, undefined]);
});

test('pixels beyond the store are dropped, oldest first, and read again when asked for', async () => {
  const told = listener();
  const asks = examiner(6 * 2 ** 20);
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
    examine: async ({ file }) => {
      if (file.size === 0) throw new NamedError('EmptyInput', 'Nothing there.');
      return { ...found(1), classification: { model: examines.model, margin: ++count, kinds: [] } };
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
  assert.match(resultsTable(batch.entries), /first 1,,\r\na,{17}CorruptImage\r\n$/);
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
