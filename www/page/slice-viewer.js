/** The selected slice, as large as there is room, with an outline of what the network saw. */
import { text } from './messages.js';
import { part } from './page-part.js';
import { drawSlice } from './slice-pixels.js';
import { entryTitle, ungrouped } from './wording.js';

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 */

export class SliceViewer {
  #root;
  #canvas;
  #outline;
  #square;
  /** @type {(entry: Entry, signal: AbortSignal) => Promise<ShownSlice>} */
  #pixels;
  /** @type {ShownSlice | undefined} */
  #drawn;
  /** Gives up what is being read. */
  #reading = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {(entry: Entry, signal: AbortSignal) => Promise<ShownSlice>} pixels  Where an entry's pixels
   *   come from, until they are no longer wanted.
   */
  constructor(root, pixels) {
    this.#root = root;
    this.#pixels = pixels;
    this.#canvas = part(root, 'canvas', HTMLCanvasElement);
    this.#outline = part(root, 'outline', SVGSVGElement);
    this.#square = part(root, 'square', SVGRectElement);
    const toggle = part(root, 'outline-toggle', HTMLInputElement);
    toggle.addEventListener('change', () => root.classList.toggle('outlined', toggle.checked));
    root.classList.toggle('outlined', toggle.checked);
  }

  /** @param {Entry | undefined} entry */
  async show(entry) {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#root.hidden = !entry;
    if (!entry) return;
    // A slice that is examined again keeps its picture meanwhile.
    this.#root.dataset.state = entry.thumbnail ? 'done' : entry.state;
    if (!entry.thumbnail) {
      this.#blank();
      return;
    }
    if (!entry.slice) this.#draw(entry, entry.thumbnail);
    const { signal } = this.#reading;
    try {
      const slice = await this.#pixels(entry, signal);
      if (!signal.aborted) this.#draw(entry, slice);
    } catch (error) {
      // The file is gone since it was examined: its thumbnail stays.
      if (!signal.aborted) console.warn(error);
    }
  }

  #blank() {
    this.#drawn = undefined;
    this.#canvas.width = this.#canvas.height = 0;
    this.#canvas.setAttribute('aria-label', text('picture.nothing'));
    part(this.#root, 'size', HTMLElement).textContent = '';
  }

  /**
   * @param {Entry} entry
   * @param {ShownSlice} slice
   */
  #draw(entry, slice) {
    this.#describe(entry, slice);
    if (slice === this.#drawn) return;
    this.#drawn = slice;
    const { width, height, crop } = slice;
    drawSlice(this.#canvas, slice);
    this.#outline.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#square.setAttribute('x', String(crop.x));
    this.#square.setAttribute('y', String(crop.y));
    this.#square.setAttribute('width', String(crop.side));
    this.#square.setAttribute('height', String(crop.side));
  }

  /**
   * @param {Entry} entry
   * @param {ShownSlice} slice
   */
  #describe(entry, { width, height, original }) {
    this.#canvas.setAttribute('aria-label', text('picture.of', { name: entryTitle(entry) }));
    const size = { width: ungrouped(original.width), height: ungrouped(original.height) };
    part(this.#root, 'size', HTMLElement).textContent =
      width < original.width
        ? text('picture.shownSize', { ...size, shownWidth: ungrouped(width), shownHeight: ungrouped(height) })
        : text('picture.size', size);
  }
}
