//! Plain Rust: the reference that every faster form must equal.

use super::{Kernels, PANEL, UNITS, check};

/// See [`Kernels`].
pub const KERNELS: Kernels = Kernels { panel, units };

fn panel(panel: &[i16], rows: &[i16], depth: usize, out: &mut [[i32; PANEL]]) {
    check(panel, rows, depth, out);
    for (row, out) in rows.chunks_exact(depth).zip(out) {
        *out = [0; PANEL];
        for (weights, x) in panel
            .as_chunks::<{ 2 * PANEL }>()
            .0
            .iter()
            .zip(row.as_chunks::<2>().0)
        {
            for (out, w) in out.iter_mut().zip(weights.as_chunks::<2>().0) {
                let pair = product(w[0], x[0]).wrapping_add(product(w[1], x[1]));
                *out = out.wrapping_add(pair);
            }
        }
    }
}

/// See [`Kernels::units`].
#[inline(always)]
pub fn units(rows: [&[i8]; UNITS], x: &[i16]) -> [i32; UNITS] {
    rows.map(|row| {
        let products = row.iter().zip(x).map(|(&w, &x)| product(w.into(), x));
        products.fold(0, i32::wrapping_add)
    })
}

/// Cannot overflow; says so, for a check at each step would keep the compiler from using vectors.
#[inline(always)]
fn product(a: i16, b: i16) -> i32 {
    i32::from(a).wrapping_mul(i32::from(b))
}
