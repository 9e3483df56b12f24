/** What pointers and wheels do on the screen, in terms of what is meant by it. */

/** @typedef {import('./view.js').Point} Point */

/**
 * @typedef {object} Actions  Distances and points are in CSS pixels of the screen.
 * @property {() => void} begin  A drag that changes the window begins.
 * @property {(right: number, down: number) => void} drag  So far since its begin.
 * @property {(right: number, down: number) => void} pan  Since the last time.
 * @property {(factor: number, at: Point) => void} zoom
 * @property {(slices: number) => boolean} step  To another slice; false where there is only one.
 * @property {(at: Point | undefined) => void} point  The pointer is there, without a button, or nowhere.
 */

/** @typedef {'window' | 'pan'} Tool  What dragging with the main button or one finger does. */

/** How much a wheel's pixel enlarges; a notch is about a hundred. */
const ZOOM_PER_PIXEL = 0.0025;

/** Pixels that a wheel with a fine scale turns for one slice; a notch is one slice on any scale. */
const PIXELS_PER_SLICE = 60;

/** The button in the middle, by `PointerEvent.button`. */
const MIDDLE = 1;

export class Gestures {
  #screen;
  #actions;
  /** @type {Tool} */
  tool = 'window';
  /** Whether the space bar is held: dragging then moves the picture. */
  #spaceHeld = false;
  /** @type {Map<number, Point>}  The pointers that are down, where they were last. */
  #down = new Map();
  /** @type {'window' | 'pan' | 'pinch' | undefined} */
  #doing;
  /** @type {Point}  Where a drag began. */
  #start = { x: 0, y: 0 };
  /** Wheel pixels since the last slice. */
  #turned = 0;

  /**
   * @param {HTMLElement} screen
   * @param {Actions} actions
   */
  constructor(screen, actions) {
    this.#screen = screen;
    this.#actions = actions;
    screen.addEventListener('pointerdown', (event) => this.#press(event));
    screen.addEventListener('pointermove', (event) => this.#move(event));
    for (const type of /** @type {const} */ (['pointerup', 'pointercancel'])) {
      screen.addEventListener(type, (event) => this.#release(event));
    }
    screen.addEventListener('pointerleave', () => actions.point(undefined));
    screen.addEventListener('wheel', (event) => this.#turn(event), { passive: false });
    // Or else the middle button scrolls by itself.
    screen.addEventListener('mousedown', (event) => event.button === MIDDLE && event.preventDefault());
    screen.addEventListener('keydown', (event) => this.#space(event, true));
    screen.addEventListener('keyup', (event) => this.#space(event, false));
    screen.addEventListener('blur', () => (this.#spaceHeld = false));
  }

  /** @param {MouseEvent} event @returns {Point} */
  #at({ clientX, clientY }) {
    const { left, top } = this.#screen.getBoundingClientRect();
    return { x: clientX - left - this.#screen.clientLeft, y: clientY - top - this.#screen.clientTop };
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button > MIDDLE) return;
    const at = this.#at(event);
    this.#screen.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, at);
    this.#actions.point(undefined);
    if (this.#down.size > 1) {
      this.#doing = 'pinch';
      return;
    }
    const moves = event.button === MIDDLE || this.#spaceHeld || this.tool === 'pan';
    this.#doing = moves ? 'pan' : 'window';
    this.#start = at;
    if (this.#doing === 'window') this.#actions.begin();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#at(event);
    const before = this.#down.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch') this.#actions.point(at);
      return;
    }
    if (this.#doing === 'pinch') this.#pinch(event.pointerId, before, at);
    else if (this.#doing === 'pan') this.#actions.pan(at.x - before.x, at.y - before.y);
    else if (this.#doing === 'window') this.#actions.drag(at.x - this.#start.x, at.y - this.#start.y);
    this.#down.set(event.pointerId, at);
  }

  /**
   * Two fingers move the picture with their middle, and enlarge it by their distance.
   *
   * @param {number} id
   * @param {Point} before
   * @param {Point} at
   */
  #pinch(id, before, at) {
    const other = [...this.#down].find(([otherId]) => otherId !== id)?.[1];
    if (!other) return;
    this.#actions.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    const distance = (/** @type {Point} */ { x, y }) => Math.max(1, Math.hypot(x - other.x, y - other.y));
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    this.#actions.zoom(distance(at) / distance(before), middle);
  }

  /** @param {PointerEvent} event */
  #release(event) {
    if (!this.#down.delete(event.pointerId)) return;
    // The finger that is left after two would be a drag that nobody meant.
    this.#doing = undefined;
    if (event.pointerType === 'touch' && event.type === 'pointerup') this.#actions.point(this.#at(event));
  }

  /** @param {WheelEvent} event */
  #turn(event) {
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * PIXELS_PER_SLICE;
    if (event.ctrlKey) {
      event.preventDefault();
      this.#actions.zoom(Math.exp(-pixels * ZOOM_PER_PIXEL), this.#at(event));
      return;
    }
    if (event.shiftKey || event.deltaY === 0) return;
    if (Math.sign(pixels) !== Math.sign(this.#turned)) this.#turned = 0;
    this.#turned += pixels;
    const enough = Math.abs(this.#turned) >= PIXELS_PER_SLICE;
    // With one slice there is nowhere to go, and the wheel is left to the page.
    if (!this.#actions.step(enough ? Math.sign(this.#turned) : 0)) return;
    event.preventDefault();
    if (enough) this.#turned = 0;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} held
   */
  #space(event, held) {
    if (event.key !== ' ' || event.target !== this.#screen) return;
    event.preventDefault();
    this.#spaceHeld = held;
  }
}
