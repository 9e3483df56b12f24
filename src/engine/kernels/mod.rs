//! The inner loops, and nothing else: a narrow waist behind which faster forms can stand.
//!
//! Activations are `i16`: a layer's 8-bit values, or sums and differences of four of them. Sums are
//! taken modulo 2³², so that all forms give the same bits whatever their order.
//!
//! ```
//! use haemolens::engine::kernels::{PORTABLE, fastest, multiply};
//!
//! let (weights, x) = ([1, -2, 3, 4, 5, -6], [10, 20, 30]);
//! let mut out = [[0; 2]; 2];
//! multiply(PORTABLE, &weights, &x, &mut out[0]);
//! multiply(fastest(), &weights, &x, &mut out[1]);
//! assert_eq!(out, [[60, -40]; 2]);
//! ```

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

/// Outputs of a panel of weights.
pub const PANEL: usize = 16;
/// Rows of activations that share one pass over a panel: with [`PANEL`] outputs eight vectors of
/// sums, as many as engines keep in sixteen registers beside the operands. Eight outputs of four
/// rows are as fast, but waste more on numbers of rows that are not multiples.
pub const ROWS: usize = 2;
/// What the length of rows that meet a panel is a multiple of.
pub const STEP: usize = 2;
/// Rows of weights that share one pass over the activations of a fully connected layer.
pub const UNITS: usize = 4;

/// `out[r][c] = Σ panel[c][d] · rows[r][d]`: a panel of [`pack`], rows of `depth` values one after
/// the other (a multiple of [`ROWS`] of them), `depth`, and the results.
///
/// ```
/// use haemolens::engine::kernels::{PANEL, PORTABLE, PanelKernel, pack};
///
/// let panel: PanelKernel = PORTABLE.panel;
/// let (mut weights, mut out) = (Vec::new(), [[0; PANEL]; 2]);
/// pack(&[vec![3, -1]], &mut weights);
/// panel(&weights, &[2, 5, 1, 1], 2, &mut out);
/// assert_eq!((out[0][0], out[1][0]), (1, 2));
/// ```
pub type PanelKernel = fn(&[i16], &[i16], usize, &mut [[i32; PANEL]]);
/// Dot products of rows of weights with the same activations, all of one length.
///
/// ```
/// use haemolens::engine::kernels::{PORTABLE, UnitsKernel};
///
/// let units: UnitsKernel = PORTABLE.units;
/// assert_eq!(units([&[1, 0], &[0, 1], &[1, 1], &[2, -1]], &[3, 5]), [3, 5, 8, 1]);
/// ```
pub type UnitsKernel = fn([&[i8]; UNITS], &[i16]) -> [i32; UNITS];

/// The inner loops in one form.
///
/// ```
/// use haemolens::engine::kernels::fastest;
///
/// // Four units' rows of weights and one row of activations.
/// let rows: [&[i8]; 4] = [&[1, 0], &[0, 1], &[1, 1], &[-1, 1]];
/// assert_eq!((fastest().units)(rows, &[3, 5]), [3, 5, 8, 2]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Kernels {
    /// For convolutions.
    pub panel: PanelKernel,
    /// For fully connected layers.
    pub units: UnitsKernel,
}

/// Plain Rust, which every other form must equal.
pub const PORTABLE: Kernels = scalar::KERNELS;

/// The fastest form that this processor runs.
///
/// ```
/// use haemolens::engine::kernels::{PANEL, PORTABLE, ROWS, fastest, pack, padded};
///
/// let mut panel = Vec::new();
/// pack(&[vec![1, 2, 3], vec![0, -1, 0]], &mut panel);
/// let rows = [1, 1, 1, 0, 2, 0, 1, 0];
/// for kernels in [PORTABLE, fastest()] {
///     let mut out = [[0; PANEL]; ROWS];
///     (kernels.panel)(&panel, &rows, padded(3), &mut out);
///     assert_eq!([out[0][0], out[0][1], out[1][0], out[1][1]], [6, -1, 5, 0]);
/// }
/// ```
pub fn fastest() -> Kernels {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return simd128::KERNELS;
    #[cfg(target_arch = "x86_64")]
    if let Some(kernels) = avx2::if_supported() {
        return kernels;
    }
    #[allow(
        unreachable_code,
        reason = "the portable form is left out where simd128 is sure"
    )]
    PORTABLE
}

/// The length of rows of `depth` values, padded for [`Kernels::panel`].
///
/// ```
/// use haemolens::engine::kernels::padded;
///
/// assert_eq!((padded(7), padded(8)), (8, 8));
/// ```
pub fn padded(depth: usize) -> usize {
    depth.next_multiple_of(STEP)
}

