/**
 * Whether somebody is about to take something out of a list, so that its rows must not move: the pointer
 * is over it, the keyboard is in it, or it has just been scrolled.
 */

/** How long after scrolling a list is left as it is, in milliseconds. */
const AFTER_SCROLLING_MS = 800;

export class Stillness {
  #root;
  #onRelease;
  #pointed = false;
  #keyboard = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #scrolled;
  #ownScroll = -1;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onRelease
   */
  constructor(root, onRelease) {
    this.#root = root;
    this.#onRelease = onRelease;
    root.addEventListener('pointerenter', () => (this.#pointed = true));
    root.addEventListener('pointerleave', () => {
      this.#pointed = false;
      this.#tell();
    });
    // Who has clicked and gone on is not held up: only the keyboard shows where it is.
    const look = () => {
      this.#keyboard = root.querySelector(':focus-visible') !== null;
    };
    root.addEventListener('focusin', look);
    root.addEventListener('keydown', look);
    root.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && root.contains(relatedTarget)) return;
      this.#keyboard = false;
      this.#tell();
    });
    root.addEventListener('scroll', () => this.#scroll());
  }

  /** @returns {boolean} */
  get held() {
    return this.#pointed || this.#keyboard || this.#scrolled !== undefined;
  }

  /** Says that the list was scrolled by the page itself. */
  scrolledByPage() {
    this.#ownScroll = this.#root.scrollTop;
  }

  #scroll() {
    if (this.#root.scrollTop === this.#ownScroll) return;
    clearTimeout(this.#scrolled);
    this.#scrolled = setTimeout(() => {
      this.#scrolled = undefined;
      this.#tell();
    }, AFTER_SCROLLING_MS);
  }

  #tell() {
    if (!this.held) this.#onRelease();
  }
}
