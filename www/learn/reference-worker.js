/** The order of the worker in which a network runs in f32. */
import init, { run } from 'haemolens-reference';

/** @typedef {import('haemolens-reference').ReferenceRun} ReferenceRun */

/**
 * Brings the code of the f32 networks' module, the file of a network and the grey levels that it reads.
 *
 * @typedef {{ order: 'reference', code: WebAssembly.Module, model: Uint8Array, grey: Uint8Array }} ReferenceOrder
 */

/**
 * @param {ReferenceOrder} order
 * @returns {Promise<[value: ReferenceRun, transfer: Transferable[]]>}
 */
export async function carryOutReference({ code, model, grey }) {
  await init({ module_or_path: code });
  const found = run(model, grey);
  return [found, found.layers.map(({ buffer }) => buffer)];
}
