/** Pictures of slices, maps and kernels on canvases. */
import { drawSlice } from '../page/slice-pixels.js';
import { draw, make } from './elements.js';

/**
 * @typedef {{ x: number, y: number, side: number, kind: 'crop' | 'field' | 'positive' | 'negative',
 *   strength?: number }} Square  In slice pixels; `strength` from 0 to 1 for the last two.
 */

/**
 * Puts a grey picture, made of pixels that stay sharp, into a canvas.
 *
 * @param {string} label  What it shows, for those who do not see it.
 * @param {{ width: number, height: number, grey: Uint8Array }} picture
 * @returns {HTMLCanvasElement}
 */
export function greyPicture(label, picture) {
  const canvas = make('canvas', { role: 'img', 'aria-label': label, class: 'pixels' });
  drawSlice(canvas, picture);
  return canvas;
}

/**
 * Values as grey levels.
 *
 * @param {ArrayLike<number>} values
 * @param {'activations' | 'weights'} kind  Of activations, which are not negative, zero is black and the
 *   largest white; of weights zero is mid-grey, and the largest black or white.
 * @returns {Uint8Array}
 */
export function greyOf(values, kind) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  const grey = new Uint8Array(values.length);
  const signed = kind === 'weights';
  const scale = largest > 0 ? (signed ? 127 : 255) / largest : 0;
  for (let i = 0; i < values.length; i++) grey[i] = Math.round((signed ? 128 : 0) + values[i] * scale);
  return grey;
}

/**
 * Square tiles side by side with a line between two, each brightened by itself.
 *
 * @param {ArrayLike<number>[]} tiles
 * @param {number} side
 * @param {number} columns
 * @param {'activations' | 'weights'} kind
 */
export function mosaic(tiles, side, columns, kind) {
  const rows = Math.ceil(tiles.length / columns);
  const [width, height] = [columns * (side + 1) - 1, rows * (side + 1) - 1];
  // Lines lie between black and the tiles' own levels.
  const grey = new Uint8Array(width * height).fill(70);
  for (let i = 0; i < rows * columns; i++) {
    // Where no tile is left, the sheet is black.
    const levels = i < tiles.length ? greyOf(tiles[i], kind) : new Uint8Array(side * side);
    const [left, top] = [(i % columns) * (side + 1), Math.floor(i / columns) * (side + 1)];
    for (let y = 0; y < side; y++) {
      grey.set(levels.subarray(y * side, (y + 1) * side), (top + y) * width + left);
    }
  }
  return { width, height, grey };
}

/**
 * A slice with squares drawn over it.
 *
 * @param {string} label
 * @param {{ width: number, height: number, grey: Uint8Array }} slice
 * @param {Square[]} squares
 * @returns {HTMLElement}
 */
export function slicePicture(label, slice, squares) {
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  drawSlice(canvas, slice);
  const box = `0 0 ${slice.width} ${slice.height}`;
  const over = draw('svg', { viewBox: box, 'aria-hidden': 'true', preserveAspectRatio: 'none' });
  for (const { x, y, side, kind, strength } of squares) {
    const rect = draw('rect', { x, y, width: side, height: side, class: kind });
    if (strength !== undefined) rect.style.setProperty('--strength', strength.toFixed(3));
    over.append(rect);
  }
  return make('div', { class: 'slice-picture', role: 'img', 'aria-label': label }, canvas, over);
}

/**
 * The squares of a map's places, coloured by what each contributes, the largest fully.
 *
 * @param {ArrayLike<number>} contributions  Row by row.
 * @param {number} columns
 * @param {{ x: number, y: number, stride: number }} field  See `Explanation`.
 * @returns {Square[]}
 */
export function heatSquares(contributions, columns, { x, y, stride }) {
  const values = Array.from(contributions);
  const largest = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  return values.map((value, i) => ({
    x: x + (i % columns) * stride - stride / 2,
    y: y + Math.floor(i / columns) * stride - stride / 2,
    side: stride,
    kind: value >= 0 ? 'positive' : 'negative',
    strength: Math.abs(value) / largest,
  }));
}
