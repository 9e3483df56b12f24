/** A module that breaks, or never ends, when it is told to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DIST, bytes } from './site.mjs';

/**
 * Stands in for the module, and hits a real WebAssembly trap on files that begin with TRAP, a real
 * endless loop on those that begin with LOOP.
 */
const TRAPPING_MODULE = `
import init, { Classifier, OpenFile as Real, classify, phantom } from './haemolens-itself.js';
export default init;
export { Classifier, classify, phantom };
const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 3, 2, 0, 0,
  7, 15, 2, 4, 84, 82, 65, 80, 0, 0, 4, 76, 79, 79, 80, 0, 1,
  10, 13, 2, 3, 0, 0, 11, 7, 0, 3, 64, 12, 0, 11, 11);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
export class OpenFile extends Real {
  static fromBlob(file) {
    exports[new FileReaderSync().readAsText(file.slice(0, 4))]?.();
    return super.fromBlob(file);
  }
}`;

/** Answers for `serveSite` that put it in the place of the module. */
export const trappingModule = () => ({
  '/haemolens.js': bytes(TRAPPING_MODULE, 'text/javascript'),
  '/haemolens-itself.js': bytes(readFileSync(join(DIST, 'haemolens.js')), 'text/javascript'),
});
