/**
 * The slices that were added: what each one is called, how far it is and what came of it. They are
 * examined in the order they were added, as many at once as the classifier can take, and again when
 * that is asked for.
 */
import { ClassifierStopped, NamedError } from './named-error.js';

/**
 * @typedef {import('./worker.js').Classification} Classification
 * @typedef {import('./worker.js').Examined} Examined
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 */

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} name
 * @property {File} file
 * @property {number} frame  Which of the file's slices it is, from 0.
 * @property {'waiting' | 'running' | 'done' | 'failed'} state
 * @property {Classification} [classification]  The latest answer. There when done, and stays while the
 *   entry is examined again.
 * @property {Classification[]} earlier  The latest answer of each other model that was asked before.
 * @property {ShownSlice} [thumbnail]  There when done.
 * @property {ShownSlice} [slice]  There when done, unless it was dropped to save memory.
 * @property {NamedError} [error]  There when failed.
 */

/**
 * What examines the bytes of files; in the page, the classifier's client.
 *
 * @typedef {object} Examiner
 * @property {number} width  How many files it can examine at once.
 * @property {() => Promise<void>} answering  Resolves when there is a point in asking.
 * @property {(bytes: Uint8Array<ArrayBuffer>, frame: number) => Promise<Examined>} examine
 */

/**
 * @typedef {object} BatchListener
 * @property {(entries: Entry[], after?: Entry) => void} added  The further slices of a file come after
 *   its first one, others at the end.
 * @property {(entry: Entry) => void} changed
 * @property {(entries: Entry[]) => void} removed
 * @property {(done: number, total: number) => void} progressed  Counts since the batch was last idle.
 */

/** Largest file that is read at all; a single slice is a hundredth of this. */
export const LARGEST_FILE = 256 * 2 ** 20;

/** Pixels kept for the viewer, in bytes. Beyond this the oldest are dropped and read again on demand. */
const LARGEST_STORE = 256 * 2 ** 20;

/**
 * @param {Classification['model']} one
 * @param {Classification['model']} other
 * @returns {boolean}
 */
export function isSameModel(one, other) {
  return one.name === other.name && one.version === other.version;
}

