/**
 * Lets the browser paint the page before the page's scripts put themselves together: what is imported
 * after this waits for the first picture. The module is asked for before, because that takes no time.
 */
import { beginLoading } from './module-code.js';
import { runsVectorCode } from './support.js';

/** Longest wait for the first picture, in milliseconds: a page in the background has none. */
const PATIENCE_MS = 200;

if (runsVectorCode()) beginLoading();
if (!document.hidden) {
  await new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PATIENCE_MS);
  });
}
