//! Products by f32 ones, for machines without a matrix unit.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

use super::{COLUMNS, Packed, Views, value};

/// See [`super::Products::multiply`]; sizes were checked there.
pub fn multiply(a: Views, b: &Packed, accumulate: bool, c: &mut [f32]) {
    let (depth, columns) = (b.depth(), b.columns());
    let mut c = ArrayViewMut2::from_shape((a.rows, columns), &mut c[..a.rows * columns])
        .expect("the length was checked");
    if !accumulate {
        c.fill(0.0);
    }
    let mut left = Array2::zeros((a.rows, depth));
    let mut right = Array2::<f32>::zeros((depth, COLUMNS));
    for (tap, &start) in a.starts.iter().enumerate() {
        let rows = a.values[start..].chunks(a.stride);
        for (mut row, values) in left.rows_mut().into_iter().zip(rows) {
            for (x, bits) in row.iter_mut().zip(values) {
                *x = value(*bits);
            }
        }
        for block in 0..columns / COLUMNS {
            let values = &b.block_values(block)[tap * depth * COLUMNS..][..depth * COLUMNS];
            unpack(values, right.view_mut());
            let columns = block * COLUMNS..(block + 1) * COLUMNS;
            let left: ArrayView2<f32> = left.view();
            general_mat_mul(1.0, &left, &right, 1.0, &mut c.slice_mut(s![.., columns]));
        }
    }
}

/// The packed numbers of a tap and a block of columns as a matrix.
fn unpack(values: &[u16], mut into: ArrayViewMut2<f32>) {
    for (at, bits) in values.iter().enumerate() {
        let (step, rest) = (at / (32 * COLUMNS), at % (32 * COLUMNS));
        let (tile, rest) = (rest / (32 * 16), rest % (32 * 16));
        let (pair, rest) = (rest / 32, rest % 32);
        let (column, odd) = (rest / 2, rest % 2);
        into[[step * 32 + 2 * pair + odd, tile * 16 + column]] = value(*bits);
    }
}
