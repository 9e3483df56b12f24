import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cautionsOf } from '../../www/learn/retrain/cautions.js';
import { beginningOf, groupsOf, mixedOrder } from '../../www/learn/retrain/groups.js';

const slice = (path, haemorrhage, more = {}) => ({ path, haemorrhage, shipped: { inDistribution: true }, ...more });

/** How many different groups there are, and which slices share one. */
const shared = (groups) => groups.map((group) => groups.indexOf(group));

test('the beginning of a name is what is left without its last number', () => {
  const names = ['a/049_12.jpg', 'p01-2.dcm', 'IM 0004', 'scan (3).png', '0017.png', 'brain.left.bmp', '12.5.1.dcm'];
  const beginnings = ['049', 'p01', 'IM', 'scan', '0017', 'brain.left', '12.5'];
  assert.deepEqual(names.map(beginningOf), beginnings);
});

test('slices belong together by header, folder or name, as is asked for', () => {
  const slices = [
    slice('blood/049/1.png', true),
    slice('normal/049/2.png', false),
    slice('blood/050/1.png', true),
    slice('normal/051/1.png', false),
  ];
  assert.deepEqual(shared(groupsOf(slices, 'each')), [0, 1, 2, 3]);
  assert.deepEqual(shared(groupsOf(slices, 'folder')), [0, 0, 2, 3]);
  const named = [slice('049_1.png', true), slice('049_2.png', false), slice('050_1.png', true)];
  assert.deepEqual(shared(groupsOf(named, 'name')), [0, 0, 2]);
  const studies = [slice('a.dcm', true, { together: 'x' }), slice('b.dcm', false, { together: 'x' }), slice('c.dcm', true)];
  assert.deepEqual(shared(groupsOf(studies, 'each')), [0, 0, 2]);
});

test('the folder of a whole class tells no patients apart', () => {
  const slices = ['1', '2'].flatMap((name) => [slice(`blood/${name}.png`, true), slice(`normal/${name}.png`, false)]);
  assert.deepEqual(shared(groupsOf(slices, 'folder')), [0, 1, 2, 3]);
});

test('both classes come in their shares from the beginning on', () => {
  const slices = [...'aaaa'].map(() => slice('', true)).concat([...'bbbbbbbb'].map(() => slice('', false)));
  const order = mixedOrder(slices);
  assert.deepEqual(order.toSorted((a, b) => a - b), slices.map((_, i) => i));
  for (let count = 3; count <= 12; count += 3) {
    assert.equal(order.slice(0, count).filter((place) => slices[place].haemorrhage).length, count / 3);
  }
  assert.ok(order.indexOf(0) < order.indexOf(1) && order.indexOf(4) < order.indexOf(11));
});

test('cautions count copies, neighbours, namesakes and classes that cannot be tested', () => {
  let state = 7;
  const noise = () => ((state = (Math.imul(state, 48271) >>> 0) % 2147483647) / 2147483647) * 2 - 1;
  const units = () => Float32Array.from({ length: 64 }, noise);
  const slices = Array.from({ length: 40 }, (_, i) => slice(`p${i}_1.png`, i % 2 === 0, { units: units() }));
  const none = { few: 0, single: [], twins: 0, alike: 0, namesakes: 0, unlike: 0 };
  assert.deepEqual(cautionsOf(slices, 'each'), none);

  const copied = slices.with(1, { ...slices[1], units: slices[0].units });
  assert.deepEqual(cautionsOf(copied, 'each'), { ...none, twins: 2 });
  const near = slices[0].units.map((unit) => unit + 0.1 * noise());
  assert.deepEqual(cautionsOf(slices.with(1, { ...slices[1], units: near }), 'each'), { ...none, alike: 2 });
  // Of one patient they are no leak.
  const kin = copied.with(1, { ...copied[1], path: 'p0_2.png' });
  assert.deepEqual(cautionsOf(kin, 'each'), { ...none, twins: 2, namesakes: 2 });
  assert.deepEqual(cautionsOf(kin, 'name'), none);

  const few = slices.slice(0, 5).concat(slices.slice(5).filter(({ haemorrhage }) => haemorrhage));
  assert.equal(cautionsOf(few, 'each').few, 2);
  const oneNormal = slices.filter(({ haemorrhage }) => haemorrhage).concat(slices[1]);
  assert.deepEqual(cautionsOf(oneNormal, 'each').single, ['normal']);
  const odd = slices.with(3, { ...slices[3], shipped: { inDistribution: false } });
  assert.equal(cautionsOf(odd, 'each').unlike, 1);
});
