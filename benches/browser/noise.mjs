/** Tells runs on a quiet machine from those that other programs disturbed (Linux; else unknown). */
import { readFileSync } from 'node:fs';

/** Busy and total time of all processors since the start, in ticks; none where it is not told. */
function ticks() {
  try {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).slice(1, 9);
    const [user, nice, system, idle, wait, ...interrupts] = fields.map(Number);
    const busy = user + nice + system + interrupts.reduce((a, b) => a + b);
    return { busy, total: busy + idle + wait };
  } catch {
    return undefined;
  }
}

/**
 * The share of all processors that was busy for `milliseconds` in which the benchmark rests.
 *
 * @param {number} milliseconds
 */
export async function busyShare(milliseconds) {
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const after = ticks();
  if (!before || !after) return 0;
  return (after.busy - before.busy) / Math.max(1, after.total - before.total);
}
