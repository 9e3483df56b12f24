/**
 * Draws the picture of the page that the README shows, from phantoms alone: `node draw-picture.mjs FILE`.
 * Needs the site in dist/.
 */
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

/** Where the chunks of a PNG file begin. */
const SIGNATURE_BYTES = 8;

/**
 * The same picture in fewer bytes: browsers pack in haste.
 *
 * @param {Buffer} png
 */
function packedWell(png) {
  const parts = [png.subarray(0, SIGNATURE_BYTES)];
  const data = [];
  const add = (type, content) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(body));
    parts.push(length, body, check);
  };
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, end);
    if (type === 'IEND') add('IDAT', deflateSync(inflateSync(Buffer.concat(data)), { level: 9, memLevel: 9 }));
    if (type === 'IDAT') data.push(content);
    else add(type, content);
    // The check of the chunk follows it.
    at = end + 4;
  }
  return Buffer.concat(parts);
}

const [file] = process.argv.slice(2);
const site = await serveSite();
const browser = await launchBrowser();
const visitor = await Visitor.open(browser, site.url, { width: 1200, height: 640, offline: false });
const { page } = visitor;
await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
for (const kind of ['normal', 'subdural', 'intraparenchymal']) await visitor.clickSample(kind);
await visitor.settled(3);
await page.getByTestId('slice-list').getByRole('option').last().click();
await page.mouse.move(0, 0);
writeFileSync(file, packedWell(await page.screenshot()));
await browser.close();
await site.close();
