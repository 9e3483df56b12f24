/// <reference lib="webworker" />
/**
 * Keeps the page for when there is no connection: its own files, and nothing else. A version is kept
 * whole or not at all, under the digest of all its files, and served until the page that runs it is
 * loaded anew.
 */

/**
 * A file of the site.
 *
 * @typedef {{ path: string, sha256: string }} SiteFile  Its address from the site's folder, that of its
 *   own folder for a page, and its digest in hexadecimal.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Other sites on the same host, in other folders, have their own. */
const FAMILY = `haemolens ${new URL(worker.registration.scope).pathname} `;
const STORE = FAMILY + SITE_VERSION;

/** @param {string} path */
const addressOf = (path) => new URL(path, worker.registration.scope).href;

const ADDRESSES = SITE_FILES.map(({ path }) => addressOf(path));

/**
 * Fetches a file; from the browser's own cache, if what is there belongs to this version.
 *
 * @param {SiteFile} file
 * @returns {Promise<Response>}
 */
async function fetchFile({ path, sha256 }) {
  for (const cache of /** @type {RequestCache[]} */ (['default', 'reload'])) {
    const response = await fetch(addressOf(path), { cache, referrerPolicy: 'no-referrer' });
    if (!response.ok) throw new Error(`${path || 'the page'}: the server answered ${response.status}`);
    const bytes = await response.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    if (Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') !== sha256) continue;
    // What is said of the transfer does not hold for the bytes that came out of it.
    const headers = new Headers(response.headers);
    for (const name of ['content-encoding', 'content-length']) headers.delete(name);
    return new Response(bytes, { headers });
  }
  throw new Error(`${path || 'the page'} is of another version`);
}

async function install() {
  const responses = await Promise.all(SITE_FILES.map(fetchFile));
  const store = await caches.open(STORE);
  try {
    await Promise.all(responses.map((response, i) => store.put(ADDRESSES[i], response)));
  } catch (error) {
    await caches.delete(STORE);
    throw error;
  }
}

/** Drops the versions before this one. */
async function tidy() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(FAMILY) && name !== STORE).map((name) => caches.delete(name)),
  );
}

/**
 * @param {Request} request
 * @returns {string | undefined}  The address under which what is asked for is kept.
 */
function keptAddress({ method, mode, url }) {
  if (method !== 'GET') return undefined;
  const address = new URL(url);
  address.hash = '';
  if (mode === 'navigate') address.search = '';
  // A page has two addresses.
  address.pathname = address.pathname.replace(/\/index\.html$/, '/');
  return ADDRESSES.includes(address.href) ? address.href : undefined;
}

/**
 * @param {Request} request
 * @param {string} address
 * @returns {Promise<Response>}
 */
async function answer(request, address) {
  const store = await caches.open(STORE);
  return (await store.match(address)) ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(tidy()));
worker.addEventListener('fetch', (event) => {
  const address = keptAddress(event.request);
  if (address) event.respondWith(answer(event.request, address));
});
worker.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(worker.skipWaiting());
});
