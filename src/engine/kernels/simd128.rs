//! WebAssembly SIMD: eight products a step with `i32x4.dot_i16x8_s`.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    i16x8_extend_high_i8x16, i16x8_extend_low_i8x16, i32x4_add, i32x4_dot_i16x8,
    i32x4_extract_lane, i32x4_splat, v128, v128_load, v128_load32_splat, v128_store,
};

use super::{Kernels, PANEL, ROWS, UNITS, check};

/// See [`Kernels`].
pub const KERNELS: Kernels = Kernels { panel, units };

/// Vectors of a panel's sums.
const VECTORS: usize = PANEL / 4;
/// Pairs of values between two ends of a loop. A browser first runs code that it has translated
/// line by line, which puts all sums into memory and back at each.
const UNROLLED: usize = 4;

fn panel(panel: &[i16], rows: &[i16], depth: usize, out: &mut [[i32; PANEL]]) {
    check(panel, rows, depth, out);
    let tiles = rows.chunks_exact(ROWS * depth);
    for (rows, out) in tiles.zip(out.as_chunks_mut::<ROWS>().0) {
        // SAFETY: `check` has seen that the panel holds PANEL · depth values and that depth is even;
        // the rows hold ROWS · depth.
        unsafe { tile(panel.as_ptr(), rows.as_ptr(), depth, out) }
    }
}

/// [`ROWS`] rows of `depth` values against a panel.
///
/// # Safety
/// `rows` must point to `ROWS · depth` values, `panel` to `PANEL · depth`, and `depth` be even.
#[inline(always)]
unsafe fn tile(panel: *const i16, rows: *const i16, depth: usize, out: &mut [[i32; PANEL]; ROWS]) {
    let mut sums = [[i32x4_splat(0); VECTORS]; ROWS];
    let mut panel = panel.cast::<v128>();
    let mut rows: [*const i16; ROWS] = std::array::from_fn(|r| {
        // SAFETY: there are as many rows.
        unsafe { rows.add(r * depth) }
    });
    let pairs = depth / 2;
    for _ in 0..pairs / UNROLLED {
        // SAFETY: as many pairs are left.
        unsafe { pairs_of::<UNROLLED>(&mut panel, &mut rows, &mut sums) }
    }
    for _ in 0..pairs % UNROLLED {
        // SAFETY: as many pairs are left.
        unsafe { pairs_of::<1>(&mut panel, &mut rows, &mut sums) }
    }
    for (out, sums) in out.iter_mut().zip(sums) {
        let at = out.as_mut_ptr().cast::<v128>();
        for (i, sum) in sums.into_iter().enumerate() {
            // SAFETY: the vectors are PANEL sums.
            unsafe { v128_store(at.add(i), sum) }
        }
    }
}

/// `N` pairs of values of each row against a panel; moves on behind them.
///
/// # Safety
/// `rows` must point to `2 · N` values each, `panel` to `PANEL` times as many.
#[inline(always)]
unsafe fn pairs_of<const N: usize>(
    panel: &mut *const v128,
    rows: &mut [*const i16; ROWS],
    sums: &mut [[v128; VECTORS]; ROWS],
) {
    for pair in 0..N {
        // SAFETY: as many vectors of the panel stand for each pair of a row's values.
        let weights: [v128; VECTORS] =
            std::array::from_fn(|i| unsafe { v128_load(panel.add(pair * VECTORS + i)) });
        for (sums, row) in sums.iter_mut().zip(&*rows) {
            // SAFETY: there are as many pairs.
            let x = unsafe { v128_load32_splat(row.add(2 * pair).cast()) };
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = i32x4_add(*sum, i32x4_dot_i16x8(weights, x));
            }
        }
    }
    // SAFETY: not past the end.
    unsafe {
        *panel = panel.add(N * VECTORS);
        *rows = rows.map(|row| row.add(2 * N));
    }
}

fn units(rows: [&[i8]; UNITS], x: &[i16]) -> [i32; UNITS] {
    let (whole, rest) = x.as_chunks::<16>();
    let split = rows.map(|row| {
        assert_eq!(row.len(), x.len());
        row.as_chunks::<16>()
    });
    let mut sums = [i32x4_splat(0); UNITS];
    for (i, x) in whole.iter().enumerate() {
        let at = x.as_ptr().cast::<v128>();
        // SAFETY: sixteen values are two vectors.
        let [low, high] = unsafe { [v128_load(at), v128_load(at.add(1))] };
        for (sum, (row, _)) in sums.iter_mut().zip(split) {
            // SAFETY: sixteen weights are one vector.
            let weights = unsafe { v128_load(row[i].as_ptr().cast()) };
            let low = i32x4_dot_i16x8(i16x8_extend_low_i8x16(weights), low);
            let high = i32x4_dot_i16x8(i16x8_extend_high_i8x16(weights), high);
            *sum = i32x4_add(*sum, i32x4_add(low, high));
        }
    }
    let mut out = sums.map(total);
    for (out, (_, rest_row)) in out.iter_mut().zip(split) {
        for (&w, &x) in rest_row.iter().zip(rest) {
            *out = out.wrapping_add(i32::from(w) * i32::from(x));
        }
    }
    out
}

fn total(v: v128) -> i32 {
    i32x4_extract_lane::<0>(v)
        .wrapping_add(i32x4_extract_lane::<1>(v))
        .wrapping_add(i32x4_extract_lane::<2>(v))
        .wrapping_add(i32x4_extract_lane::<3>(v))
}
