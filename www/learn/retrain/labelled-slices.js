/** The slices in both bins, described by the network once however often they are looked at. */
import { NamedError } from '../../page/named-error.js';
import { pathOf } from '../../page/triage/file-paths.js';

/**
 * @typedef {import('../client.js').LessonClient} LessonClient
 * @typedef {import('../worker.js').Description} Description
 * @typedef {import('../worker.js').SliceAddress} SliceAddress
 */

/**
 * A labelled slice.
 *
 * @typedef {object} Labelled
 * @property {string} name  Of its file, and which slice of it.
 * @property {string} path  Of its file, from the folder or the archive on that was chosen.
 * @property {boolean} haemorrhage
 * @property {SliceAddress} address
 * @property {Float32Array} units
 * @property {Description['classification']} shipped  What the shipped plane says of it.
 * @property {string | undefined} together  What it shares with slices of its own patient: its examination, as
 *   a DICOM header has it, or its file.
 */

/**
 * A file that could not be read.
 *
 * @typedef {{ name: string, error: NamedError }} Refused
 */

export class LabelledSlices {
  #client;
  #network;
  /** @type {Record<'haemorrhage' | 'normal', File[]>} */
  #files = { haemorrhage: [], normal: [] };
  /** @type {Map<File, (Omit<Labelled, 'haemorrhage'> | Refused)[]>}  What is known of each file. */
  #known = new Map();
  #lastId = 0;

  /**
   * @param {LessonClient} client
   * @param {string} network  Whose units describe the slices.
   */
  constructor(client, network) {
    this.#client = client;
    this.#network = network;
  }

  /**
   * @param {'haemorrhage' | 'normal'} bin
   * @param {File[]} files
   */
  add(bin, files) {
    this.#files[bin].push(...files);
  }

  /** @param {'haemorrhage' | 'normal'} bin */
  empty(bin) {
    for (const file of this.#files[bin]) this.#known.delete(file);
    this.#files[bin] = [];
  }

  /**
   * @param {'haemorrhage' | 'normal'} bin
   * @returns {number}  Files in it.
   */
  count(bin) {
    return this.#files[bin].length;
  }

  /** What was read so far, slice by slice, a bin after the other. */
  get slices() {
    return this.#read().filter((one) => 'units' in one);
  }

  /** @returns {Refused[]} */
  get refused() {
    return this.#read().filter((one) => 'error' in one);
  }

  #read() {
    return /** @type {const} */ (['haemorrhage', 'normal']).flatMap((bin) =>
      this.#files[bin].flatMap((file) =>
        (this.#known.get(file) ?? []).map((one) =>
          'error' in one ? one : /** @type {Labelled} */ ({ ...one, haemorrhage: bin === 'haemorrhage' }),
        ),
      ),
    );
  }

  /**
   * Reads the files that are not known yet.
   *
   * @param {AbortSignal} signal  Stops it between two slices; files that were not read through stay unknown.
   * @param {(done: number, all: number) => void} report  Counts files.
   */
  async read(signal, report) {
    const waiting = [...this.#files.haemorrhage, ...this.#files.normal].filter((file) => !this.#known.has(file));
    for (const [i, file] of waiting.entries()) {
      report(i, waiting.length);
      const found = await this.#describe(file, signal);
      if (signal.aborted) return;
      this.#known.set(file, found);
    }
  }

  /**
   * Every slice of a file, up to one that cannot be read.
   *
   * @param {File} file
   * @param {AbortSignal} signal
   */
  async #describe(file, signal) {
    // The lesson's own files have positive numbers.
    const fileId = --this.#lastId;
    const found = [];
    for (let index = 0, slices = 1; index < slices && !signal.aborted; index++) {
      const address = { fileId, file, index };
      try {
        const description = await this.#client.describe(this.#network, address);
        const { units, classification, place, member } = description;
        slices = description.slices;
        found.push({
          name: slices > 1 ? `${file.name} (${index + 1} / ${slices})` : file.name,
          path: member ? `${pathOf(file)}/${member}` : pathOf(file),
          address,
          units,
          shipped: classification,
          together: place.study ?? (slices > 1 && !member ? `file ${fileId}` : undefined),
        });
      } catch (error) {
        if (!(error instanceof NamedError)) throw error;
        found.push({ name: file.name, error });
      }
    }
    return found;
  }
}
