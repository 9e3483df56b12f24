//! The fully connected layer.

use super::kernels::{Kernels, multiply};
use super::quantise::{self, relu};
use crate::model::QuantLinear;

/// A fully connected layer with ReLU, ready to run on 8-bit activations.
#[derive(Debug)]
pub struct LinearStep {
    /// Unit by unit: row, column, channel.
    weights: Vec<i8>,
    scale: Vec<f32>,
    bias: Vec<f32>,
    /// Activation steps per real value; none in the last layer.
    steps: Vec<f32>,
    sums: Vec<i32>,
    units: Vec<f32>,
    activations: Vec<i16>,
}

impl LinearStep {
    /// Packs a stored layer (columns in channel, row, column order) for a flattened map of
    /// `channels`; units of a layer before it are channels of one place.
    pub fn new(stored: &QuantLinear, channels: usize) -> Self {
        let layer = &stored.layer;
        let units = layer.bias.len();
        let row = layer.weight.len() / units;
        let places = row / channels;
        let mut weights = Vec::with_capacity(layer.weight.len());
        for unit in layer.weight.chunks_exact(row) {
            for place in 0..places {
                weights.extend((0..channels).map(|c| unit[c * places + place]));
            }
        }
        let scale = stored.output_scale.as_deref().unwrap_or_default();
        Self {
            weights,
            scale: layer.weight_scale.clone(),
            bias: layer.bias.clone(),
            steps: scale.iter().map(|s| 1.0 / s).collect(),
            sums: vec![0; units],
            units: vec![0.0; units],
            activations: vec![0; scale.len()],
        }
    }

    /// The units after ReLU, as real values and in activation steps (none in the last layer).
    pub fn run(&mut self, kernels: Kernels, input: &[i16]) -> (&[f32], &[i16]) {
        multiply(kernels, &self.weights, input, &mut self.sums);
        let factors = self.scale.iter().zip(&self.bias);
        for ((unit, &sum), (scale, bias)) in self.units.iter_mut().zip(&self.sums).zip(factors) {
            *unit = relu(sum as f32 * scale + bias);
        }
        let units = self.units.iter().zip(&self.steps);
        for (activation, (unit, steps)) in self.activations.iter_mut().zip(units) {
            *activation = quantise::activation(unit * steps);
        }
        (&self.units, &self.activations)
    }
}
