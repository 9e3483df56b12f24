/** What the build puts into the page's script: see www/build. */

/** The worker's whole script, the glue of the module included. */
declare const WORKER_SCRIPT: string;

/** Trusted types, where a browser has them. */
declare var trustedTypes:
  | {
      createPolicy(
        name: string,
        rules: { createScriptURL?: (address: string) => string },
      ): { createScriptURL(address: string): unknown };
    }
  | undefined;

/** What each language says, by its tag: the files of page/messages. */
declare const CATALOGUES: Record<string, import('./messages.js').Catalogue>;
