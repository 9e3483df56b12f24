/** Three phantoms, drawn by the module, for those who have no slice at hand. */
import { part } from './page-part.js';

/** @typedef {import('./worker.js').PhantomKind} PhantomKind */

/** @type {PhantomKind[]} */
const KINDS = ['normal', 'intraparenchymal', 'subdural'];

/**
 * Draws the samples on their buttons and makes these work.
 *
 * @param {HTMLElement} root
 * @param {(kind: PhantomKind) => Promise<Uint8Array<ArrayBuffer>>} draw  Gives a BMP file.
 * @param {(file: File) => void} onChoose
 */
export function offerSamples(root, draw, onChoose) {
  for (const kind of KINDS) {
    // Without a model a button stays disabled; the page's status line says why.
    offerSample(part(root, kind, HTMLButtonElement), kind, draw, onChoose).catch(console.warn);
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {PhantomKind} kind
 * @param {(kind: PhantomKind) => Promise<Uint8Array<ArrayBuffer>>} draw
 * @param {(file: File) => void} onChoose
 */
async function offerSample(button, kind, draw, onChoose) {
  // Firefox keeps the state that a button had before the page was loaded anew.
  button.disabled = true;
  const canvas = part(button, 'thumbnail', HTMLCanvasElement);
  const file = new File([await draw(kind)], `phantom-${kind}.bmp`, { type: 'image/bmp' });
  const context = canvas.getContext('2d');
  if (context) context.imageSmoothingQuality = 'high';
  context?.drawImage(await createImageBitmap(file), 0, 0, canvas.width, canvas.height);
  button.addEventListener('click', () => onChoose(file));
  button.disabled = false;
}
