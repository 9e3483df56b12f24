/**
 * What work costs, by the processor's time and not by the clock's: how long others keep the processors
 * from a browser is no matter.
 */

/**
 * Counts what a page's own thread works.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<() => Promise<number>>}  Gives the milliseconds since some moment.
 */
export async function pageThread(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
}

/**
 * Counts what all processes of a browser work, those with the workers of its pages among them.
 *
 * @param {import('playwright-core').Browser} browser
 * @returns {Promise<() => Promise<number>>}  Gives the seconds since some moment.
 */
export async function wholeBrowser(browser) {
  const session = await browser.newBrowserCDPSession();
  return async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
}
