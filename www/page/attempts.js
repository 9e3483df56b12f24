/**
 * What this page, or this worker, asks of any server, as the browser itself notes it: requests that
 * were made, and attempts that the policy stopped.
 */

/** @typedef {{ requests: number, stopped: number }} Attempts */

/** Pictures and scripts that were made here are addressed too, but no server is asked for them. */
const ASKS_NOBODY = /^(blob|data):/;

/**
 * Reports every new attempt.
 *
 * @param {EventTarget} place  Where the browser reports what its policy stopped: the document, or the
 *   worker itself.
 * @param {(attempts: Attempts) => void} report
 * @param {() => number} [since]  Only requests that began after this moment count, in milliseconds of
 *   the page's clock.
 */
export function watchAttempts(place, report, since = () => 0) {
  place.addEventListener('securitypolicyviolation', () => report({ requests: 0, stopped: 1 }));
  new PerformanceObserver((list) => {
    const asked = list
      .getEntries()
      .filter(({ name, startTime }) => !ASKS_NOBODY.test(name) && startTime >= since());
    if (asked.length > 0) report({ requests: asked.length, stopped: 0 });
  }).observe({ type: 'resource', buffered: true });
}
