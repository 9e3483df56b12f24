/**
 * Lets the browser paint the page before the page's scripts put themselves together: what is imported
 * after this waits for the first picture. The browser has begun to fetch the module by itself, because the
 * page's head says so.
 */
export {};

/** Longest wait for the first picture, in milliseconds: a page in the background has none. */
const PATIENCE_MS = 200;

if (!document.hidden) {
  await new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PATIENCE_MS);
  });
}
