/** ZIP archives that tests make. */
import { crc32, deflateRawSync } from 'node:zlib';

/** Compression methods (PKWARE's APPNOTE, 4.4.5). */
const STORED = 0;
const DEFLATED = 8;

/** What a local header and an entry of the central directory have in common, from the version on. */
function facts(length, { packed, bytes, name, method }) {
  const field = Buffer.alloc(length);
  field.writeUInt16LE(20, 0);
  field.writeUInt16LE(method, 4);
  // 1 January 1980.
  field.writeUInt16LE(0x21, 8);
  field.writeUInt32LE(crc32(bytes), 10);
  field.writeUInt32LE(packed.length, 14);
  field.writeUInt32LE(bytes.length, 18);
  field.writeUInt16LE(name.length, 22);
  return field;
}

/**
 * An archive.
 *
 * @param {{ name: string, bytes: Buffer, stored?: boolean }[]} members  Packed by deflate, unless they
 *   are to be stored as they are.
 * @returns {Buffer}
 */
export function zipFile(members) {
  const [files, directory] = [[], []];
  let offset = 0;
  for (const { name: text, bytes, stored } of members) {
    const name = Buffer.from(text);
    const method = stored ? STORED : DEFLATED;
    const packed = stored ? bytes : deflateRawSync(bytes);
    const member = { packed, bytes, name, method };
    const file = [Buffer.from('PK\x03\x04'), facts(26, member), name, packed];
    const entry = facts(40, member);
    entry.writeUInt32LE(offset, 36);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), entry, name);
    files.push(...file);
    offset += file.reduce((sum, part) => sum + part.length, 0);
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}
