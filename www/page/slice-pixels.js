/** The grey pixels of a slice: made smaller for the screen, and put on a canvas. */
import { OUTSIDE } from './viewer/window.js';

/**
 * A slice as the page keeps it.
 *
 * @typedef {object} ShownSlice
 * @property {number} width  Pixels kept.
 * @property {number} height
 * @property {Uint8Array} grey  Row by row, 0 (black) to 255 (white).
 * @property {{ x: number, y: number, side: number }} crop  The square that the network saw, in kept
 *   pixels; it may reach past the edges.
 * @property {{ width: number, height: number }} original  Pixels in the file.
 */

/**
 * What a CT slice measured, as the page keeps it: Hounsfield units row by row.
 *
 * @typedef {{ width: number, height: number, values: Int16Array }} Measured
 */

/**
 * Shrinks a slice by averaging square blocks until neither side is over `longest`.
 *
 * @param {{ width: number, height: number, grey: Uint8Array, crop: ShownSlice['crop'] }} slice
 * @param {number} longest
 * @returns {ShownSlice}
 */
export function shrinkSlice({ width, height, grey, crop }, longest) {
  const { block, columns, rows, blockWidth, blockHeight } = blocks(width, height, longest);
  const original = { width, height };
  if (block <= 1) return { width, height, grey, crop, original };

  const shrunk = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let y = row * block; y < row * block + blockHeight; y++) {
        const start = y * width + column * block;
        for (let x = start; x < start + blockWidth; x++) sum += grey[x];
      }
      shrunk[row * columns + column] = Math.round(sum / (blockWidth * blockHeight));
    }
  }
  const shrunkCrop = { x: crop.x / block, y: crop.y / block, side: crop.side / block };
  return { width: columns, height: rows, grey: shrunk, crop: shrunkCrop, original };
}

/**
 * Shrinks what a slice measured in the same way. What lies outside of the image counts only where
 * nothing else is in a block.
 *
 * @param {Measured} measured
 * @param {number} longest
 * @returns {Measured}
 */
export function shrinkMeasured({ width, height, values }, longest) {
  const { block, columns, rows, blockWidth, blockHeight } = blocks(width, height, longest);
  if (block <= 1) return { width, height, values };
  const shrunk = new Int16Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let [sum, count] = [0, 0];
      for (let y = row * block; y < row * block + blockHeight; y++) {
        const start = y * width + column * block;
        for (let x = start; x < start + blockWidth; x++) {
          if (values[x] === OUTSIDE) continue;
          sum += values[x];
          count++;
        }
      }
      shrunk[row * columns + column] = count > 0 ? Math.round(sum / count) : OUTSIDE;
    }
  }
  return { width: columns, height: rows, values: shrunk };
}

/**
 * The square blocks of pixels that become one each, so that neither side is over `longest`. A slice
 * thinner than one block is averaged over what it has.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} longest
 */
function blocks(width, height, longest) {
  const block = Math.ceil(Math.max(width, height) / longest);
  return {
    block,
    columns: Math.max(1, Math.floor(width / block)),
    rows: Math.max(1, Math.floor(height / block)),
    blockWidth: Math.min(block, width),
    blockHeight: Math.min(block, height),
  };
}

/**
 * Gives a canvas the size and the pixels of a slice.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number, grey: Uint8Array }} slice
 */
export function drawSlice(canvas, { width, height, grey }) {
  canvas.width = width;
  canvas.height = height;
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 0xff000000 | (grey[i] * 0x010101);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}
