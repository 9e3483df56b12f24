/**
 * Draws the picture of the page that the README shows, from phantoms alone: `node draw-picture.mjs FILE`.
 * Needs the site in dist/.
 */
import { writeFileSync } from 'node:fs';

import { serveSite } from './site.mjs';
import { Visitor, launchBrowser } from './visitor.mjs';

const [file] = process.argv.slice(2);
const site = await serveSite();
const browser = await launchBrowser();
const visitor = await Visitor.open(browser, site.url, { width: 1200, height: 610, offline: false });
const { page } = visitor;
await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
for (const kind of ['normal', 'subdural', 'intraparenchymal']) await visitor.clickSample(kind);
await visitor.settled(3);
await page.getByTestId('slice-list').getByRole('option').last().click();
await page.mouse.move(0, 0);
writeFileSync(file, await page.screenshot());
await browser.close();
await site.close();
