/**
 * Drawn slices for the bins, of patients that nobody is: the phantoms, each turned, moved and lit anew,
 * their blood fainter or clearer.
 */

import { scattered } from '../scattered.js';

/** @typedef {import('../worker.js').PhantomKind} PhantomKind */

/** How far a drawing may be turned in radians, moved and stretched in shares of its side, and lit. */
const VARIED = { turn: 0.16, move: 0.03, stretch: 0.06, light: 0.12 };

/** How much of the blood is seen, from almost none to all but. */
const BLOOD = { from: 0.1, to: 0.7 };

/**
 * @param {(kind: PhantomKind) => Promise<Uint8Array<ArrayBuffer>>} phantom  Draws one as BMP file.
 * @param {PhantomKind[]} kinds  One after the other.
 * @param {number} count
 * @returns {Promise<File[]>}  PNG files.
 */
export async function drawnSlices(phantom, kinds, count) {
  const bitmap = async (/** @type {PhantomKind} */ kind) =>
    createImageBitmap(new Blob([await phantom(kind)], { type: 'image/bmp' }));
  const [normal, ...bitmaps] = await Promise.all([bitmap('normal'), ...kinds.map(bitmap)]);
  const files = [];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length];
    const blob = await varied(normal, bitmaps[i % kinds.length], i + 1000 * kind.length);
    files.push(new File([blob], `drawn-${kind}-${patient(i)}.png`));
  }
  for (const bitmap of [normal, ...bitmaps]) bitmap.close();
  return files;
}

/**
 * A patient's letters: a to z, then aa to zz.
 *
 * @param {number} number  From 0.
 */
function patient(number) {
  const letter = (/** @type {number} */ i) => String.fromCharCode(97 + i);
  return number < 26 ? letter(number) : letter(Math.floor(number / 26) - 1) + letter(number % 26);
}

/**
 * @param {ImageBitmap} normal
 * @param {ImageBitmap} bitmap
 * @param {number} seed  Of what is at random.
 */
function varied(normal, bitmap, seed) {
  let place = 0;
  const draw = () => 2 * scattered(seed, place++) - 1;
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillRect(0, 0, width, height);
  context.translate(width * (0.5 + VARIED.move * draw()), height * (0.5 + VARIED.move * draw()));
  context.rotate(VARIED.turn * draw());
  context.scale(1 + VARIED.stretch * draw(), 1 + VARIED.stretch * draw());
  context.filter = `brightness(${1 + VARIED.light * draw()})`;
  context.drawImage(normal, -width / 2, -height / 2);
  context.globalAlpha = BLOOD.from + ((BLOOD.to - BLOOD.from) * (draw() + 1)) / 2;
  context.drawImage(bitmap, -width / 2, -height / 2);
  return canvas.convertToBlob({ type: 'image/png' });
}
