/** Numbers that look random and are always the same (the generator "mulberry32"). */

/** By how much the generator's state grows from one number to the next. */
const STEP = 0x6d2b79f5;

/**
 * @param {number} seed
 * @param {number} place  Of the number in its series, from 0.
 * @returns {number}  From 0 to below 1.
 */
export function scattered(seed, place) {
  const state = (seed + Math.imul(place + 1, STEP)) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
