//! Fully connected networks on fixed inputs, trained by plain stochastic gradient descent with
//! momentum: forward and backward written out as matrix products.

pub mod fit;
pub mod layer;
pub mod loss;
mod product;
mod step;

pub use product::product;

use ndarray::{ArrayView2, Axis};

use layer::Layer;
use loss::Loss;

/// Images whose units are held at once.
const CHUNK: usize = 500;

/// The units of the last hidden layer after ReLU, without dropout: `images × units`.
pub fn hidden_units(layers: &[Layer], inputs: ArrayView2<f32>) -> ndarray::Array2<f32> {
    let mut units = inputs.to_owned();
    for layer in &layers[..layers.len().saturating_sub(1)] {
        units = layer.forward(units.view());
        units.mapv_inplace(|u| u.max(0.0));
    }
    units
}

/// The margins of images (`images × inputs`), without dropout.
pub fn margins(layers: &[Layer], loss: Loss, inputs: ArrayView2<f32>) -> Vec<f64> {
    let Some(last) = layers.last() else {
        return Vec::new();
    };
    let mut margins = Vec::with_capacity(inputs.nrows());
    for chunk in inputs.axis_chunks_iter(Axis(0), CHUNK) {
        let outputs = last.forward(hidden_units(layers, chunk).view());
        let rows = outputs.outer_iter();
        margins.extend(rows.map(|row| f64::from(loss.margin(&row.to_vec()))));
    }
    margins
}
