/**
 * The files that a worker has open: the one that was asked for last, and the last archive. So a file of
 * many slices is read and understood once, and an archive's list is.
 */
import { OpenFile } from '../haemolens.js';

/**
 * Where slices are: in a file that the page was given, or in one of its members if it is an archive.
 *
 * @typedef {object} Address
 * @property {number} fileId  The same for the same file.
 * @property {Blob} file
 * @property {number} [member]  The archive's own number for it.
 */

export class OpenFiles {
  /** @type {{ fileId: number, handle: OpenFile } | undefined} */
  #archive;
  /** @type {{ fileId: number, member?: number, handle: OpenFile } | undefined} */
  #slices;

  /**
   * Opens a file, unless it is open, and closes the one before.
   *
   * @param {Address} address
   * @returns {OpenFile}  Stays open until another is asked for.
   */
  open({ fileId, file, member }) {
    const open = this.#slices;
    if (open?.fileId === fileId && open.member === member) return open.handle;
    if (this.#archive?.fileId === fileId && member === undefined) return this.#archive.handle;
    // Before anything else is opened: memory that was given back is used again.
    this.#closeSlices();
    if (member === undefined) return this.#openFile(fileId, file);
    const archive = this.#archive?.fileId === fileId ? this.#archive.handle : this.#openFile(fileId, file);
    const handle = archive.openMember(member);
    this.#slices = { fileId, member, handle };
    return handle;
  }

  /**
   * @param {number} fileId
   * @param {Blob} file
   * @returns {OpenFile}
   */
  #openFile(fileId, file) {
    const handle = OpenFile.fromBlob(file);
    if (handle.isArchive) {
      this.#archive?.handle.free();
      this.#archive = { fileId, handle };
    } else {
      this.#slices = { fileId, handle };
    }
    return handle;
  }

  #closeSlices() {
    this.#slices?.handle.free();
    this.#slices = undefined;
  }
}
