/**
 * The models that the site offers besides the one inside the module: their list, their download, and
 * the copies that the browser keeps, so that each is downloaded once.
 */
import { NamedError } from './named-error.js';
import { part } from './page-part.js';
import { SITE } from './site-root.js';

/**
 * One of the list that the build makes.
 *
 * @typedef {object} ModelFile
 * @property {string} name  Such as `alexnet`.
 * @property {string} file  Its name in `models/`.
 * @property {number} bytes
 * @property {string} sha256  In hexadecimal: what a download is checked against, and its version.
 */

/** @typedef {(received: number, total: number) => void} Report  Counts bytes. */

const FOLDER = new URL('models/', SITE);

/** The browser's store of the files that were downloaded before. */
const STORE = 'haemolens-models';

/**
 * The models that there are: the build lists them in the page.
 *
 * @returns {ModelFile[]}
 */
export function listModels() {
  return JSON.parse(part(document, 'models', HTMLScriptElement).text);
}

/**
 * A model that was downloaded on an earlier visit, if it is still whole. Needs no connection.
 *
 * @param {ModelFile} model
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>}
 */
export async function keptModel(model) {
  try {
    const response = await (await openStore())?.match(addressOf(model));
    const bytes = response && new Uint8Array(await response.arrayBuffer());
    return bytes && (await isWhole(model, bytes)) ? bytes : undefined;
  } catch (error) {
    console.warn(error);
    return undefined;
  }
}

/**
 * Downloads a model, and keeps it for later visits.
 *
 * @param {ModelFile} model
 * @param {AbortSignal} signal
 * @param {Report} report
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function downloadModel(model, signal, report) {
  const bytes = await download(model, signal, report);
  if (!(await isWhole(model, bytes))) {
    throw new NamedError('CorruptModel', { key: 'problem.damagedModel' });
  }
  await keep(model, bytes);
  return bytes;
}

/**
 * The address holds the version: a model that was replaced is another file to every cache.
 *
 * @param {ModelFile} model
 */
const addressOf = ({ file, sha256 }) => new URL(`${file}?sha256=${sha256}`, FOLDER);

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
 * Keeps a file in the place of its earlier versions. Where there is no room for it, it is downloaded
 * again next time.
 *
 * @param {ModelFile} model
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function keep(model, bytes) {
  const address = addressOf(model);
  try {
    const store = await openStore();
    await store?.delete(address, { ignoreSearch: true });
    await store?.put(address, new Response(bytes));
  } catch (error) {
    console.warn(error);
  }
}

/**
 * @param {ModelFile} model
 * @param {AbortSignal} signal
 * @param {Report} report
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function download(model, signal, report) {
  report(0, model.bytes);
  const response = await fetch(addressOf(model), { signal, cache: 'no-store' });
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
