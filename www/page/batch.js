/**
 * The slices that were added: what each one is called, how far it is and what came of it. They are
 * examined in the order they were added, as many at once as the classifier can take, and again when
 * that is asked for. A file that turns out to hold several has a row for each.
 */
import { ClassifierStopped, NamedError } from './named-error.js';
import { SliceStore } from './slice-store.js';
import { pathOf } from './triage/file-paths.js';
import { WaitingLine } from './waiting-line.js';

/**
 * @typedef {import('./open-files.js').Address} Address
 * @typedef {import('./worker.js').Classification} Classification
 * @typedef {import('./worker.js').Examined} Examined
 * @typedef {import('./worker.js').Member} Member
 * @typedef {import('./worker.js').Place} Place
 * @typedef {import('./worker.js').Unpacked} Unpacked
 * @typedef {import('./slice-pixels.js').ShownSlice} ShownSlice
 */

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {string} source  The file's name, for a member of an archive with its path there.
 * @property {string} name  The same with the slice's number if there are several: what tables call it,
 *   in whatever language the page is.
 * @property {string} path  Of the file from the folder on that it came with, then its path in an archive.
 * @property {Rank} rank
 * @property {Address} address
 * @property {number} frame  Which of the slices there it is, from 0.
 * @property {number} [slices]  How many there are, once that is known.
 * @property {'waiting' | 'running' | 'done' | 'failed'} state
 * @property {Classification} [classification]  The latest answer. There when done, and stays while the
 *   entry is examined again.
 * @property {Place} [place]  Where it belongs in its examination. There when done.
 * @property {Classification[]} earlier  The latest answer of each other model that was asked before.
 * @property {ShownSlice} [thumbnail]  There when done.
 * @property {ShownSlice} [slice]  There when done, unless it was dropped to save memory.
 * @property {NamedError} [error]  There when failed.
 */

/**
 * Where an entry stands among all: the file, the member and the slice, each by its number in order.
 *
 * @typedef {readonly [file: number, member: number, frame: number]} Rank
 */

/**
 * What reads and examines files; in the page, the classifier's client.
 *
 * @typedef {object} Examiner
 * @property {number} width  How many slices are best given to it at once.
 * @property {() => Promise<void>} answering  Resolves when there is a point in asking.
 * @property {(address: Address, frame: number, signal?: AbortSignal) => Promise<Examined | Unpacked>}
 *   examine  Finds what is in an archive, where the address is that of one.
 */

/**
 * @typedef {object} BatchListener
 * @property {(entries: Entry[], after?: Entry) => void} added  What else a file holds comes after its
 *   first slice, other files at the end.
 * @property {(entry: Entry) => void} changed
 * @property {(entries: Entry[]) => void} removed
 * @property {(done: number, total: number) => void} progressed  Counts since the batch was last idle.
 */

/** Most slices of one file, an archive included; an examination has a few hundred. */
const MOST_SLICES = 10_000;

/**
 * @param {Classification['model']} one
 * @param {Classification['model']} other
 * @returns {boolean}
 */
export function isSameModel(one, other) {
  return one.name === other.name && one.version === other.version;
}

/**
 * Whether an entry of one rank comes before that of another.
 *
 * @param {Rank} one
 * @param {Rank} other
 * @returns {boolean}
 */
export function comesBefore(one, other) {
  const differs = one.findIndex((number, i) => number !== other[i]);
  return differs >= 0 && one[differs] < other[differs];
}

