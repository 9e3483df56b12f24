//! Plain Rust: the reference that every faster form must equal, and fast enough to start with.

use super::Kernels;

/// Portable loops that compilers vectorise.
pub struct Scalar;

/// Rows of weights that share one pass over the activations.
const ROWS: usize = 4;

impl Kernels for Scalar {
    fn multiply(weights: &[i16], activations: &[i16], out: &mut [i32]) {
        let depth = activations.len();
        debug_assert_eq!(weights.len(), out.len() * depth);
        let mut blocks = weights.chunks_exact(ROWS * depth);
        let mut outs = out.chunks_exact_mut(ROWS);
        for (block, out) in blocks.by_ref().zip(outs.by_ref()) {
            out.copy_from_slice(&four_dots(block, activations));
        }
        let rows = blocks.remainder().chunks_exact(depth);
        for (row, out) in rows.zip(outs.into_remainder()) {
            *out = dot(row, activations);
        }
    }
}

fn four_dots(block: &[i16], x: &[i16]) -> [i32; ROWS] {
    let depth = x.len();
    let (a, rest) = block.split_at(depth);
    let (b, rest) = rest.split_at(depth);
    let (c, d) = rest.split_at(depth);
    let mut sums = [0; ROWS];
    for ((((a, b), c), d), x) in a.iter().zip(b).zip(c).zip(d).zip(x) {
        let x = i32::from(*x);
        sums[0] += i32::from(*a) * x;
        sums[1] += i32::from(*b) * x;
        sums[2] += i32::from(*c) * x;
        sums[3] += i32::from(*d) * x;
    }
    sums
}

fn dot(row: &[i16], x: &[i16]) -> i32 {
    row.iter()
        .zip(x)
        .map(|(w, x)| i32::from(*w) * i32::from(*x))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiply_agrees_with_the_definition_over_awkward_shapes() {
        for (rows, depth) in [
            (1, 1),
            (3, 7),
            (4, 16),
            (5, 121),
            (7, 31),
            (96, 363),
            (13, 257),
        ] {
            let weights: Vec<i16> = (0..rows * depth)
                .map(|i| (i * 31 % 255) as i16 - 127)
                .collect();
            let x: Vec<i16> = (0..depth).map(|i| (i * 17 % 256) as i16).collect();
            let mut out = vec![i32::MIN; rows];
            Scalar::multiply(&weights, &x, &mut out);
            for (f, &sum) in out.iter().enumerate() {
                let mut expected = 0i32;
                for (d, &x) in x.iter().enumerate() {
                    expected += i32::from(weights[f * depth + d]) * i32::from(x);
                }
                assert_eq!(sum, expected, "{rows}×{depth}, row {f}");
            }
        }
    }
}
