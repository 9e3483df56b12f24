/** What each place of the network's last map contributes to a margin, and how that is drawn. */
import { text } from '../messages.js';

/**
 * @typedef {import('../worker.js').Explanation} Explanation
 * @typedef {import('./view.js').Point} Point
 */

/**
 * A place of the map. Its cell reaches halfway to its neighbours, the outermost to the edges; that and
 * its centre are in shares of the square that the network saw.
 *
 * @typedef {object} Place
 * @property {number} column
 * @property {number} row
 * @property {number} contribution  In units of margin; positive counts towards haemorrhage.
 * @property {Point} centre
 * @property {{ left: number, top: number, right: number, bottom: number }} cell
 */

/** Of what counts towards haemorrhage and against it: Okabe and Ito's, told apart by the colour-blind. */
export const FOR_COLOUR = [230, 159, 0];
export const AGAINST_COLOUR = [0, 114, 178];

/** Decimals of contributions: so many places share a margin that two would hide most of them. */
export const DECIMALS = 3;

/** Pixels of the raster from one place to the next. */
const STEPS = 16;

export class ContributionMap {
  #explanation;
  /** Centre of the first column and row, and the distance of places, in shares of the square. */
  #first;
  #stride;
  /** @type {{ canvas: HTMLCanvasElement, left: number, top: number, side: { across: number, down: number } } | undefined} */
  #raster;

  /** @param {Explanation} explanation */
  constructor(explanation) {
    this.#explanation = explanation;
    const { field, crop, contributions } = explanation;
    this.#first = { x: (field.x - crop.x) / crop.side, y: (field.y - crop.y) / crop.side };
    this.#stride = field.stride / crop.side;
    /** The largest magnitude of a contribution. */
    this.strongest = contributions.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  }

  /** The answer whose margin it takes apart. */
  get classification() {
    return this.#explanation.classification;
  }

  /** The kind of haemorrhage whose margin that is; none where it is haemorrhage as a whole. */
  get kind() {
    return this.#explanation.kind;
  }

  /** What a contribution of this sign speaks for or against, in words. */
  words(/** @type {number} */ contribution) {
    const speaksFor = contribution > 0;
    if (!this.kind) return text(speaksFor ? 'map.for' : 'map.against');
    return text(speaksFor ? 'map.forKind' : 'map.againstKind', { kind: text(`kind.${this.kind}`) });
  }

  get columns() {
    return this.#explanation.columns;
  }

  get rows() {
    return this.#explanation.rows;
  }

  /**
   * The margin as a sum of four.
   *
   * @returns {{ speaksFor: number, speaksAgainst: number, constant: number, rounding: number, margin: number }}
   */
  get sum() {
    const { contributions, constant, rounding, margin } = this.#explanation;
    let [speaksFor, speaksAgainst] = [0, 0];
    for (const one of contributions) {
      if (one > 0) speaksFor += one;
      else speaksAgainst += one;
    }
    return { speaksFor, speaksAgainst, constant, rounding, margin };
  }

  /**
   * @param {number} column
   * @param {number} row
   * @returns {Place}
   */
  place(column, row) {
    const { columns, rows, contributions } = this.#explanation;
    const at = (/** @type {number} */ first, /** @type {number} */ n) => first + n * this.#stride;
    const edge = (/** @type {number} */ first, /** @type {number} */ n, /** @type {number} */ count) =>
      n === 0 ? 0 : n === count ? 1 : at(first, n - 0.5);
    const { x, y } = this.#first;
    return {
      column,
      row,
      contribution: contributions[row * columns + column],
      centre: { x: at(x, column), y: at(y, row) },
      cell: {
        left: edge(x, column, columns),
        right: edge(x, column + 1, columns),
        top: edge(y, row, rows),
        bottom: edge(y, row + 1, rows),
      },
    };
  }

  /** The place of the largest magnitude. */
  get strongestPlace() {
    const at = this.#explanation.contributions.findIndex((one) => Math.abs(one) === this.strongest);
    return this.place(at % this.columns, Math.floor(at / this.columns));
  }

  /**
   * The place whose centre is nearest.
   *
   * @param {Point} point  In shares of the square.
   * @returns {Place | undefined}  None outside of the square.
   */
  placeAt({ x, y }) {
    if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) return undefined;
    const nearest = (/** @type {number} */ from, /** @type {number} */ count) =>
      Math.min(count - 1, Math.max(0, Math.round(from / this.#stride)));
    return this.place(nearest(x - this.#first.x, this.columns), nearest(y - this.#first.y, this.rows));
  }

  /**
   * Draws the map over the square at the origin with sides of 1: at the centre of each place its own
   * contribution, between centres what lies between. The strongest is opaque.
   *
   * @param {CanvasRenderingContext2D} context
   */
  draw(context) {
    this.#raster ??= this.#rasterised();
    const { canvas, left, top, side } = this.#raster;
    context.drawImage(canvas, left, top, side.across, side.down);
  }

  /** Pixels lie so that the centres of places are centres of pixels: none is smoothed away. */
  #rasterised() {
    const { columns, rows } = this.#explanation;
    const step = this.#stride / STEPS;
    const before = (/** @type {number} */ first) => Math.max(0, Math.ceil(first / step - 0.5));
    const [leading, above] = [before(this.#first.x), before(this.#first.y)];
    const size = (/** @type {number} */ first, /** @type {number} */ pixels, /** @type {number} */ count) =>
      pixels + 1 + (count - 1) * STEPS + before(1 - first - (count - 1) * this.#stride);
    const canvas = document.createElement('canvas');
    canvas.width = size(this.#first.x, leading, columns);
    canvas.height = size(this.#first.y, above, rows);
    const image = new ImageData(canvas.width, canvas.height);
    let at = 0;
    for (let y = 0; y < canvas.height; y++) {
      for (let x = 0; x < canvas.width; x++, at += 4) {
        const value = this.#between((x - leading) / STEPS, (y - above) / STEPS);
        const colour = value > 0 ? FOR_COLOUR : AGAINST_COLOUR;
        for (let channel = 0; channel < 3; channel++) image.data[at + channel] = colour[channel];
        image.data[at + 3] = this.strongest > 0 ? (255 * Math.abs(value)) / this.strongest : 0;
      }
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    return {
      canvas,
      left: this.#first.x - (leading + 0.5) * step,
      top: this.#first.y - (above + 0.5) * step,
      side: { across: canvas.width * step, down: canvas.height * step },
    };
  }

  /**
   * Bilinear between the nearest four places; beyond the outermost, theirs.
   *
   * @param {number} column  In places from the first.
   * @param {number} row
   * @returns {number}
   */
  #between(column, row) {
    const { columns, rows, contributions } = this.#explanation;
    const [x, y] = [Math.min(columns - 1, Math.max(0, column)), Math.min(rows - 1, Math.max(0, row))];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)];
    const [h, v] = [x - left, y - top];
    const along = (/** @type {number} */ r) =>
      contributions[r * columns + left] * (1 - h) + contributions[r * columns + right] * h;
    return along(top) * (1 - v) + along(bottom) * v;
  }
}
