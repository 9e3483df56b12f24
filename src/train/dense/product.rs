//! Matrix products on all cores.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

/// `into = a · b`. The longer side of `into` is shared among the cores; every sum runs in the same
/// order however many there are.
pub fn product(a: ArrayView2<f32>, b: ArrayView2<f32>, mut into: ArrayViewMut2<f32>) {
    let axis = if into.nrows() >= into.ncols() { 0 } else { 1 };
    let share = into
        .len_of(Axis(axis))
        .div_ceil(rayon::current_num_threads());
    let chunks: Vec<ArrayViewMut2<f32>> = into
        .axis_chunks_iter_mut(Axis(axis), share.max(1))
        .collect();
    chunks
        .into_par_iter()
        .enumerate()
        .for_each(|(i, mut into)| {
            let from = i * share;
            if axis == 0 {
                let a = a.slice(ndarray::s![from..from + into.nrows(), ..]);
                general_mat_mul(1.0, &a, &b, 0.0, &mut into);
            } else {
                let b = b.slice(ndarray::s![.., from..from + into.ncols()]);
                general_mat_mul(1.0, &a, &b, 0.0, &mut into);
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn products_agree_with_the_definition_whatever_the_shape() {
        for (rows, depth, columns) in [(1, 1, 1), (3, 5, 2), (7, 11, 13), (40, 9, 64)] {
            let a = Array2::from_shape_fn((rows, depth), |(i, j)| ((i * 3 + j) % 7) as f32 - 3.0);
            let b = Array2::from_shape_fn((depth, columns), |(i, j)| ((i + j * 5) % 9) as f32);
            let mut found = Array2::zeros((rows, columns));
            product(a.view(), b.view(), found.view_mut());
            for ((i, j), &value) in found.indexed_iter() {
                let expected: f32 = (0..depth).map(|d| a[[i, d]] * b[[d, j]]).sum();
                assert_eq!(value, expected);
            }
        }
    }
}
