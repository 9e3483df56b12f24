//! The fully connected layer.

use super::kernels::{Kernels, multiply};
use super::quantise::{self, relu};
use crate::model::{QuantLinear, SparseRows};

/// A fully connected layer with ReLU, ready to run on 8-bit activations.
#[derive(Debug)]
pub struct LinearStep {
    weights: Weights,
    scale: Vec<f32>,
    pub(super) bias: Vec<f32>,
    /// Activation steps per real value; none in the last layer.
    pub(super) steps: Vec<f32>,
    sums: Vec<i32>,
    pub(super) units: Vec<f32>,
    pub(super) activations: Vec<i16>,
    /// What a margin gains by each unit, where it is taken apart.
    pub(super) slopes: Vec<f64>,
}

/// Unit by unit, in the input's order: row, column, channel.
#[derive(Debug)]
enum Weights {
    Dense(Vec<i8>),
    /// A unit's in no order.
    Sparse(SparseRows),
}

impl LinearStep {
    /// Packs a stored layer (columns in channel, row, column order) for a flattened map of
    /// `channels`; units of a layer before it are channels of one place.
    pub fn new(stored: &QuantLinear, channels: usize) -> Self {
        let layer = &stored.layer;
        let units = layer.bias.len();
        let row = layer.weight.len() / units;
        let places = row / channels;
        let weights = if let Some(mut sparse) = SparseRows::of(&layer.weight, units) {
            for column in &mut sparse.columns {
                let (channel, place) = (*column as usize / places, *column as usize % places);
                *column = (place * channels + channel) as u32;
            }
            Weights::Sparse(sparse)
        } else {
            let mut dense = Vec::with_capacity(layer.weight.len());
            for unit in layer.weight.chunks_exact(row) {
                for place in 0..places {
                    dense.extend((0..channels).map(|c| unit[c * places + place]));
                }
            }
            Weights::Dense(dense)
        };
        let scale = stored.output_scale.as_deref().unwrap_or_default();
        Self {
            weights,
            scale: layer.weight_scale.clone(),
            bias: layer.bias.clone(),
            steps: scale.iter().map(|s| 1.0 / s).collect(),
            sums: vec![0; units],
            units: vec![0.0; units],
            activations: vec![0; scale.len()],
            slopes: vec![0.0; units],
        }
    }

    /// The units after ReLU, as real values and in activation steps (none in the last layer).
    pub fn run(&mut self, kernels: Kernels, input: &[i16]) -> (&[f32], &[i16]) {
        match &self.weights {
            Weights::Dense(weights) => multiply(kernels, weights, input, &mut self.sums),
            Weights::Sparse(rows) => {
                for (sum, (weights, columns)) in self.sums.iter_mut().zip(rows.rows()) {
                    let inputs = columns.iter().map(|&column| input[column as usize]);
                    let products = weights.iter().zip(inputs);
                    let products = products.map(|(&w, x)| i32::from(w) * i32::from(x));
                    *sum = products.fold(0, i32::wrapping_add);
                }
            }
        }
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

    /// From what a margin gains by each unit (real values) to what it gains by each step of each
    /// input, in the input's order.
    pub fn slopes_of_input(&self, input: &mut [f64]) {
        input.fill(0.0);
        let units = self.slopes.iter().zip(&self.scale);
        let factors = units.map(|(slope, &scale)| slope * f64::from(scale));
        match &self.weights {
            Weights::Dense(weights) => {
                let rows = weights.chunks_exact(input.len());
                for (factor, weights) in factors.zip(rows).filter(|(factor, _)| *factor != 0.0) {
                    for (slope, &weight) in input.iter_mut().zip(weights) {
                        *slope += factor * f64::from(weight);
                    }
                }
            }
            Weights::Sparse(rows) => {
                for (factor, (weights, columns)) in factors.zip(rows.rows()) {
                    for (&weight, &column) in weights.iter().zip(columns) {
                        input[column as usize] += factor * f64::from(weight);
                    }
                }
            }
        }
    }
}
