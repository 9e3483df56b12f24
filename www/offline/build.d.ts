/** What the build puts into the service worker: see www/build. */

/** The files that the page needs. */
declare const SITE_FILES: { path: string; sha256: string }[];

/** A digest of all of them. */
declare const SITE_VERSION: string;
