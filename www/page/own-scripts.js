/**
 * The scripts that the page starts by address: its worker, whose text is part of the page's own script
 * and so named by the same hash in its policy, and its service worker. A browser that knows trusted
 * types starts no other.
 */
import { SITE } from './site-root.js';
import { hearAttempts } from './watched-workers.js';

const worker = URL.createObjectURL(new Blob([WORKER_SCRIPT], { type: 'text/javascript' }));

/** Where the service worker is, which keeps the page for when there is no connection. */
const serviceWorker = new URL('service-worker.js', SITE).href;

const policy = globalThis.trustedTypes?.createPolicy('haemolens', {
  createScriptURL(address) {
    if (address !== worker && address !== serviceWorker) throw new TypeError('not a script of this page');
    return address;
  },
});

/**
 * @param {string} address
 * @returns {any}  The address, in the form that the browser accepts.
 */
const trusted = (address) => policy?.createScriptURL(address) ?? address;

/**
 * Starts a worker. It begins with the policy that the page has at this moment.
 *
 * @returns {Worker}
 */
export function startWorker() {
  const started = new Worker(trusted(worker));
  hearAttempts(started);
  return started;
}

/** @returns {Promise<ServiceWorkerRegistration>} */
export function registerServiceWorker() {
  return navigator.serviceWorker.register(trusted(serviceWorker), { updateViaCache: 'none' });
}
