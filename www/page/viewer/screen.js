/** The screen on which a picture is seen, with what is drawn over it. */
import { part } from '../page-part.js';
import { paintPicture } from './paint-picture.js';
import { View, toPicture, toScreen } from './view.js';

/**
 * @typedef {import('./contribution-map.js').Place} Place
 * @typedef {import('./paint-picture.js').Overlay} Overlay
 * @typedef {import('./paint-picture.js').Picture} Picture
 * @typedef {import('./view.js').Placement} Placement
 * @typedef {import('./view.js').Point} Point
 * @typedef {import('./view.js').Size} Size
 */

export class Screen {
  #root;
  #canvas;
  #square;
  #cell;
  #view = new View();
  /** @type {Picture | undefined} */
  #picture;
  /** @type {Overlay | undefined} */
  #overlay;
  /** @type {Place | undefined} */
  #place;
  #waiting = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    this.#canvas = part(root, 'canvas', HTMLCanvasElement);
    this.#square = part(root, 'square', SVGRectElement);
    this.#cell = part(root, 'cell', SVGRectElement);
    new ResizeObserver(() => this.render()).observe(root);
  }

  /** Blank without a picture. @param {Picture | undefined} picture */
  set picture(picture) {
    this.#picture = picture;
    this.render();
  }

  get picture() {
    return this.#picture;
  }

  /** @param {Overlay | undefined} overlay */
  set overlay(overlay) {
    this.#overlay = overlay;
    this.render();
  }

  get overlay() {
    return this.#overlay;
  }

  /** The place of the map whose cell is marked. @param {Place | undefined} place */
  set place(place) {
    this.#place = place;
    this.render();
  }

  get place() {
    return this.#place;
  }

  get zoom() {
    return this.#view.zoom;
  }

  get mirrored() {
    return this.#view.mirrored;
  }

  /** In CSS pixels. @returns {Size} */
  get size() {
    return { width: this.#root.clientWidth, height: this.#root.clientHeight };
  }

  /** Where the picture lies, in CSS pixels. @returns {Placement | undefined} */
  get placement() {
    const pixels = this.#picture?.pixels;
    const { width, height } = this.size;
    return pixels && width > 0 && height > 0 ? this.#view.placement(pixels, { width, height }) : undefined;
  }

  /**
   * @param {number} factor
   * @param {Point} [at]  In CSS pixels of the screen; its middle if there is none.
   */
  zoomBy(factor, at) {
    const { size } = this;
    const middle = { x: size.width / 2, y: size.height / 2 };
    if (this.placement && this.#picture) this.#view.zoomBy(factor, at ?? middle, this.#picture.pixels, size);
    this.render();
  }

  /**
   * @param {number} right  CSS pixels.
   * @param {number} down
   */
  panBy(right, down) {
    if (this.placement && this.#picture) this.#view.panBy(right, down, this.#picture.pixels, this.size);
    this.render();
  }

  mirror() {
    this.#view.mirror();
    this.render();
  }

  fit() {
    this.#view.fit();
    this.render();
  }

  /**
   * A point of the screen in shares of the square that the network saw.
   *
   * @param {Point} at  CSS pixels.
   * @returns {Point | undefined}  None outside of the picture.
   */
  inSquare(at) {
    const { placement } = this;
    if (!placement || !this.#picture) return undefined;
    const { pixels, crop } = this.#picture;
    const { x, y } = toPicture(placement, at);
    if (x < 0 || y < 0 || x >= pixels.width || y >= pixels.height) return undefined;
    return { x: (x - crop.x) / crop.side, y: (y - crop.y) / crop.side };
  }

  /** Draws everything anew, once before the browser paints. */
  render() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #draw() {
    const { placement, size } = this;
    const shown = placement !== undefined;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = shown
      ? [Math.round(size.width * ratio), Math.round(size.height * ratio)]
      : [0, 0];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#root.classList.toggle('with-picture', shown);
    this.#root.classList.toggle('with-place', shown && this.#place !== undefined);
    const context = this.#canvas.getContext('2d');
    if (!context || !placement || !this.#picture) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(width / size.width, height / size.height);
    paintPicture(context, this.#picture, placement, this.#overlay);

    const { x, y, side } = this.#picture.crop;
    outline(this.#square, placement, { x, y }, { x: x + side, y: y + side });
    if (!this.#place) return;
    const { left, top, right, bottom } = this.#place.cell;
    const corner = (/** @type {number} */ h, /** @type {number} */ v) => ({ x: x + h * side, y: y + v * side });
    outline(this.#cell, placement, corner(left, top), corner(right, bottom));
  }
}

/**
 * @param {SVGRectElement} rectangle
 * @param {Placement} placement
 * @param {Point} from  A corner, in the picture's pixels.
 * @param {Point} to  The one opposite.
 */
function outline(rectangle, placement, from, to) {
  const [one, other] = [toScreen(placement, from), toScreen(placement, to)];
  const box = {
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    width: Math.abs(other.x - one.x),
    height: Math.abs(other.y - one.y),
  };
  for (const [name, value] of Object.entries(box)) rectangle.setAttribute(name, String(value));
}
