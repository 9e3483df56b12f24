/** A visitor: a page in a headless browser, and what such a person does and sees there. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { chromium } from 'playwright-core';

/**
 * Longest wait for anything. A classification takes a fraction of a second, but others may have the
 * processors: this ends a wait that is in vain, and says nothing of how fast the page is.
 */
export const PATIENCE_MS = 180_000;

/** @param {string[]} [more]  Further flags. */
export function launchBrowser(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    timeout: PATIENCE_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/** Runs in the page: `announced` lists whatever is read aloud, however soon something else follows. */
function recordAnnouncements() {
  globalThis.announced = [];
  document.addEventListener('DOMContentLoaded', () => {
    const announcement = document.querySelector('[data-part="announcement"]');
    if (!announcement) return;
    const record = () => globalThis.announced.push(announcement.textContent);
    new MutationObserver(record).observe(announcement, { childList: true, characterData: true, subtree: true });
  });
}

export class Visitor {
  /** Whatever the browser complained about: errors of scripts, refused loads, breaches of policy. */
  complaints = [];
  /** Every address that the page or its worker asked for. */
  requests = [];

  /**
   * Opens the page in a window of its own.
   *
   * @param {import('playwright-core').Browser} browser
   * @param {string} url
   * @param {{ width?: number, height?: number, before?: (() => void) | string, bypassCSP?: boolean,
   *   offline?: boolean, locale?: string }} [options]  `before` runs in the page ahead of its scripts;
   *   `bypassCSP` lifts its policy; without `offline` nothing is kept for offline use, which loads the
   *   site once more; `locale` is the language that the browser's owner likes best.
   */
  static async open(browser, url, options = {}) {
    const { width = 1280, height = 900, before, bypassCSP = false, offline = true, locale } = options;
    const serviceWorkers = offline ? 'allow' : 'block';
    const viewport = { width, height };
    const context = await browser.newContext({ viewport, bypassCSP, serviceWorkers, locale });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const visitor = new Visitor();
    visitor.page = page;
    context.on('request', (request) => visitor.requests.push(request.url()));
    page.on('websocket', (socket) => visitor.requests.push(socket.url()));
    page.on('pageerror', (error) => visitor.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') visitor.complaints.push(message.text());
    });
    await page.addInitScript(recordAnnouncements);
    if (before) await page.addInitScript(before);
    await page.goto(url);
    return visitor;
  }

  close() {
    return this.page.context().close();
  }

  modelIs(phase) {
    return this.page.locator(`[data-part="status"][data-phase="${phase}"]`).waitFor();
  }

  /** Waits until the page says, or has said since this was last asked, that it has changed to the model of this title. */
  async modelInUse(title) {
    const wanted = `${title} is in use`;
    await this.page.waitForFunction((words) => globalThis.announced.some((said) => said.includes(words)), wanted);
    await this.page.evaluate(() => (globalThis.announced.length = 0));
  }

  /** Picks files: paths, or `{ name, mimeType, buffer }`, or some of each. */
  async pick(files) {
    const given = [files].flat();
    const mixed = given.some((file) => typeof file === 'object');
    const read = (file) => ({
      name: basename(file),
      mimeType: 'application/octet-stream',
      buffer: readFileSync(file),
    });
    const picked = given.map((file) => (mixed && typeof file === 'string' ? read(file) : file));
    await this.page.getByTestId('file-input').setInputFiles(picked);
  }

  /** Drops files and folders on the page as the operating system does. */
  async drop(paths) {
    const session = await this.page.context().newCDPSession(this.page);
    const box = await this.page.getByTestId('drop-zone').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + 10];
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await session.send('Input.dispatchDragEvent', { type, x, y, data });
    }
    await session.detach();
  }

  async clickSample(kind) {
    await this.page.locator(`[data-part="${kind}"]:enabled`).click();
  }

  /** Waits until the list has `count` rows and each of them is done or failed. */
  async settled(count) {
    const isSettled = (expected) => {
      const rows = [...document.querySelectorAll('[data-testid="slice-list"] [role="option"]')];
      const over = rows.filter((row) => ['done', 'failed'].includes(row.dataset.state));
      return rows.length === expected && over.length === expected;
    };
    // Seldom enough that looking is no burden for the page.
    await this.page.waitForFunction(isSettled, count, { polling: 50 });
  }

  /** How many workers the page has at most: as many as there are processors, and no more than eight. */
  mostWorkers() {
    return this.page.evaluate(() => Math.min(navigator.hardwareConcurrency, 8));
  }

  /** Waits until whole examinations are answered, and shown: that comes after all their slices. */
  async examined() {
    await this.page
      .locator('[data-testid="study"]:not([hidden]) [data-part="studies"]:not([aria-busy])')
      .waitFor();
  }

  /** Has the results copied, waits until the page says that they are, and gives them. */
  async copyTable() {
    // It says so for a moment only, which must not be missed.
    await this.page.locator('[data-part="copy"]').evaluate((button) => {
      window.copied = new Promise((resolve) => {
        new MutationObserver(() => button.textContent === 'Copied' && resolve()).observe(button, { childList: true });
      });
    });
    await this.page.getByRole('button', { name: 'Copy as CSV' }).click();
    await this.page.evaluate(() => window.copied);
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Waits until nothing on the page is on its way from one look to another. */
  async still() {
    await this.page.evaluate(async () => {
      const passing = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity);
      await Promise.allSettled(passing.map(({ finished }) => finished));
    });
  }

  /** The rows of the list as text. */
  rows() {
    return this.page.getByTestId('slice-list').getByRole('option').allInnerTexts();
  }

  /** The names in the rows of the list. */
  names() {
    return this.page
      .locator('[data-testid="slice-list"] [data-part="name"]')
      .evaluateAll((names) => names.map(({ textContent }) => textContent));
  }

  /** What the page says about the selected slice. */
  result() {
    return this.page.getByTestId('result').evaluate((result) => {
      const value = (name) => result.querySelector(`[data-testid="${name}"]`).dataset.value;
      return {
        file: result.querySelector('h2').textContent,
        label: value('label'),
        probability: Number(value('probability')),
        margin: Number(value('margin')),
        distance: Number(result.querySelector('[data-part="guard"]').dataset.value),
        warned: result.querySelector('[data-testid="guard"]').checkVisibility(),
      };
    });
  }

  /** What the page says about each slice of the list, found with the keyboard. */
  async allResults() {
    const options = this.page.getByTestId('slice-list').getByRole('option');
    const results = [];
    await options.first().click();
    for (let i = 0; i < (await options.count()); i++) {
      if (i > 0) await this.page.keyboard.press('ArrowDown');
      results.push(await this.result());
    }
    return results;
  }

  /** The problems shown: names of files and of errors, and the messages. */
  problems() {
    return this.page.getByTestId('error').evaluate((panel) =>
      [...panel.querySelectorAll('li')].map((item) => ({
        file: item.querySelector('h3').textContent,
        name: item.dataset.value,
        message: item.querySelector('p').textContent,
      })),
    );
  }
}
