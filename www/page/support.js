/** What the browser must be able to do before the model is worth loading. */

/** The smallest module that uses 128-bit vectors: `i32.const 0; i8x16.splat; i8x16.popcnt`. */
const SMALLEST_SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

/**
 * Whether WebAssembly with vector instructions is there.
 *
 * @returns {boolean}
 */
export function runsVectorCode() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SMALLEST_SIMD_MODULE);
}
