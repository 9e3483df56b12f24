import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { classify, scratchFolder, study } from '../page/command-line.mjs';
import { ctFile, head } from '../page/dicom-files.mjs';
import { shiftedModel } from '../page/drawn-models.mjs';
import { PACKED, comparable } from './projects.mjs';
import { drawSlices } from './slices.mjs';

const scratch = scratchFolder(after);

/** What the package exports in Node, and the slices with the command line's answers. */
let haemolens, slices;
before(async () => {
  haemolens = await import(pathToFileURL(join(PACKED, 'package/node.js')).href);
  slices = await drawSlices(scratch);
});

const rejection = (promise) => promise.then(() => undefined, ({ name, message }) => ({ name, message }));

test('a start that fails says why, and the next one is another try', async () => {
  const failed = await rejection(haemolens.init(new Uint8Array([1, 2, 3])));
  assert.equal(failed.name, 'ModuleNotLoaded');
  assert.match(failed.message, /haemolens_bg\.wasm/);
  await Promise.all([haemolens.init(), haemolens.init()]);
});

test('every way of holding a file gives the same answer', async () => {
  const { path, expected } = slices.at(-1);
  const bytes = readFileSync(path);
  const exact = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const within = new Uint8Array([0, ...bytes, 0]).subarray(1, -1);
  const views = [new DataView(exact), within];
  for (const content of [bytes, exact, shared, ...views, new Blob([bytes]), new File([bytes], 'slice')]) {
    assert.deepEqual(comparable(await haemolens.classify(content)), expected);
  }
});

test('what is no file is refused by the type of its error, what is no slice by its name', async () => {
  for (const wrong of ['slice.png', new URL('https://example.org/slice.png'), undefined, null, 7, [1, 2], {}]) {
    assert.equal((await rejection(haemolens.classify(wrong))).name, 'TypeError');
  }
  assert.equal((await rejection(haemolens.classify(new Blob([])))).name, 'EmptyInput');
  assert.equal((await rejection(haemolens.classify(new Uint8Array(99)))).name, 'UnsupportedFormat');
  const frames = ctFile(64, [head(64), head(64)]);
  assert.equal((await rejection(haemolens.classify(frames))).name, 'SeveralSlices');
  assert.equal((await rejection(haemolens.Classifier.load(new Uint8Array(99)))).name, 'CorruptModel');
  assert.throws(() => new haemolens.Classifier(), { name: 'TypeError', message: /Classifier\.load/ });
});

test('a classifier answers for slices, frames and examinations as the command line does', async () => {
  const classifier = await haemolens.Classifier.load();
  for (const { path, expected } of slices) {
    const content = readFileSync(path);
    assert.deepEqual(comparable(await classifier.classify(content)), expected);
    const [only] = await classifier.classifyAll(content);
    assert.deepEqual(comparable(only), expected);
    const { classification, slice } = await classifier.examine(content);
    assert.deepEqual(comparable(classification), expected);
    assert.equal(slice.grey.length, slice.width * slice.height);
  }

  const frames = ctFile(128, [head(128), head(128, 30)]);
  assert.equal((await classifier.classifyAll(frames)).length, 2);
  const { contributions, constant, rounding, margin } = await classifier.explain(frames, 1);
  const sum = contributions.reduce((total, share) => total + share, constant + rounding);
  assert.ok(Math.abs(sum - margin) < 1e-5);
  const subdural = await classifier.explain(frames, 1, 'SDH');
  const { margin: ofKind } = subdural.classification.kinds.find(({ kind }) => kind === 'SDH');
  assert.deepEqual([subdural.kind, subdural.margin], ['SDH', ofKind]);
  await assert.rejects(classifier.explain(frames, 1, 'ICH'), { name: 'UnknownKind' });

  const files = slices.slice(0, 3).map(({ path }) => path);
  const named = files.map((path) => ({ name: path, content: readFileSync(path) }));
  const [answer] = await classifier.classifyStudy([...named, new File(['no picture'], `${scratch}/other`)]);
  assert.deepEqual(answer.failed.map(({ file }) => basename(file)), ['other']);
  const [expected] = await study(files);
  assert.deepEqual({ ...answer, failed: [] }, expected);
  classifier.free();
});

test('an operating point and a prevalence hold from then on', async () => {
  const classifier = await haemolens.Classifier.load();
  const content = await haemolens.phantom('subdural');
  const usual = await classifier.classify(content);
  assert.deepEqual([usual.operatingPoint, usual.prevalence], ['balanced', classifier.modelCard.prevalence]);
  classifier.setOperatingPoint('confirming');
  classifier.setPrevalence(0.01);
  const rare = await classifier.classify(content);
  assert.equal(rare.operatingPoint, 'confirming');
  assert.equal(rare.threshold, classifier.modelCard.thresholds.confirming);
  assert.ok(rare.probability < usual.probability && rare.margin === usual.margin);
  assert.throws(() => classifier.setOperatingPoint('keen'), { name: 'InvalidSetting' });
  assert.throws(() => classifier.setPrevalence(7), { name: 'InvalidSetting' });
  assert.equal((await classifier.classify(content)).probability, rare.probability);
  classifier.setPrevalence();
  assert.equal((await classifier.classify(content)).probability, usual.probability);
  classifier.free();
});

test('another model answers by its own weights', async () => {
  const classifier = await haemolens.Classifier.load(new Blob([shiftedModel('other', '1.2.3', 0.5)]));
  assert.equal(classifier.modelCard.name, 'other');
  const content = await haemolens.phantom('normal');
  const [{ margin }] = await classify([slices[0].path]);
  assert.ok(Math.abs((await classifier.classify(content)).margin - margin - 0.5) < 1e-6);
});

test('a plane is learned from labelled slices and answers from then on, as models.md has it', async () => {
  await haemolens.init();
  const { Classifier, Examples, OpenFile } = await import(pathToFileURL(join(PACKED, 'package/haemolens.js')).href);
  const labelled = ['normal', 'intraparenchymal', 'subdural'].map((kind, patient) => {
    const { path } = slices.find((slice) => basename(slice.path).startsWith(kind));
    return { bytes: readFileSync(path), haemorrhage: kind !== 'normal', patient };
  });
  const classifier = new Classifier();
  const examples = new Examples();
  for (const { bytes, haemorrhage, patient } of labelled) {
    const file = new OpenFile(bytes);
    examples.add(classifier.describe(file).units, haemorrhage, patient);
    file.free();
  }
  // Without its only normal slice there is no plane.
  assert.deepEqual([...examples.heldOut(5)].map(Number.isNaN), [true, false, false]);
  const file = classifier.learnPlane(examples, 5);
  classifier.usePlane(file);
  const margins = labelled.map(({ bytes }) => classifier.classify(bytes).margin);
  for (const [i, margin] of examples.fitted().entries()) assert.ok(Math.abs(margin - margins[i]) < 1e-6);
  const saved = join(scratch, 'plane.json');
  writeFileSync(saved, file);
  const expected = await classify([slices.find(({ path }) => basename(path).startsWith('subdural')).path], undefined, saved);
  assert.equal(margins[2], expected[0].margin);
  assert.throws(() => classifier.usePlane(new Uint8Array(9)), { name: 'CorruptModel' });
});
