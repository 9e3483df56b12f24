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
  const isNew = newAttempts();
  /** @type {Set<string>}  Addresses that were not asked; some browsers note them as if they had been. */
  const stopped = new Set();
  place.addEventListener('securitypolicyviolation', (event) => {
    const violation = /** @type {SecurityPolicyViolationEvent} */ (event);
    stopped.add(violation.blockedURI);
    if (isNew(violation)) report({ requests: 0, stopped: 1 });
  });
  new PerformanceObserver((list) => {
    const asked = list
      .getEntries()
      .filter(({ name, startTime }) => !ASKS_NOBODY.test(name) && !stopped.has(name) && startTime >= since());
    if (asked.length > 0) report({ requests: asked.length, stopped: 0 });
  }).observe({ type: 'resource', buffered: true });
}

/**
 * Tells attempts from reports of the same one: each of the page's policies that stops it reports it.
 *
 * @returns {(violation: SecurityPolicyViolationEvent) => boolean}  Whether this report is the first of
 *   its attempt.
 */
function newAttempts() {
  /** @type {Map<string, { most: number, byPolicy: Map<string, number> }>} */
  const reports = new Map();
  return ({ effectiveDirective, blockedURI, originalPolicy }) => {
    const what = `${effectiveDirective} ${blockedURI}`;
    const known = reports.get(what) ?? { most: 0, byPolicy: new Map() };
    reports.set(what, known);
    const times = (known.byPolicy.get(originalPolicy) ?? 0) + 1;
    known.byPolicy.set(originalPolicy, times);
    if (times <= known.most) return false;
    known.most = times;
    return true;
  };
}
