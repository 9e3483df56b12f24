/** The slices that are kept for the viewer, as many as there is room for. */

/**
 * @typedef {import('./batch.js').Entry} Entry
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 */

/** Pixels that are kept, in bytes. Beyond this the oldest are dropped and read again on demand. */
const MOST_BYTES = 16 * 2 ** 20;

export class SliceStore {
  /** @type {Set<Entry>}  Those whose pixels are kept, oldest first. */
  #kept = new Set();
  #bytes = 0;

  /**
   * @param {Entry} entry
   * @param {ShownSlice} slice
   */
  keep(entry, slice) {
    this.drop(entry);
    entry.slice = slice;
    this.#kept.add(entry);
    this.#bytes += slice.grey.length;
    for (const oldest of this.#kept) {
      if (this.#bytes <= MOST_BYTES || oldest === entry) break;
      this.drop(oldest);
    }
  }

  /** @param {Entry} entry */
  drop(entry) {
    if (!this.#kept.delete(entry)) return;
    this.#bytes -= entry.slice?.grey.length ?? 0;
    entry.slice = undefined;
  }
}
