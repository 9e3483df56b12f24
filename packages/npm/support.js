/** What the engine needs of the machine that it runs on. */
import { NamedError } from './named-error.js';

/** The smallest module that uses 128-bit vectors: `i32.const 0; i8x16.splat; i8x16.popcnt`. */
const SMALLEST_SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

/** @type {typeof import('./index.d.ts').isSupported} */
export function isSupported() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SMALLEST_SIMD_MODULE);
}

/** @throws {NamedError} `UnsupportedBrowser` where WebAssembly or its vector instructions are missing. */
export function requireSupport() {
  if (isSupported()) return;
  throw new NamedError(
    'UnsupportedBrowser',
    'haemolens needs WebAssembly with vector instructions (SIMD), which this browser does not have or ' +
      'does not allow. Use Chrome or Edge 91, Firefox 89, Safari 16.4, Node 20 or later.',
  );
}