/**
 * @param {File} file
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function readFile(file) {
  if (file.size > LARGEST_FILE) {
    const size = Math.round(file.size / 2 ** 20);
    const limit = LARGEST_FILE / 2 ** 20;
    const advice = 'Export the slice on its own and add that.';
    throw new NamedError('TooLarge', `This file has ${size} MB; the limit is ${limit} MB. ${advice}`);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    const advice = 'Check that it is still where it was and that you may open it, then add it again.';
    throw new NamedError('CorruptImage', `The browser was not allowed to read this file. ${advice}`);
  }
}

export class Batch {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Examiner} */
  #examiner;
  /** @type {BatchListener} */
  #listener;
  #lastId = 0;
  #done = 0;
  #total = 0;
  /** How many are being examined at once. */
  #running = 0;
  /** @type {Entry[]} Those whose pixels are kept, oldest first. */
  #stored = [];

  /**
   * @param {Examiner} examiner
   * @param {BatchListener} listener
   */
  constructor(examiner, listener) {
    this.#examiner = examiner;
    this.#listener = listener;
  }

  /** @returns {readonly Entry[]} */
  get entries() {
    return this.#entries;
  }

  /** @param {File[]} files */
  add(files) {
    /** @type {Entry[]} */
    const added = files.map((file) => ({
      id: ++this.#lastId,
      name: file.name,
      file,
      frame: 0,
      state: 'waiting',
      earlier: [],
    }));
    this.#entries.push(...added);
    this.#total += added.length;
    this.#listener.added(added);
    this.#progress();
    this.#work();
  }

  /**
   * Examines entries that are done once more.
   *
   * @param {Entry[]} entries
   */
  again(entries) {
    const done = entries.filter(({ state }) => state === 'done');
    for (const entry of done) {
      entry.state = 'waiting';
      this.#listener.changed(entry);
    }
    this.#total += done.length;
    this.#progress();
    this.#work();
  }

  /**
   * Takes the entries that still wait off the list, or leaves them with the answer that they had; those
   * being examined are finished.
   */
  stop() {
    for (const entry of this.#entries) {
      if (entry.state !== 'waiting' || !entry.classification) continue;
      entry.state = 'done';
      this.#listener.changed(entry);
    }
    this.#remove((entry) => entry.state === 'waiting');
  }

  /** Takes every entry off the list. */
  clear() {
    this.#remove(() => true);
  }

  /**
   * The pixels of an entry that is done, read again from its file if they were dropped.
   *
   * @param {Entry} entry
   * @returns {Promise<ShownSlice>}
   */
  async pixels(entry) {
    if (entry.slice) return entry.slice;
    const { slice } = await this.#examine(entry);
    this.#store(entry, slice);
    return slice;
  }

  #work() {
    const waiting = this.#entries.filter(({ state }) => state === 'waiting').length;
    const wanted = Math.min(this.#examiner.width, this.#running + waiting);
    while (this.#running < wanted) {
      this.#running++;
      this.#workThrough();
    }
  }

  /** Examines one waiting entry after the other until there is none. */
  async #workThrough() {
    for (;;) {
      await this.#examiner.answering();
      const entry = this.#entries.find(({ state }) => state === 'waiting');
      if (!entry) break;
      entry.state = 'running';
      this.#listener.changed(entry);
      await this.#run(entry);
      // It may have been cleared meanwhile, and then counts no more.
      if (this.#entries.includes(entry)) {
        this.#done++;
        this.#listener.changed(entry);
        this.#progress();
      }
    }
    this.#running--;
    if (this.#running > 0) return;
    this.#done = 0;
    this.#total = 0;
  }

  /** @param {Entry} entry */
  async #run(entry) {
    try {
      const { classification, slice, thumbnail, slices } = await this.#examine(entry);
      if (slices > 1 && entry.name === entry.file.name) this.#addFurther(entry, slices);
      const answers = entry.classification ? [...entry.earlier, entry.classification] : entry.earlier;
      entry.earlier = answers.filter(({ model }) => !isSameModel(model, classification.model));
      entry.classification = classification;
      entry.thumbnail = thumbnail;
      this.#store(entry, slice);
      entry.state = 'done';
    } catch (error) {
      if (entry.classification) entry.earlier.push(entry.classification);
      entry.classification = undefined;
      entry.error = error instanceof NamedError ? error : new NamedError('Internal', String(error));
      entry.state = 'failed';
    }
  }

  /**
   * Examines a file, and once more if the classifier stopped over it: that may have had another cause.
   *
   * @param {Entry} entry
   * @returns {Promise<Examined>}
   */
  async #examine({ file, frame }) {
    try {
      return await this.#examiner.examine(await readFile(file), frame);
    } catch (error) {
      if (!(error instanceof ClassifierStopped)) throw error;
      return this.#examiner.examine(await readFile(file), frame);
    }
  }

  /**
   * Adds the other slices of a file whose first one was examined.
   *
   * @param {Entry} first
   * @param {number} slices
   */
  #addFurther(first, slices) {
    const at = this.#entries.indexOf(first);
    // It may have been cleared meanwhile.
    if (at < 0) return;
    const { file } = first;
    const named = (/** @type {number} */ frame) => `${file.name} (${frame + 1} of ${slices})`;
    first.name = named(0);
    /** @type {Entry[]} */
    const further = [];
    for (let frame = 1; frame < slices; frame++) {
      const id = ++this.#lastId;
      further.push({ id, name: named(frame), file, frame, state: 'waiting', earlier: [] });
    }
    this.#entries.splice(at + 1, 0, ...further);
    this.#total += further.length;
    this.#listener.added(further, first);
    this.#work();
  }

  /**
   * @param {Entry} entry
   * @param {ShownSlice} slice
   */
  #store(entry, slice) {
    entry.slice = slice;
    this.#stored = [...this.#stored.filter((other) => other !== entry), entry];
    let bytes = this.#stored.reduce((sum, { slice: kept }) => sum + (kept?.grey.length ?? 0), 0);
    while (bytes > LARGEST_STORE && this.#stored.length > 1) {
      const oldest = this.#stored.shift();
      bytes -= oldest?.slice?.grey.length ?? 0;
      if (oldest) oldest.slice = undefined;
    }
  }

  /** @param {(entry: Entry) => boolean} unwanted */
  #remove(unwanted) {
    const removed = this.#entries.filter(unwanted);
    this.#entries = this.#entries.filter((entry) => !unwanted(entry));
    this.#stored = this.#stored.filter((entry) => !unwanted(entry));
    const left = this.#entries.filter(({ state }) => state === 'waiting' || state === 'running');
    if (left.length === 0) this.#done = 0;
    this.#total = this.#done + left.length;
    this.#listener.removed(removed);
    this.#progress();
  }

  #progress() {
    this.#listener.progressed(this.#done, this.#total);
  }
}
