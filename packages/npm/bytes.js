/** The bytes of whatever callers hold a file in. */

/** @typedef {import('./index.d.ts').FileContent} FileContent */

/** Works across realms (frames, test environments), where `instanceof` does not. */
const kind = (/** @type {unknown} */ value) => Object.prototype.toString.call(value);

/**
 * @param {FileContent} content
 * @returns {Promise<Uint8Array>}
 * @throws {TypeError} For anything else, such as a path or an address.
 */
export async function bytesOf(content) {
  if (ArrayBuffer.isView(content)) {
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  }
  switch (kind(content)) {
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return new Uint8Array(/** @type {ArrayBufferLike} */ (content));
    case '[object Blob]':
    case '[object File]':
      return new Uint8Array(await /** @type {Blob} */ (content).arrayBuffer());
  }
  throw new TypeError(
    'haemolens takes the content of a file: a File or Blob, an ArrayBuffer, or a Uint8Array. It fetches ' +
      'and opens nothing by itself.',
  );
}
