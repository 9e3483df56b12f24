/**
 * A worker: a thread on which the model runs, so that the page never waits for it. It answers one
 * order at a time; the first one brings the module's code.
 */
import './locked-worker.js';
import init, { Classifier, phantom } from '../haemolens.js';
import { statedProblem } from './named-error.js';
import { shrinkSlice } from './slice-pixels.js';

/**
 * @typedef {import('../haemolens.js').Classification} Classification
 * @typedef {import('../haemolens.js').ModelCard} ModelCard
 * @typedef {import('../haemolens.js').PhantomKind} PhantomKind
 * @typedef {import('./named-error.js').Problem} Problem
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 */

/**
 * What the page asks for. `start` and `use` bring the file of a model, or else the module's own model
 * is used, and are answered with its card. `rehearse` runs the model on a phantom: a browser makes code
 * faster once it has run.
 *
 * @typedef {{ order: 'start', code: WebAssembly.Module, model?: Uint8Array }
 *   | { order: 'use', model?: Uint8Array }
 *   | { order: 'rehearse' }
 *   | { order: 'examine', bytes: Uint8Array, frame: number }
 *   | { order: 'phantom', kind: PhantomKind }} Order
 */

/**
 * What a classified slice looks like to the page, and how many slices its file holds.
 *
 * @typedef {{ classification: Classification, slice: ShownSlice, thumbnail: ShownSlice, slices: number }}
 *   Examined
 */

/** @typedef {Examined | Uint8Array | ModelCard | undefined} Value */

/**
 * What the worker says. After `broken` it must not be used again: its module has trapped, and the
 * state of its memory is unknown.
 *
 * @typedef {{ reply: 'done', value: Value }
 *   | { reply: 'failed', problem: Problem }
 *   | { reply: 'broken', reason: string }} Reply
 */

/** Longest side, in pixels, of the picture kept for the viewer and of the one in the list. */
const VIEW_SIDE = 1024;
const THUMBNAIL_SIDE = 96;

/** @type {Classifier} */
let classifier;

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
 * @param {Uint8Array} bytes
 * @param {number} frame
 */
function examine(bytes, frame) {
  const { classification, slice: whole, slices } = classifier.examine(bytes, frame);
  const thumbnail = shrinkSlice(whole, THUMBNAIL_SIDE);
  const slice = shrinkSlice(whole, VIEW_SIDE);
  // A tiny slice is its own thumbnail: a buffer can be handed over only once.
  const buffers = new Set([slice.grey.buffer, thumbnail.grey.buffer]);
  say({ reply: 'done', value: { classification, slice, thumbnail, slices } }, [...buffers]);
}

/** @param {Order} order */
async function carryOut(order) {
  switch (order.order) {
    case 'start':
      await init({ module_or_path: order.code });
      return say({ reply: 'done', value: use(order.model) });
    case 'use':
      return say({ reply: 'done', value: use(order.model) });
    case 'rehearse':
      classifier.classify(phantom('normal'));
      return say({ reply: 'done', value: undefined });
    case 'examine':
      return examine(order.bytes, order.frame);
    case 'phantom':
      return say({ reply: 'done', value: phantom(order.kind) });
  }
}

self.addEventListener('message', async (/** @type {MessageEvent<Order>} */ { data }) => {
  try {
    await carryOut(data);
  } catch (error) {
    const problem = statedProblem(error);
    say(problem ? { reply: 'failed', problem } : { reply: 'broken', reason: String(error) });
  }
});
