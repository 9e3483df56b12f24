/** The Hounsfield units of the selected slice, and of no other: read when they are first wanted. */

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../slice-pixels.js').Measured} Measured
 */

/** Names of pictures that hold grey levels only, whichever of their slices it is. */
const PICTURE = /\.(?:png|jpe?g|webp|bmp|tiff?)(?: \(|$)/i;

/** How long nothing is shown rather than another window than the chosen one, in milliseconds. */
const GRACE_MS = 150;

export class MeasuredSlice {
  /** @type {(entry: Entry, signal: AbortSignal) => Promise<Measured | undefined>} */
  #read;
  #onChange;
  /** @type {WeakMap<Entry, boolean>}  Of those that were read, whether they have any. */
  #known = new WeakMap();
  /** @type {Entry | undefined} */
  #entry;
  /** @type {Measured | undefined} */
  #measured;
  /** @type {'not asked' | 'reading' | 'late' | 'over'} */
  #state = 'not asked';
  #reading = new AbortController();

  /**
   * @param {(entry: Entry, signal: AbortSignal) => Promise<Measured | undefined>} read
   * @param {() => void} onChange  Told when they are there, when they are late and when there are none.
   */
  constructor(read, onChange) {
    this.#read = read;
    this.#onChange = onChange;
  }

  /** Turns to another slice, and gives up and forgets the one before. @param {Entry | undefined} entry */
  set entry(entry) {
    if (entry === this.#entry) return;
    this.#reading.abort();
    this.#entry = entry;
    this.#measured = undefined;
    this.#state = 'not asked';
  }

  /** Whether the slice has any, as far as its name or its file has told. */
  get mayBeThere() {
    const entry = this.#entry;
    if (!entry) return false;
    const { file, member } = entry.address;
    const name = member === undefined && file instanceof File ? file.name : entry.name;
    return this.#known.get(entry) ?? !PICTURE.test(name);
  }

  /** Once they are there. */
  get measured() {
    return this.#measured;
  }

  /** Whether they will be there in no time. */
  get isComing() {
    return this.#state === 'reading';
  }

  /** Reads them, unless that was done. */
  async want() {
    const entry = this.#entry;
    if (!entry || this.#state !== 'not asked') return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#state = 'reading';
    setTimeout(() => {
      if (signal.aborted || this.#state !== 'reading') return;
      this.#state = 'late';
      this.#onChange();
    }, GRACE_MS);
    try {
      const measured = await this.#read(entry, signal);
      if (signal.aborted) return;
      this.#measured = measured;
      this.#known.set(entry, measured !== undefined);
    } catch (error) {
      if (signal.aborted) return;
      // The file is gone since it was examined: the brain window stays.
      console.warn(error);
    }
    this.#state = 'over';
    this.#onChange();
  }
}
