/** Where the WebAssembly file comes from when the caller of `init` names no source. */

/**
 * Bytes of the file, or nothing where the file is to be fetched from beside the scripts.
 *
 * @type {() => Promise<Uint8Array<ArrayBuffer>> | undefined}
 */
let read = () => undefined;

/** @param {() => Promise<Uint8Array<ArrayBuffer>>} reader  Replaces fetching. */
export function readModuleBy(reader) {
  read = reader;
}

/** @returns {Promise<Uint8Array<ArrayBuffer>> | undefined} */
export function ownModule() {
  return read();
}
