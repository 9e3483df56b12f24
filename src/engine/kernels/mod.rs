//! The inner loops, and nothing else: a narrow waist behind which faster forms can stand.
//!
//! Values are 8-bit, widened to `i16`. No layer sums more products than fit `i32` (see
//! [`crate::architecture::Network::check`]), so all forms give the same bits whatever their order.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

/// Rows that share one pass over the activations.
pub const ROWS: usize = 4;

/// Dot products of four rows of weights with the same activations, all of one length.
pub type FourDots = fn([&[i16]; ROWS], &[i16]) -> [i32; ROWS];

/// The fastest form that this processor runs.
pub fn fastest() -> FourDots {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::four_dots;
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = avx2::if_supported() {
        return kernel;
    }
    #[allow(
        unreachable_code,
        reason = "the portable form is left out where simd128 is sure"
    )]
    scalar::four_dots
}

/// `out[p, f] = Σ weights[f, d] * patches[p, d]`, all row-major, rows of `depth` values; `out` has
/// a row of `stride` values a patch, of which the first `weights.len() / depth` are written.
pub fn multiply(
    kernel: FourDots,
    weights: &[i16],
    patches: &[i16],
    depth: usize,
    out: &mut [i32],
    stride: usize,
) {
    let rows = weights.len() / depth;
    let row = |f: usize| &weights[f.min(rows - 1) * depth..][..depth];
    for first in (0..rows).step_by(ROWS) {
        // Past the end the last row stands in, and its results are not kept.
        let block = [row(first), row(first + 1), row(first + 2), row(first + 3)];
        let kept = ROWS.min(rows - first);
        for (patch, out) in patches.chunks_exact(depth).zip(out.chunks_mut(stride)) {
            let sums = kernel(block, patch);
            out[first..first + kept].copy_from_slice(&sums[..kept]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_agrees_with_the_definition_over_awkward_shapes() {
        for (rows, depth, patches) in [
            (1, 1, 1),
            (3, 7, 2),
            (4, 16, 3),
            (5, 121, 1),
            (7, 31, 5),
            (96, 363, 2),
            (13, 257, 1),
            (6, 9_216, 1),
        ] {
            let weights: Vec<i16> = (0..rows * depth)
                .map(|i| (i * 31 % 255) as i16 - 127)
                .collect();
            let x: Vec<i16> = (0..patches * depth)
                .map(|i| (i * 17 % 256) as i16)
                .collect();
            for kernel in [scalar::four_dots, fastest()] {
                let mut out = vec![i32::MIN; patches * (rows + 2)];
                multiply(kernel, &weights, &x, depth, &mut out, rows + 2);
                for (i, &sum) in out.iter().enumerate() {
                    let (p, f) = (i / (rows + 2), i % (rows + 2));
                    if f >= rows {
                        assert_eq!(sum, i32::MIN, "written past the rows");
                        continue;
                    }
                    let mut expected = 0i32;
                    for d in 0..depth {
                        expected += i32::from(weights[f * depth + d]) * i32::from(x[p * depth + d]);
                    }
                    assert_eq!(sum, expected, "{rows}×{depth}, row {f} of patch {p}");
                }
            }
        }
    }
}
