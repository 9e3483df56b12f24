/** Which part of a picture is seen: how far it is enlarged, about which point, and whether mirrored. */

/** @typedef {{ width: number, height: number }} Size */
/** @typedef {{ x: number, y: number }} Point */

/** Most enlargement, as a multiple of the whole picture's. */
const MOST_ZOOM = 16;

/**
 * Where a picture lies on a screen: a point `(x, y)` of it, in its pixels, is at
 * `(left + across * x, top + down * y)`.
 *
 * @typedef {object} Placement
 * @property {number} across  Screen pixels of a picture pixel; negative where mirrored.
 * @property {number} down
 * @property {number} left
 * @property {number} top
 */

/**
 * @param {Placement} placement
 * @param {Point} point  Of the picture.
 * @returns {Point}  Of the screen.
 */
export function toScreen({ across, down, left, top }, { x, y }) {
  return { x: left + across * x, y: top + down * y };
}

/**
 * @param {Placement} placement
 * @param {Point} point  Of the screen.
 * @returns {Point}  Of the picture.
 */
export function toPicture({ across, down, left, top }, { x, y }) {
  return { x: (x - left) / across, y: (y - top) / down };
}

/**
 * A view holds for pictures of any size, so that it stays from slice to slice.
 */
export class View {
  /** 1 shows the whole picture. */
  #zoom = 1;
  /** The point in the middle of the screen, as shares of the picture. @type {Point} */
  #centre = { x: 0.5, y: 0.5 };
  #mirrored = false;

  get zoom() {
    return this.#zoom;
  }

  get mirrored() {
    return this.#mirrored;
  }

  /**
   * @param {Size} picture
   * @param {Size} screen
   * @returns {Placement}
   */
  placement(picture, screen) {
    const fit = Math.min(screen.width / picture.width, screen.height / picture.height);
    const down = fit * this.#zoom;
    const across = this.#mirrored ? -down : down;
    return {
      across,
      down,
      left: screen.width / 2 - across * this.#centre.x * picture.width,
      top: screen.height / 2 - down * this.#centre.y * picture.height,
    };
  }

  /**
   * Enlarges about a point of the screen, which keeps showing what it shows.
   *
   * @param {number} factor
   * @param {Point} at
   * @param {Size} picture
   * @param {Size} screen
   */
  zoomBy(factor, at, picture, screen) {
    const fixed = toPicture(this.placement(picture, screen), at);
    this.#zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    const { across, down } = this.placement(picture, screen);
    this.#moveTo(
      (fixed.x - (at.x - screen.width / 2) / across) / picture.width,
      (fixed.y - (at.y - screen.height / 2) / down) / picture.height,
    );
  }

  /**
   * Moves the picture by so many pixels of the screen.
   *
   * @param {number} right
   * @param {number} down
   * @param {Size} picture
   * @param {Size} screen
   */
  panBy(right, down, picture, screen) {
    const placement = this.placement(picture, screen);
    this.#moveTo(
      this.#centre.x - right / placement.across / picture.width,
      this.#centre.y - down / placement.down / picture.height,
    );
  }

  mirror() {
    this.#mirrored = !this.#mirrored;
  }

  /** Shows the whole picture, the way it is stored. */
  fit() {
    this.#zoom = 1;
    this.#mirrored = false;
    this.#moveTo(0.5, 0.5);
  }

  /**
   * Some of the picture always stays on the screen.
   *
   * @param {number} x
   * @param {number} y
   */
  #moveTo(x, y) {
    this.#centre = { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
  }
}
