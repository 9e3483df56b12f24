/** Work that is asked for more often than it needs to be done. */

/**
 * A function that does `work` at once, and if it is called again soon, once more at the end of
 * `milliseconds`.
 *
 * @param {() => void} work
 * @param {number} milliseconds
 * @returns {() => void}
 */
export function throttled(work, milliseconds) {
  let again = false;
  let resting = false;
  const rest = () => {
    resting = true;
    setTimeout(() => {
      resting = false;
      if (!again) return;
      again = false;
      rest();
      work();
    }, milliseconds);
  };
  return () => {
    if (resting) {
      again = true;
      return;
    }
    rest();
    work();
  };
}
