/**
 * A worker: a thread on which files are read and the model runs, so that the page never waits for
 * either. It carries out its orders one after another; the first one brings the module's code.
 */
import './locked-worker.js';
import init, { Classifier, phantom } from '../haemolens.js';
import { statedProblem } from './named-error.js';
import { OpenFiles } from './open-files.js';
import { shrinkMeasured, shrinkSlice } from './slice-pixels.js';

/**
 * @typedef {import('../haemolens.js').Classification} Classification
 * @typedef {import('../haemolens.js').Explanation} Explanation
 * @typedef {import('../haemolens.js').Member} Member
 * @typedef {import('../haemolens.js').ModelCard} ModelCard
 * @typedef {import('../haemolens.js').PhantomKind} PhantomKind
 * @typedef {import('../haemolens.js').Place} Place
 * @typedef {import('../haemolens.js').StudyAnswer} StudyAnswer
 * @typedef {import('../haemolens.js').StudyMember} StudyMember
 * @typedef {import('./named-error.js').Problem} Problem
 * @typedef {import('./open-files.js').Address} Address
 * @typedef {import('./slice-pixels.js').Measured} Measured
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 * @typedef {import('./answer-terms.js').Terms} Terms
 */

/**
 * What the page asks for. `start` and `use` bring the file of a model, or else the module's own model
 * is used, and are answered with its card. `rehearse` runs the model on a phantom: a browser makes code
 * faster once it has run. `explain` says where in a slice its margin comes from, in pixels of the file;
 * `measure` gives its Hounsfield units, or nothing where it has none.
 *
 * @typedef {{ order: 'start', code: WebAssembly.Module, model?: Uint8Array }
 *   | { order: 'use', model?: Uint8Array }
 *   | { order: 'rehearse' }
 *   | { order: 'examine', address: Address, frame: number }
 *   | { order: 'explain', address: Address, frame: number, kind: Explanation['kind'] }
 *   | { order: 'measure', address: Address, frame: number }
 *   | { order: 'phantom', kind: PhantomKind }
 *   | { order: 'summarise', members: StudyMember[], terms: Terms }} Order
 */

/**
 * What a classified slice looks like to the page, where it belongs, and how many slices its file holds.
 *
 * @typedef {{ classification: Classification, place: Place, slice: ShownSlice, thumbnail: ShownSlice,
 *   slices: number }} Examined
 */

/**
 * What is found instead of a slice where the file is an archive: its images, at least one.
 *
 * @typedef {{ members: Member[] }} Unpacked
 */

/** @typedef {Examined | Unpacked | Explanation | Measured | Uint8Array | ModelCard | StudyAnswer[] | undefined} Value */

/**
 * What the worker says, with the bytes of its module's memory. After `broken` it must not be used
 * again: its module has trapped, and the state of its memory is unknown.
 *
 * @typedef {{ reply: 'done', value: Value, memory: number }
 *   | { reply: 'failed', problem: Problem, memory: number }
 *   | { reply: 'broken', reason: string }} Reply
 */

/** Longest side, in pixels, of the picture kept for the viewer and of the one in the list. */
const VIEW_SIDE = 1024;
const THUMBNAIL_SIDE = 96;

/** @type {Classifier} */
let classifier;

/** @type {WebAssembly.Memory} */
let memory;

const files = new OpenFiles();

/**
 * @param {Value} value
 * @param {Transferable[]} [transfer]
 */
function answer(value, transfer = []) {
  say({ reply: 'done', value, memory: memory.buffer.byteLength }, transfer);
}

/**
 * @param {Reply} message
 * @param {Transferable[]} [transfer]
 */
function say(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * Changes to another model, and gives its card; the one in use stays if the other is unusable.
 *
 * @param {Uint8Array} [model]
 * @returns {ModelCard}
 */
function use(model) {
  const next = model ? Classifier.fromModel(model) : new Classifier();
  classifier?.free();
  classifier = next;
  return next.modelCard();
}

/**
 * @param {Address} address
 * @param {number} frame
 */
function examine(address, frame) {
  const file = files.open(address);
  if (file.isArchive) return answer({ members: file.members() });
  const { slice: whole, ...found } = classifier.examine(file, frame);
  const thumbnail = shrinkSlice(whole, THUMBNAIL_SIDE);
  const slice = shrinkSlice(whole, VIEW_SIDE);
  // A tiny slice is its own thumbnail: a buffer can be handed over only once.
  const buffers = new Set([slice.grey.buffer, thumbnail.grey.buffer]);
  answer({ ...found, slice, thumbnail }, [...buffers]);
}

/**
 * @param {Address} address
 * @param {number} frame
 * @param {Explanation['kind']} kind
 */
function explain(address, frame, kind) {
  const explanation = classifier.explain(files.open(address), frame, kind);
  answer(explanation, [explanation.contributions.buffer]);
}

/**
 * @param {Address} address
 * @param {number} frame
 */
function measure(address, frame) {
  const whole = files.open(address).hounsfield(frame);
  const measured = whole && shrinkMeasured(whole, VIEW_SIDE);
  answer(measured, measured ? [measured.values.buffer] : []);
}

/**
 * Answers for examinations on the visitor's terms; slices are always answered on the usual ones, and
 * stated anew by the page.
 *
 * @param {StudyMember[]} members
 * @param {Terms} terms
 * @returns {StudyAnswer[]}
 */
function summarise(members, { operatingPoint, prevalence }) {
  try {
    classifier.setOperatingPoint(operatingPoint);
    classifier.setPrevalence(prevalence);
    return classifier.summariseStudy(members);
  } finally {
    classifier.setOperatingPoint('balanced');
    classifier.setPrevalence();
  }
}

/** @param {Order} order */
async function carryOut(order) {
  switch (order.order) {
    case 'start':
      ({ memory } = await init({ module_or_path: order.code }));
      return answer(use(order.model));
    case 'use':
      return answer(use(order.model));
    case 'rehearse':
      classifier.classify(phantom('normal'));
      return answer(undefined);
    case 'examine':
      return examine(order.address, order.frame);
    case 'explain':
      return explain(order.address, order.frame, order.kind);
    case 'measure':
      return measure(order.address, order.frame);
    case 'phantom':
      return answer(phantom(order.kind));
    case 'summarise':
      return answer(summarise(order.members, order.terms));
  }
}

self.addEventListener('message', async (/** @type {MessageEvent<Order>} */ { data }) => {
  try {
    await carryOut(data);
  } catch (error) {
    const problem = statedProblem(error);
    if (problem) {
      say({ reply: 'failed', problem, memory: memory?.buffer.byteLength ?? 0 });
      return;
    }
    say({ reply: 'broken', reason: String(error) });
    // Orders may have come already that it must not carry out.
    self.close();
  }
});
