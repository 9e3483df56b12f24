/**
 * The page's only way to its server. It is open while the page loads, and closes for good as soon as
 * what the page was opened for is there. No worker starts and no file is read before.
 */
import { lockConnections } from './lockdown.js';

/** What is still to come: the module always, a further model where one was asked for. */
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
 * Says that something is there, or is not wanted any more. The last one closes the door.
 *
 * @param {string} what
 */
export function arrived(what) {
  awaited.delete(what);
  if (open && awaited.size === 0) close();
}

function close() {
  open = false;
  // Policies add up: none can be loosened by a later one, nor be taken back.
  forbid("connect-src 'none'");
  lockConnections();
  closingTime = performance.now();
  tellClosed();
}

/**
 * Adds to the page's policy. Workers started later inherit it.
 *
 * @param {string} directive
 */
export function forbid(directive) {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = directive;
  document.head.append(policy);
}
