/** Boxes that scroll: those who use no mouse must be able to come to them, or what is below stays unread. */

/**
 * Makes each of these boxes a stop of the Tab key, for as long as there is more in it than it shows.
 *
 * @param {HTMLElement[]} boxes
 */
export function offerScrolling(...boxes) {
  for (const box of boxes) {
    const measure = () => {
      if (box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
      else box.removeAttribute('tabindex');
    };
    const sizes = new ResizeObserver(measure);
    const watch = () => {
      sizes.disconnect();
      for (const element of [box, ...box.children]) sizes.observe(element);
    };
    new MutationObserver(watch).observe(box, { childList: true });
    watch();
  }
}
