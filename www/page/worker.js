/**
 * The worker: the only thread on which the model runs, so that the page never waits for it.
 *
 * It starts with one `start` order, reports its download, then answers one order at a time.
 */
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
 * What the page asks for. `start` may bring the code that an earlier worker compiled. `start` and
 * `use` bring the file of a model, or else the module's own model is used.
 *
 * @typedef {{ order: 'start', code?: WebAssembly.Module, model?: Uint8Array }
 *   | { order: 'use', model?: Uint8Array }
 *   | { order: 'examine', bytes: Uint8Array }
 *   | { order: 'phantom', kind: PhantomKind }} Order
 */

/**
 * What a classified slice looks like to the page.
 *
 * @typedef {{ classification: Classification, slice: ShownSlice, thumbnail: ShownSlice }} Examined
 */

/**
 * What the worker says. After `broken` it must not be used again: its module has trapped, and the
 * state of its memory is unknown.
 *
 * @typedef {{ reply: 'loading', received: number, total: number }
 *   | { reply: 'ready', code: WebAssembly.Module, card: ModelCard }
 *   | { reply: 'unreachable', reason: string }
 *   | { reply: 'unusable', problem: Problem }
 *   | { reply: 'done', value: Examined | Uint8Array | ModelCard }
 *   | { reply: 'failed', problem: Problem }
 *   | { reply: 'broken', reason: string }} Reply
 */

/** Longest side, in pixels, of the picture kept for the viewer and of the one in the list. */
const VIEW_SIDE = 1024;
const THUMBNAIL_SIDE = 96;

/** Least time between two reports of the download, in milliseconds. */
const REPORT_EVERY_MS = 80;

/** @type {Classifier | undefined} */
let classifier;

/**
 * @param {Reply} message
 * @param {Transferable[]} [transfer]
 */
function say(message, transfer = []) {
  self.postMessage(message, { transfer });
}

/**
 * Fetches and compiles the module, reporting the bytes as they come.
 *
 * @returns {Promise<WebAssembly.Module>}
 */
async function download() {
  const response = await fetch(new URL('../haemolens_bg.wasm', import.meta.url));
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  // A compressed transfer states its own length, not that of the bytes that come out of it.
  const encoded = response.headers.has('content-encoding');
  const total = encoded ? 0 : Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  let reported = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      if (performance.now() - reported > REPORT_EVERY_MS) {
        reported = performance.now();
        say({ reply: 'loading', received, total });
      }
      controller.enqueue(chunk);
    },
  });
  const headers = { 'content-type': 'application/wasm' };
  return WebAssembly.compileStreaming(new Response(response.body.pipeThrough(counter), { headers }));
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
 * @param {WebAssembly.Module} [known]
 * @param {Uint8Array} [model]
 */
async function start(known, model) {
  try {
    const code = known ?? (await download());
    await init({ module_or_path: code });
    say({ reply: 'ready', code, card: use(model) });
  } catch (error) {
    const problem = statedProblem(error);
    say(problem ? { reply: 'unusable', problem } : { reply: 'unreachable', reason: String(error) });
  }
}

/**
 * @param {Classifier} ready
 * @param {Uint8Array} bytes
 */
function examine(ready, bytes) {
  const { classification, slice: whole } = ready.examine(bytes);
  const thumbnail = shrinkSlice(whole, THUMBNAIL_SIDE);
  const slice = shrinkSlice(whole, VIEW_SIDE);
  // A tiny slice is its own thumbnail: a buffer can be handed over only once.
  const buffers = new Set([slice.grey.buffer, thumbnail.grey.buffer]);
  say({ reply: 'done', value: { classification, slice, thumbnail } }, [...buffers]);
}

/**
 * @param {Classifier} ready
 * @param {Exclude<Order, { order: 'start' }>} order
 */
function answer(ready, order) {
  try {
    if (order.order === 'examine') return examine(ready, order.bytes);
    say({ reply: 'done', value: order.order === 'use' ? use(order.model) : phantom(order.kind) });
  } catch (error) {
    const problem = statedProblem(error);
    say(problem ? { reply: 'failed', problem } : { reply: 'broken', reason: String(error) });
  }
}

self.addEventListener('message', (/** @type {MessageEvent<Order>} */ { data }) => {
  if (data.order === 'start') start(data.code, data.model);
  else if (classifier) answer(classifier, data);
});
