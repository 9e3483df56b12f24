//! The directions that trained inputs lie along.
//!
//! Plain gradient descent does not care how its inputs are turned, and moves along a direction as
//! fast as the inputs vary in it. So maps of 9,216 values are written in the basis of their
//! principal directions, and those along which they hardly vary are left out: the same training at
//! a fraction of the cost. The basis comes from the training images alone and is folded into FC6's
//! weights afterwards.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, s};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::dense::product;

/// Rows that are made orthogonal to each other at once.
const BLOCK: usize = 64;

/// A mean and orthogonal directions.
pub struct Principal {
    /// Mean of the inputs.
    pub mean: Array1<f32>,
    /// One direction a row, all of one length: so long that components along them have a mean
    /// square of 1.
    pub axes: Array2<f32>,
    /// Share of the centred inputs' square norm that lies along the directions.
    pub energy: f64,
}

impl Principal {
    /// About the `count` leading directions of `rows` (one input each), by one step of randomised
    /// subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4).
    pub fn find(mut rows: Array2<f32>, count: usize, seed: u64) -> Self {
        let mean = rows
            .mean_axis(Axis(0))
            .unwrap_or_else(|| Array1::zeros(rows.ncols()));
        rows -= &mean;
        let count = count.min(rows.nrows()).min(rows.ncols());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mixtures =
            Array2::from_shape_simple_fn((count, rows.nrows()), || rng.random_range(-1.0f32..1.0));
        let mut axes = Array2::zeros((count, rows.ncols()));
        product(mixtures.view(), rows.view(), axes.view_mut());
        orthonormalise(&mut axes);
        let mut along = Array2::zeros((rows.nrows(), count));
        product(rows.view(), axes.t(), along.view_mut());
        product(along.t(), rows.view(), axes.view_mut());
        orthonormalise(&mut axes);
        product(rows.view(), axes.t(), along.view_mut());
        let square = |a: &Array2<f32>| a.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        let (total, held) = (square(&rows), square(&along));
        axes *= (along.len() as f64 / held.max(f64::MIN_POSITIVE)).sqrt() as f32;
        Self {
            mean,
            axes,
            energy: held / total.max(f64::MIN_POSITIVE),
        }
    }

    /// Centres inputs and gives their components along the axes.
    pub fn project(&self, inputs: &Array2<f32>) -> Array2<f32> {
        let mut components = Array2::zeros((inputs.nrows(), self.axes.nrows()));
        product(inputs.view(), self.axes.t(), components.view_mut());
        components -= &self.axes.dot(&self.mean);
        components
    }

    /// Weights and biases of a layer on components → those of the same layer on whole inputs.
    pub fn unfold(
        &self,
        weight: ArrayView2<f32>,
        bias: &Array1<f32>,
    ) -> (Array2<f32>, Array1<f32>) {
        let mut whole = Array2::zeros((weight.nrows(), self.axes.ncols()));
        product(weight, self.axes.view(), whole.view_mut());
        let bias = bias - &whole.dot(&self.mean);
        (whole, bias)
    }
}

/// Gram–Schmidt by blocks of rows, twice against what stands above; rows that hold nothing new
/// become zero.
fn orthonormalise(rows: &mut Array2<f32>) {
    for from in (0..rows.nrows()).step_by(BLOCK) {
        let to = (from + BLOCK).min(rows.nrows());
        let (above, mut rest) = rows.view_mut().split_at(Axis(0), from);
        let mut block = rest.slice_mut(s![..to - from, ..]);
        for _ in 0..2 {
            let shares = block.dot(&above.t());
            general_mat_mul(-1.0, &shares, &above, 1.0, &mut block);
            within(&mut block);
        }
    }
}

/// A row whose square falls by more than this when what stands above is taken out holds rounding
/// only.
const NOTHING_NEW: f32 = 1e-12;

/// Gram–Schmidt row by row.
fn within(block: &mut ArrayViewMut2<f32>) {
    for i in 0..block.nrows() {
        let (above, mut rest) = block.view_mut().split_at(Axis(0), i);
        let mut row = rest.row_mut(0);
        let before = row.dot(&row);
        for other in above.outer_iter() {
            let share = other.dot(&row);
            row.scaled_add(-share, &other);
        }
        let square = row.dot(&row);
        let scale = if square > before * NOTHING_NEW {
            1.0 / square.sqrt()
        } else {
            0.0
        };
        row *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 300 inputs of 90 values that vary along five directions, and a little along the others.
    fn rows() -> Array2<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut draw = |shape, by: f32| {
            Array2::from_shape_simple_fn(shape, || rng.random_range(-1.0f32..1.0) * by)
        };
        let along = draw((300, 5), 3.0);
        along.dot(&draw((5, 90), 1.0)) + draw((300, 90), 0.01) + 2.0
    }

    #[test]
    fn the_leading_directions_hold_nearly_all_and_are_orthogonal() {
        let few = Principal::find(rows(), 8, 1);
        assert!(few.energy > 0.999, "{}", few.energy);
        let inputs = rows();
        let principal = Principal::find(inputs.clone(), 70, 1);
        let products = principal.axes.dot(&principal.axes.t());
        let length = products[[0, 0]];
        for ((i, j), &value) in products.indexed_iter() {
            let expected = if i == j { length } else { 0.0 };
            assert!((value - expected).abs() < 1e-3 * length, "{i} {j} {value}");
        }
        let components = principal.project(&inputs);
        let square = components.iter().map(|v| v * v).sum::<f32>() / components.len() as f32;
        assert!((square - 1.0).abs() < 1e-3, "{square}");
    }

    #[test]
    fn a_layer_gives_the_same_units_on_components_and_unfolded() {
        let inputs = rows();
        let principal = Principal::find(inputs.clone(), 40, 1);
        let weight = Array2::from_shape_fn((3, 40), |(i, j)| ((i * 7 + j) % 5) as f32 * 0.1 - 0.2);
        let bias = Array1::from_vec(vec![0.5, -1.0, 0.0]);
        let on_components = principal.project(&inputs).dot(&weight.t()) + &bias;
        let (whole, unfolded) = principal.unfold(weight.view(), &bias);
        let on_inputs = inputs.dot(&whole.t()) + &unfolded;
        for (a, b) in on_components.iter().zip(&on_inputs) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
}
