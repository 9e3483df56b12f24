//! Matrix products of bfloat16 numbers whose sums are f32: what training spends its time on.
//!
//! A product is `C = Σ A_t · B_t` over *taps* `t`. All `A_t` are views of one matrix that begin at
//! different places: with the pixels of a map as rows, a convolution is such a sum over the places
//! of its kernel, and no window is ever copied. The processor's matrix unit (AMX) does it where
//! there is one, at some ten times the speed of f32; elsewhere f32 products of the same rounded
//! numbers do, so that both give the same sums up to the order of their additions.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
// The one place outside the engine's kernels that is not safe Rust: instructions without a stable function.
#[allow(unsafe_code)]
mod amx;
mod packed;
mod portable;

pub use self::packed::Packed;

/// Rows of `A` and `C` come in multiples of this; callers pad.
pub const ROWS: usize = 32;
/// So do the columns of `B` and `C`.
pub const COLUMNS: usize = 32;
/// So does the depth: columns of `A`, rows of `B`.
pub const DEPTH: usize = 32;

/// The bfloat16 number nearest to `x` (ties to even), as its bits.
#[inline]
pub fn round(x: f32) -> u16 {
    let bits = x.to_bits();
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

/// The value of a bfloat16 number.
#[inline]
pub fn value(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The left side of a product: one matrix of bfloat16 numbers, seen from several places.
#[derive(Debug, Clone, Copy)]
pub struct Views<'a> {
    /// The numbers.
    pub values: &'a [u16],
    /// From one row to the next.
    pub stride: usize,
    /// Where each view begins; one for each tap of `B`.
    pub starts: &'a [usize],
    /// Rows of each view, a multiple of [`ROWS`].
    pub rows: usize,
}

/// How products are computed on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Products {
    /// By the matrix unit.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Amx,
    /// By f32 products.
    Portable,
}

impl Products {
    /// The fastest that this machine has.
    pub fn fastest() -> Self {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if amx::available() {
            return Self::Amx;
        }
        Self::Portable
    }

    /// `c = Σ A_t · B_t`, row-major with as many columns as `b`; added to what `c` holds where
    /// `accumulate`.
    ///
    /// # Panics
    /// When a view reaches beyond its numbers, or sizes do not fit each other.
    pub fn multiply(self, a: Views, b: &Packed, accumulate: bool, c: &mut [f32]) {
        assert_eq!(a.starts.len(), b.taps(), "a view for each tap");
        assert!(a.rows.is_multiple_of(ROWS) && c.len() >= a.rows * b.columns());
        let last = a.rows.saturating_sub(1) * a.stride + b.depth();
        assert!(a.starts.iter().all(|s| s + last <= a.values.len()));
        if a.rows == 0 {
            return;
        }
        match self {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Amx => amx::multiply(a, b, accumulate, c),
            Self::Portable => portable::multiply(a, b, accumulate, c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_to_nearest_even_and_keeps_what_fits() {
        for (x, rounded) in [
            (1.0, 1.0),
            (-2.5, -2.5),
            (0.0, 0.0),
            (1.0 + 1.0 / 256.0, 1.0),
            (1.0 + 3.0 / 256.0, 1.0 + 4.0 / 256.0),
            (1.001, 1.0),
        ] {
            assert_eq!(value(round(x)), rounded);
        }
    }

    /// Small whole numbers, of which every sum is exact in any order.
    fn number(i: usize) -> f32 {
        ((i * 2_654_435_761) >> 7) as f32 % 7.0 - 3.0
    }

    #[test]
    fn products_equal_the_definition_for_every_number_of_taps_and_blocks() {
        for (rows, depth, columns, taps) in [
            (32, 32, 32, 1),
            (64, 96, 32, 3),
            (96, 32, 160, 9),
            (160, 64, 64, 2),
        ] {
            let stride = depth + 7;
            let starts: Vec<usize> = (0..taps).map(|t| t * 5).collect();
            let length = rows * stride + taps * 5;
            let a: Vec<f32> = (0..length).map(number).collect();
            let rounded: Vec<u16> = a.iter().map(|x| round(*x)).collect();
            let weight = |t: usize, k: usize, n: usize| number(t * 31 + k * 7 + n * 3 + 1);
            let mut b = Packed::new(taps, depth, columns);
            b.fill(weight);
            let views = Views {
                values: &rounded,
                stride,
                starts: &starts,
                rows,
            };
            for products in [Products::fastest(), Products::Portable] {
                let mut c = vec![1.0; rows * columns];
                products.multiply(views, &b, true, &mut c);
                let mut fresh = vec![9.0; rows * columns];
                products.multiply(views, &b, false, &mut fresh);
                for m in 0..rows {
                    for n in 0..columns {
                        let terms = (0..taps).flat_map(|t| (0..depth).map(move |k| (t, k)));
                        let sum: f32 = terms
                            .map(|(t, k)| a[starts[t] + m * stride + k] * weight(t, k, n))
                            .sum();
                        assert_eq!(c[m * columns + n], sum + 1.0, "{products:?} {m} {n}");
                        assert_eq!(fresh[m * columns + n], sum, "{products:?} {m} {n}");
                    }
                }
            }
        }
    }
}
