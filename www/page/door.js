/**
 * The page's only way to its server. It is open while the page loads, and closes for good as soon as
 * nothing more has to be asked for: the module has begun to come, and a further model, if one was wanted,
 * is there. No worker starts and no file is read before.
 */
import { lockConnections } from './lockdown.js';

/** What must still be asked for: the module always, a further model where one was asked for. */
const awaited = new Set(['module']);

/** @type {() => void} */
let tellClosed;
/** @type {Promise<void>} */
const closing = new Promise((resolve) => (tellClosed = resolve));
let open = true;
let closingTime = Infinity;

/** @returns {boolean} */
export function doorIsOpen() {
  return open;
}

/**
 * When the door closed, in milliseconds of the page's clock.
 *
 * @returns {number}
 */
export function closedAt() {
  return closingTime;
}

/**
 * Resolves when the door has closed.
 *
 * @returns {Promise<void>}
 */
export function doorClosed() {
  return closing;
}

/**
 * Keeps the door open until this too has arrived.
 *
 * @param {string} what
 */
export function expectArrival(what) {
  awaited.add(what);
}

/**
 * Says that something need not be asked for any more. The last one closes the door.
 *
 * @param {string} what
 */
export function arrived(what) {
  awaited.delete(what);
  if (open && awaited.size === 0) close();
}

function close() {
  open = false;
  forbidAllBut({ scripts: "blob: 'self'", manifest: "'self'" });
  lockConnections();
  closingTime = performance.now();
  tellClosed();
}

/** Lets the page's server be asked for nothing any more, not even for a script to start by its address. */
export function lockDoor() {
  forbidAllBut({ scripts: 'blob:', manifest: "'none'" });
}

/**
 * Adds to the page's policy; workers started later inherit it. Policies add up: none can be loosened by
 * a later one, nor be taken back. A browser fetches in advance what any part of a policy allows, so each
 * states all that is still allowed.
 *
 * @param {{ scripts: string, manifest: string }} allowed  Where workers and the manifest may come from.
 */
function forbidAllBut({ scripts, manifest }) {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content =
    "default-src 'none'; connect-src 'none'; script-src 'wasm-unsafe-eval'; img-src blob: data:; " +
    `worker-src ${scripts}; manifest-src ${manifest}`;
  document.head.append(policy);
}
