//! x86 processors with AVX2 (2013 on), chosen at run time: sixteen products a step with
//! `vpmaddwd`.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_storeu_si256,
};

use super::{Kernels, PANEL, ROWS, UNITS, check, scalar};

/// The form, where this processor has AVX2.
pub fn if_supported() -> Option<Kernels> {
    std::arch::is_x86_feature_detected!("avx2").then_some(Kernels { panel, units })
}

/// Vectors of a panel's sums.
const VECTORS: usize = PANEL / 8;

fn panel(panel: &[i16], rows: &[i16], depth: usize, out: &mut [[i32; PANEL]]) {
    check(panel, rows, depth, out);
    let tiles = rows.chunks_exact(ROWS * depth);
    for (rows, out) in tiles.zip(out.as_chunks_mut::<ROWS>().0) {
        // SAFETY: private, and given out by `if_supported` alone, after it has seen AVX2; `check`
        // has seen that the panel holds PANEL · depth values and that depth is even.
        unsafe { tile(panel, rows, depth, out) }
    }
}

/// [`ROWS`] rows of `depth` values against a panel.
///
/// # Safety
/// `rows` must hold `ROWS · depth` values, `panel` `PANEL · depth`, and `depth` be even.
#[target_feature(enable = "avx2")]
unsafe fn tile(panel: &[i16], rows: &[i16], depth: usize, out: &mut [[i32; PANEL]; ROWS]) {
    let mut sums = [[_mm256_setzero_si256(); VECTORS]; ROWS];
    for d in (0..depth).step_by(2) {
        let weights: [__m256i; VECTORS] = std::array::from_fn(|i| {
            // SAFETY: d < depth, and two values for each output of the panel stand at each even d.
            unsafe { _mm256_loadu_si256(panel.as_ptr().add(d * PANEL + 16 * i).cast()) }
        });
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: d + 1 < depth.
            let pair = unsafe {
                let at = rows.as_ptr().add(r * depth + d);
                _mm256_set1_epi32(at.cast::<i32>().read_unaligned())
            };
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(weights, pair));
            }
        }
    }
    for (out, sums) in out.iter_mut().zip(sums) {
        for (i, sum) in sums.into_iter().enumerate() {
            // SAFETY: the vectors are PANEL sums.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast::<__m256i>().add(i), sum) }
        }
    }
}

fn units(rows: [&[i8]; UNITS], x: &[i16]) -> [i32; UNITS] {
    // SAFETY: as above.
    unsafe { compiled_for_avx2(rows, x) }
}

#[target_feature(enable = "avx2")]
fn compiled_for_avx2(rows: [&[i8]; UNITS], x: &[i16]) -> [i32; UNITS] {
    scalar::units(rows, x)
}
