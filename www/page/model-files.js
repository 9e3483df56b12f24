/**
 * The models that the site offers besides the one inside the module: their list, their download, and
 * the copies that the browser keeps, so that each is downloaded once.
 */
import { NamedError } from './named-error.js';

/**
 * One line of `models/index.json`.
 *
 * @typedef {object} ModelFile
 * @property {string} name  Such as `alexnet`.
 * @property {string} file  Its name in `models/`.
 * @property {number} bytes
 * @property {string} sha256  In hexadecimal: what a download is checked against, and its version.
 */

/** @typedef {(received: number, total: number) => void} Report  Counts bytes. */

const FOLDER = new URL('../models/', import.meta.url);

/** The browser's store of the files that were downloaded before. */
const STORE = 'haemolens-models';

/**
 * The models that there are; none where the site has no list.
 *
 * @returns {Promise<ModelFile[]>}
 */
export async function listModels() {
  try {
    const response = await fetch(new URL('index.json', FOLDER));
    return response.ok ? await response.json() : [];
  } catch (error) {
    console.warn(error);
    return [];
  }
}

/**
 * The bytes of a model, kept from an earlier visit or downloaded.
 *
 * @param {ModelFile} model
 * @param {AbortSignal} signal
 * @param {Report} report
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function openModel(model, signal, report) {
  // The address holds the version: a model that was replaced is another file to every cache.
  const address = new URL(`${model.file}?sha256=${model.sha256}`, FOLDER);
  const store = await openStore();
  const kept = await keptCopy(store, address);
  if (kept && (await isWhole(model, kept))) return kept;
  const bytes = await download(address, model, signal, report);
  if (!(await isWhole(model, bytes))) {
    throw new NamedError(
      'CorruptModel',
      'The file arrived damaged or cut short. Try again; if it stays so, tell whoever runs this site.',
    );
  }
  await keep(store, address, bytes);
  return bytes;
}

/**
 * Pages that were not served safely, and private windows of some browsers, have no store.
 *
 * @returns {Promise<Cache | undefined>}
 */
async function openStore() {
  try {
    return await caches.open(STORE);
  } catch {
    return undefined;
  }
}

/**
 * @param {Cache | undefined} store
 * @param {URL} address
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>}
 */
async function keptCopy(store, address) {
  try {
    const response = await store?.match(address);
    return response && new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    console.warn(error);
    return undefined;
  }
}

/**
 * Keeps a file in the place of its earlier versions. Where there is no room for it, it is downloaded
 * again next time.
 *
 * @param {Cache | undefined} store
 * @param {URL} address
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function keep(store, address, bytes) {
  try {
    await store?.delete(address, { ignoreSearch: true });
    await store?.put(address, new Response(bytes));
  } catch (error) {
    console.warn(error);
  }
}

/**
 * @param {URL} address
 * @param {ModelFile} model
 * @param {AbortSignal} signal
 * @param {Report} report
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function download(address, model, signal, report) {
  report(0, model.bytes);
  const response = await fetch(address, { signal, cache: 'no-store' });
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  const bytes = new Uint8Array(model.bytes);
  let received = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.length;
    if (received > model.bytes) {
      await reader.cancel();
      break;
    }
    bytes.set(value, received - value.length);
    report(received, model.bytes);
  }
  // Too many are as wrong as too few.
  return received > model.bytes ? new Uint8Array(0) : bytes.subarray(0, received);
}

/**
 * Whether these are the bytes that the list promises; without the browser's digests, which pages
 * that were not served safely are denied, as many of them.
 *
 * @param {ModelFile} model
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<boolean>}
 */
async function isWhole(model, bytes) {
  if (bytes.length !== model.bytes) return false;
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === model.sha256;
}
