//! WebAssembly SIMD: eight products a step with `i32x4.dot_i16x8_s`.

use core::arch::wasm32::{
    i16x8, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_splat, v128,
};

use super::ROWS;

/// Values in a vector.
const LANES: usize = 8;

/// See [`super::FourDots`].
pub fn four_dots(rows: [&[i16]; ROWS], x: &[i16]) -> [i32; ROWS] {
    let (whole, rest) = x.as_chunks::<LANES>();
    let split = rows.map(|row| row.as_chunks::<LANES>());
    let [a, b, c, d] = split.map(|(whole_row, _)| &whole_row[..whole.len()]);
    let mut sums = [i32x4_splat(0); ROWS];
    for ((((x, a), b), c), d) in whole.iter().zip(a).zip(b).zip(c).zip(d) {
        let x = vector(x);
        sums[0] = i32x4_add(sums[0], i32x4_dot_i16x8(vector(a), x));
        sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(vector(b), x));
        sums[2] = i32x4_add(sums[2], i32x4_dot_i16x8(vector(c), x));
        sums[3] = i32x4_add(sums[3], i32x4_dot_i16x8(vector(d), x));
    }
    let mut out = sums.map(total);
    for (out, (_, rest_row)) in out.iter_mut().zip(split) {
        for (&w, &x) in rest_row.iter().zip(rest) {
            *out += i32::from(w) * i32::from(x);
        }
    }
    out
}

/// Eight neighbours in one load.
fn vector(v: &[i16; LANES]) -> v128 {
    i16x8(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7])
}

fn total(v: v128) -> i32 {
    i32x4_extract_lane::<0>(v)
        + i32x4_extract_lane::<1>(v)
        + i32x4_extract_lane::<2>(v)
        + i32x4_extract_lane::<3>(v)
}
