//! Plain Rust: the reference that every faster form must equal.

use super::ROWS;

/// See [`super::FourDots`].
#[inline(always)]
pub fn four_dots(rows: [&[i16]; ROWS], x: &[i16]) -> [i32; ROWS] {
    rows.map(|row| dot(row, x))
}

/// Wrapping, because a check at each step would keep the compiler from using vectors; nothing
/// wraps (see the module above).
#[inline(always)]
fn dot(row: &[i16], x: &[i16]) -> i32 {
    row.iter().zip(x).fold(0i32, |sum, (&w, &x)| {
        sum.wrapping_add(i32::from(w).wrapping_mul(i32::from(x)))
    })
}
