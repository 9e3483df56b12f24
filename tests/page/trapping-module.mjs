/** A module that breaks when it is told to. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DIST, bytes } from './site.mjs';

/** Stands in for the module, and hits a real WebAssembly trap on files that begin with TRAP. */
const TRAPPING_MODULE = `
import init, { Classifier as Real, classify, phantom } from './haemolens-itself.js';
export default init;
export { classify, phantom };
const code = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0,
  7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11);
const { trap } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
export class Classifier extends Real {
  static fromModel(model) {
    return Object.setPrototypeOf(super.fromModel(model), Classifier.prototype);
  }
  examine(image) {
    if (String.fromCharCode(...image.subarray(0, 4)) === 'TRAP') trap();
    return super.examine(image);
  }
}`;

/** Answers for `serveSite` that put it in the place of the module. */
export const trappingModule = () => ({
  '/haemolens.js': bytes(TRAPPING_MODULE, 'text/javascript'),
  '/haemolens-itself.js': bytes(readFileSync(join(DIST, 'haemolens.js')), 'text/javascript'),
});
