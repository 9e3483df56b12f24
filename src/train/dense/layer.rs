//! A fully connected layer's parameters.

use ndarray::{Array1, Array2, ArrayView2};
use rand::{Rng, RngExt};

use super::product::product;

/// `units = inputs · weightᵀ + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// `units × inputs`.
    pub weight: Array2<f32>,
    /// One a unit.
    pub bias: Array1<f32>,
}

impl Layer {
    /// Weights drawn uniformly with the given standard deviation, biases zero.
    pub fn draw(units: usize, inputs: usize, deviation: f32, rng: &mut impl Rng) -> Self {
        let bound = deviation * 3f32.sqrt();
        Self {
            weight: Array2::from_shape_simple_fn((units, inputs), || {
                rng.random_range(-bound..bound)
            }),
            bias: Array1::zeros(units),
        }
    }

    /// All zero, of the same shape.
    pub fn zeros_like(&self) -> Self {
        Self {
            weight: Array2::zeros(self.weight.dim()),
            bias: Array1::zeros(self.bias.len()),
        }
    }

    /// `images × inputs` → `images × units`, before any activation.
    pub fn forward(&self, inputs: ArrayView2<f32>) -> Array2<f32> {
        let mut units = Array2::zeros((inputs.nrows(), self.bias.len()));
        product(inputs, self.weight.t(), units.view_mut());
        units += &self.bias;
        units
    }
}
