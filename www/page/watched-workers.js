/** Workers that tell the page what they try to ask of any server, beside their answers. */

/**
 * @typedef {import('./attempts.js').Attempts} Attempts
 * @typedef {{ attempts: Attempts }} Notice  What a worker says of its attempts.
 */

/** @type {((attempts: Attempts) => void)[]} */
const listeners = [];

/** @param {(attempts: Attempts) => void} listener */
export function onWorkersAttempts(listener) {
  listeners.push(listener);
}

/**
 * Hears a worker's notices, which are then kept from others who listen to it. Must come before these.
 *
 * @param {Worker} worker
 */
export function hearAttempts(worker) {
  worker.addEventListener('message', (event) => {
    const attempts = /** @type {Partial<Notice> | undefined} */ (event.data)?.attempts;
    if (!attempts) return;
    event.stopImmediatePropagation();
    for (const listener of listeners) listener(attempts);
  });
}
