/** Files of pictures that tests make: small ones, odd ones, broken ones. */
import { crc32, deflateSync } from 'node:zlib';

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/**
 * A grey 8-bit PNG.
 *
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} grey
 */
export function greyPng(width, height, grey) {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = grey(x, y);
  }
  return png(width, height, deflateSync(rows, { level: 1 }));
}

/**
 * A PNG of 16-bit colour that takes its reader long: a grey disc, `side` pixels in each direction.
 *
 * @param {number} side
 */
export function heavyPng(side) {
  const row = (inside) => {
    const line = Buffer.alloc(1 + 6 * side);
    const [from, to] = [side / 2 - inside, side / 2 + inside].map(Math.floor);
    for (let x = from; x < to; x++) line.fill(100 + (x % 8), 1 + 6 * x, 7 + 6 * x);
    return line;
  };
  const deflate = [];
  const [disc, edge] = [row(side * 0.35), row(0)];
  for (let y = 0; y < side; y++) deflate.push(Math.abs(y - side / 2) < side * 0.4 ? disc : edge);
  return png(side, side, deflateSync(Buffer.concat(deflate), { level: 1 }), { depth: 16, colour: 2 });
}

/**
 * A PNG of a few hundred kilobytes that unpacks to `width` × `height` black pixels.
 *
 * @param {number} width
 * @param {number} height
 */
export function pngBomb(width, height) {
  return png(width, height, deflateSync(Buffer.alloc(height * (width + 1)), { level: 9 }));
}

function png(width, height, packed, { depth = 8, colour = 0 } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Bits, kind of colour (0 is grey), and the only methods there are of packing, filtering and
  // interlacing.
  header.set([depth, colour, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', packed),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * Re-encodes a picture with the browser's own encoders.
 *
 * @param {import('playwright-core').Page} page
 * @param {Buffer} picture
 * @param {{ type: string, quality?: number, tint?: string, hole?: boolean }} options  `tint` colours
 *   it; `hole` makes a part of it transparent.
 * @returns {Promise<Buffer>}
 */
export async function reencoded(page, picture, options) {
  const encoded = await page.evaluate(
    async ([base64, { type, quality, tint, hole }]) => {
      const binary = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([binary]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      if (tint) {
        context.globalCompositeOperation = 'multiply';
        context.fillStyle = tint;
        context.fillRect(0, 0, canvas.width, canvas.height);
      }
      if (hole) {
        context.globalCompositeOperation = 'destination-out';
        context.fillStyle = 'rgb(0 0 0 / 60%)';
        context.fillRect(canvas.width / 2, canvas.height / 3, canvas.width / 4, canvas.height / 4);
      }
      const blob = await canvas.convertToBlob({ type, quality });
      if (blob.type !== type) throw new Error(`this browser cannot write ${type}`);
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    },
    [picture.toString('base64'), options],
  );
  return Buffer.from(encoded, 'base64');
}
