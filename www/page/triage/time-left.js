/** How long a batch still takes, as calm words: an estimate that hops about cannot be read. */
import { text } from '../messages.js';

/** Over how many seconds the rate is averaged; what was longer ago counts less and less. */
const MEMORY_S = 8;

/** Nothing is said of batches and rates that are younger, in seconds, or fewer, in slices. */
const LEAST_S = 1.5;
const LEAST_DONE = 3;

/** An estimate is shown anew when it has fallen, or risen to more than this share of what is shown. */
const RISE = 1.4;

/** Steps of what is shown, in seconds: below `under` in steps of `step`. */
const STEPS = [
  { under: 60, step: 5 },
  { under: 180, step: 15 },
  { under: Infinity, step: 60 },
];

export class TimeLeft {
  /** @type {{ at: number, done: number } | undefined}  The last look. */
  #last;
  /** Seconds since the first look, and slices that were done then. */
  #elapsed = 0;
  #first = 0;
  /** Slices and seconds, both fading with time: their ratio is the rate. */
  #slices = 0;
  #seconds = 0;
  /** @type {number | undefined}  Seconds, as shown. */
  #shown;

  /**
   * Takes a look at a batch, and says how long it still takes.
   *
   * @param {number} done
   * @param {number} total
   * @param {number} now  In milliseconds of any clock.
   * @returns {number | undefined}  Seconds, rounded up to what is shown; nothing as long as it cannot be
   *   said, and once all is done.
   */
  estimate(done, total, now) {
    const last = this.#last;
    if (done >= total || !last || done < last.done) {
      this.#restart(done, now);
      return undefined;
    }
    const passed = (now - last.at) / 1000;
    const kept = Math.exp(-passed / MEMORY_S);
    this.#slices = this.#slices * kept + (done - last.done);
    this.#seconds = this.#seconds * kept + passed;
    this.#elapsed += passed;
    this.#last = { at: now, done };
    if (this.#elapsed < LEAST_S || done - this.#first < LEAST_DONE || this.#slices === 0) return this.#shown;
    const seconds = ((total - done) * this.#seconds) / this.#slices;
    if (this.#shown === undefined || seconds > this.#shown * RISE) this.#shown = stepped(seconds);
    else this.#shown = Math.min(this.#shown, stepped(seconds));
    return this.#shown;
  }

  /**
   * @param {number} done
   * @param {number} now
   */
  #restart(done, now) {
    this.#last = { at: now, done };
    this.#first = done;
    this.#elapsed = this.#slices = this.#seconds = 0;
    this.#shown = undefined;
  }
}

/**
 * @param {number} seconds
 * @returns {number}  Rounded up to a step.
 */
function stepped(seconds) {
  const { step } = /** @type {{ step: number }} */ (STEPS.find(({ under }) => seconds <= under));
  return Math.max(1, Math.ceil(seconds / step)) * step;
}

/**
 * @param {number} seconds  As `estimate` gives them.
 * @returns {string}
 */
export function timeLeftWords(seconds) {
  if (seconds <= STEPS[0].step) return text('list.fewSecondsLeft');
  if (seconds < 120) return text('list.secondsLeft', { count: seconds });
  return text('list.minutesLeft', { count: Math.ceil(seconds / 60) });
}
