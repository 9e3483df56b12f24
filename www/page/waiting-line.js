/**
 * A line in which those who wait are served in order. Each step takes the same time, however long the
 * line is.
 *
 * @template T
 */
export class WaitingLine {
  /** @type {T[]}  Those at the front, the next one last. */
  #front = [];
  /** @type {T[]}  Those behind them. */
  #back = [];
  /** How many of those behind were served. */
  #served = 0;

  /** @returns {number} */
  get length() {
    return this.#front.length + this.#back.length - this.#served;
  }

  /** @param {T[]} items */
  append(items) {
    for (const item of items) this.#back.push(item);
  }

  /** @param {T[]} items  Come before all that wait. */
  putFirst(items) {
    for (const item of items.toReversed()) this.#front.push(item);
  }

  /** @returns {T | undefined} */
  next() {
    if (this.#front.length > 0) return this.#front.pop();
    if (this.#served === this.#back.length) {
      this.clear();
      return undefined;
    }
    return this.#back[this.#served++];
  }

  clear() {
    this.#front = [];
    this.#back = [];
    this.#served = 0;
  }
}