export class Batch {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Examiner} */
  #examiner;
  /** @type {BatchListener} */
  #listener;
  #lastId = 0;
  #lastFile = 0;
  #done = 0;
  #total = 0;
  /** @type {WaitingLine<Entry>} */
  #line = new WaitingLine();
  /** How many are being examined at once. */
  #running = 0;
  /** Gives up what is being examined. */
  #cancel = new AbortController();
  #store = new SliceStore();
  /** @type {Map<number, number>}  How many slices there are in files that hold several. */
  #slicesOf = new Map();
  #onTerms;

  /**
   * @param {Examiner} examiner
   * @param {BatchListener} listener
   * @param {(answer: Classification) => Classification} onTerms  Gives an answer on the visitor's terms.
   */
  constructor(examiner, listener, onTerms = (answer) => answer) {
    this.#examiner = examiner;
    this.#listener = listener;
    this.#onTerms = onTerms;
  }

  /** @returns {readonly Entry[]} */
  get entries() {
    return this.#entries;
  }

  /** @param {File[]} files */
  add(files) {
    const added = files.map((file) => {
      const fileId = ++this.#lastFile;
      return this.#entry({ name: file.name, path: pathOf(file) }, [fileId, 0, 0], { fileId, file });
    });
    for (const entry of added) this.#entries.push(entry);
    this.#total += added.length;
    this.#listener.added(added);
    this.#line.append(added);
    this.#progress();
    this.#work();
  }

  /**
   * @param {{ name: string, path: string }} called
   * @param {Rank} rank
   * @param {Address} address
   * @returns {Entry}
   */
  #entry(called, rank, address) {
    const frame = rank[2];
    return { id: ++this.#lastId, source: called.name, ...called, rank, address, frame, state: 'waiting', earlier: [] };
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
    this.#line.append(done);
    this.#progress();
    this.#work();
  }

  /** Gives every answer on the terms of now. */
  restate() {
    for (const entry of this.#entries) {
      entry.earlier = entry.earlier.map(this.#onTerms);
      if (!entry.classification) continue;
      entry.classification = this.#onTerms(entry.classification);
      this.#listener.changed(entry);
    }
  }

  /** Takes the entries that have no answer yet off the list, and leaves others with the one they had. */
  stop() {
    for (const entry of this.#entries) {
      if (!isPending(entry) || !entry.classification) continue;
      entry.state = 'done';
      this.#listener.changed(entry);
    }
    this.#remove(isPending);
  }

  /** Takes every entry off the list. */
  clear() {
    this.#remove(() => true);
  }

  /**
   * The pixels of an entry that is done, read again from its file if they were dropped.
   *
   * @param {Entry} entry
   * @param {AbortSignal} [signal]  Gives up reading.
   * @returns {Promise<ShownSlice>}
   */
  async pixels(entry, signal) {
    if (entry.slice) return entry.slice;
    const { slice } = /** @type {Examined} */ (await this.#examine(entry, signal));
    if (this.#entries[this.#placeOf(entry)] === entry) this.#store.keep(entry, slice);
    return slice;
  }

  #work() {
    const wanted = Math.min(this.#examiner.width, this.#running + this.#line.length);
    while (this.#running < wanted) {
      this.#running++;
      this.#workThrough();
    }
  }

  /** Examines one waiting entry after the other until there is none. */
  async #workThrough() {
    for (;;) {
      await this.#examiner.answering();
      const entry = this.#line.next();
      if (!entry) break;
      entry.state = 'running';
      this.#listener.changed(entry);
      await this.#run(entry, this.#cancel.signal);
    }
    this.#running--;
    if (this.#running > 0) return;
    this.#done = 0;
    this.#total = 0;
  }

  /**
   * @param {Entry} entry
   * @param {AbortSignal} signal
   */
  async #run(entry, signal) {
    try {
      const found = await this.#examine(entry, signal);
      if (signal.aborted) return;
      if ('members' in found) {
        this.#unpack(entry, found.members);
        return;
      }
      if (entry.slices === undefined && found.slices > 1) this.#addFrames(entry, found.slices);
      entry.slices = found.slices;
      this.#finish(entry, found);
    } catch (error) {
      // Those who gave it up have taken it off the list, or left it its answer.
      if (signal.aborted) return;
      if (entry.classification) entry.earlier.push(entry.classification);
      entry.classification = undefined;
      entry.error = error instanceof NamedError ? error : new NamedError('Internal', String(error));
      entry.state = 'failed';
    }
    this.#done++;
    this.#listener.changed(entry);
    this.#progress();
  }

  /**
   * @param {Entry} entry
   * @param {Examined} examined
   */
  #finish(entry, { classification, place, slice, thumbnail }) {
    const answers = entry.classification ? [...entry.earlier, entry.classification] : entry.earlier;
    entry.earlier = answers.filter(({ model }) => !isSameModel(model, classification.model));
    entry.classification = this.#onTerms(classification);
    entry.place = place;
    entry.thumbnail = thumbnail;
    this.#store.keep(entry, slice);
    entry.state = 'done';
  }

  /**
   * Examines a slice, and once more if the classifier stopped over it: that may have had another cause.
   *
   * @param {Entry} entry
   * @param {AbortSignal} [signal]
   * @returns {Promise<Examined | Unpacked>}
   */
  async #examine({ address, frame }, signal) {
    try {
      return await this.#examiner.examine(address, frame, signal);
    } catch (error) {
      if (!(error instanceof ClassifierStopped)) throw error;
      return this.#examiner.examine(address, frame, signal);
    }
  }

  /**
   * Makes the entry of an archive that of its first member, and adds the others.
   *
   * @param {Entry} first
   * @param {Member[]} members
   */
  #unpack(first, members) {
    const { name: archive, path, address } = first;
    const entries = members.map(({ name, index }, i) => {
      /** @type {Rank} */
      const rank = [first.rank[0], i, 0];
      const called = { name: `${archive}/${name}`, path: `${path}/${name}` };
      return this.#entry(called, rank, { ...address, member: index });
    });
    Object.assign(first, { ...entries[0], id: first.id });
    this.#listener.changed(first);
    this.#insert(entries.slice(1), first);
    this.#line.putFirst([first, ...entries.slice(1)]);
    this.#work();
  }

  /**
   * Adds the other slices of a file whose first one was examined.
   *
   * @param {Entry} first
   * @param {number} slices
   */
  #addFrames(first, slices) {
    const { name, path } = first;
    const [file, member] = first.rank;
    const named = (/** @type {number} */ frame) => `${name} (${frame + 1} of ${slices})`;
    const frames = Array.from({ length: slices - 1 }, (_, i) => {
      const entry = this.#entry({ name, path }, [file, member, i + 1], first.address);
      return { ...entry, name: named(i + 1), slices };
    });
    this.#insert(frames, first);
    first.name = named(0);
    this.#line.putFirst(frames);
    this.#work();
  }

  /**
   * Adds entries behind one of the same file.
   *
   * @param {Entry[]} entries
   * @param {Entry} first
   */
  #insert(entries, first) {
    const [file] = first.rank;
    const slices = (this.#slicesOf.get(file) ?? 1) + entries.length;
    if (slices > MOST_SLICES) throw tooMany(slices);
    this.#slicesOf.set(file, slices);
    const at = this.#placeOf(first) + 1;
    this.#entries = [...this.#entries.slice(0, at), ...entries, ...this.#entries.slice(at)];
    this.#total += entries.length;
    this.#listener.added(entries, first);
    this.#progress();
  }

  /**
   * Where an entry is in the list, or would be.
   *
   * @param {Entry} entry
   * @returns {number}
   */
  #placeOf({ rank }) {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comesBefore(this.#entries[middle].rank, rank)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Takes entries off the list, and gives up all that is being examined.
   *
   * @param {(entry: Entry) => boolean} unwanted
   */
  #remove(unwanted) {
    this.#line.clear();
    const removed = this.#entries.filter(unwanted);
    this.#entries = this.#entries.filter((entry) => !unwanted(entry));
    for (const entry of removed) this.#store.drop(entry);
    if (this.#entries.length === 0) this.#slicesOf.clear();
    this.#done = 0;
    this.#total = 0;
    this.#cancel.abort();
    this.#cancel = new AbortController();
    this.#listener.removed(removed);
    this.#progress();
  }

  #progress() {
    this.#listener.progressed(this.#done, this.#total);
  }
}

/**
 * @param {Entry} entry
 * @returns {boolean}
 */
function isPending({ state }) {
  return state === 'waiting' || state === 'running';
}

/**
 * @param {number} slices
 * @returns {NamedError}
 */
function tooMany(slices) {
  return new NamedError('TooLarge', { key: 'problem.tooMany', values: { slices, most: MOST_SLICES } });
}
