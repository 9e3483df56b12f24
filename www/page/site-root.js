/** The folder that the site lies in: a page below it says the way up. */
export const SITE = new URL(document.documentElement.dataset.site ?? './', document.baseURI);