/// Up to [`PANEL`] outputs' weights (rows of one length) as [`Kernels::panel`] reads them: two
/// weights of each output in turn; what is missing is zero. Appended to `packed`.
///
/// ```
/// use haemolens::engine::kernels::{PANEL, pack, padded, place};
///
/// let mut packed = Vec::new();
/// pack(&[vec![1, 2, 3], vec![4, 5, 6]], &mut packed);
/// assert_eq!(packed.len(), PANEL * padded(3));
/// assert_eq!((packed[place(0, 2)], packed[place(1, 2)]), (3, 6));
/// ```
pub fn pack(rows: &[Vec<i16>], packed: &mut Vec<i16>) {
    let depth = padded(rows[0].len());
    let from = packed.len();
    packed.resize(from + depth * PANEL, 0);
    for (c, row) in rows.iter().enumerate() {
        for (d, &weight) in row.iter().enumerate() {
            packed[from + place(c, d)] = weight;
        }
    }
}

/// Where weight `d` of output `c` stands in a panel.
///
/// ```
/// use haemolens::engine::kernels::{PANEL, place};
///
/// assert_eq!([place(0, 0), place(0, 1), place(1, 0)], [0, 1, 2]);
/// assert_eq!(place(0, 2), 2 * PANEL);
/// ```
pub fn place(c: usize, d: usize) -> usize {
    (d / 2 * PANEL + c) * 2 + d % 2
}

/// What every form of [`Kernels::panel`] must be given.
fn check(panel: &[i16], rows: &[i16], depth: usize, out: &[[i32; PANEL]]) {
    assert!(depth.is_multiple_of(STEP) && out.len().is_multiple_of(ROWS));
    assert!(panel.len() == depth * PANEL && rows.len() == depth * out.len());
}

/// `out[u] = Σ weights[u, d] · x[d]`, rows of weights as long as `x`.
///
/// ```
/// use haemolens::engine::kernels::{fastest, multiply};
///
/// // A matrix of two rows and a column of three.
/// let mut out = [0; 2];
/// multiply(fastest(), &[1, -2, 3, 4, 5, -6], &[10, 20, 30], &mut out);
/// assert_eq!(out, [60, -40]);
/// ```
pub fn multiply(kernels: Kernels, weights: &[i8], x: &[i16], out: &mut [i32]) {
    let last = out.len() - 1;
    let row = |u: usize| &weights[u.min(last) * x.len()..][..x.len()];
    for (block, out) in out.chunks_mut(UNITS).enumerate() {
        // Past the end the last row stands in, and its results are not kept.
        let first = block * UNITS;
        let sums = (kernels.units)(std::array::from_fn(|i| row(first + i)), x);
        out.copy_from_slice(&sums[..out.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_form_of_panels_agrees_with_the_definition_over_awkward_shapes() {
        for (outputs, depth, rows) in [
            (1, 1, 2),
            (16, 4, 6),
            (7, 31, 10),
            (13, 121, 54),
            (8, 256, 50),
        ] {
            let weights: Vec<Vec<i16>> = (0..outputs)
                .map(|c| {
                    (0..depth)
                        .map(|d| ((c * 577 + d * 31) % 2287) as i16 - 1143)
                        .collect()
                })
                .collect();
            let mut panel = Vec::new();
            pack(&weights, &mut panel);
            let x: Vec<i16> = (0..rows * padded(depth))
                .map(|i| (i * 389 % 2041) as i16 - 1020)
                .collect();
            for kernels in [PORTABLE, fastest()] {
                let mut out = vec![[i32::MIN; PANEL]; rows];
                (kernels.panel)(&panel, &x, padded(depth), &mut out);
                for (out, x) in out.iter().zip(x.chunks_exact(padded(depth))) {
                    for (c, &found) in out.iter().enumerate() {
                        let products = weights.get(c).into_iter().flatten().zip(x);
                        let expected: i32 =
                            products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
                        assert_eq!(found, expected, "{outputs} outputs of {depth}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_form_of_units_agrees_with_the_definition_over_awkward_shapes() {
        for (units, depth) in [
            (1, 1),
            (3, 7),
            (4, 16),
            (5, 121),
            (7, 31),
            (96, 363),
            (6, 9_216),
        ] {
            let weights: Vec<i8> = (0..units * depth)
                .map(|i| (i * 31 % 256) as u8 as i8)
                .collect();
            let x: Vec<i16> = (0..depth).map(|i| (i * 17 % 256) as i16).collect();
            for kernels in [PORTABLE, fastest()] {
                let mut out = vec![i32::MIN; units];
                multiply(kernels, &weights, &x, &mut out);
                for (out, row) in out.iter().zip(weights.chunks_exact(depth)) {
                    let products = row.iter().zip(&x);
                    let expected: i32 = products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum();
                    assert_eq!(*out, expected, "{units}×{depth}");
                }
            }
        }
    }
}
