//! The fully connected layer.

use super::kernels::{FourDots, multiply};
use super::map::Map;
use crate::model::QuantLayer;

/// A fully connected layer with ReLU, ready to run on a map.
#[derive(Debug)]
pub struct LinearStep {
    /// Unit by unit: row, column, channel.
    weights: Vec<i16>,
    scale: Vec<f32>,
    bias: Vec<f32>,
    flat: Vec<i16>,
    sums: Vec<i32>,
}

impl LinearStep {
    /// Packs a stored layer (columns in channel, row, column order) for a map of `channels`.
    pub fn new(stored: &QuantLayer, channels: usize) -> Self {
        let units = stored.bias.len();
        let row = stored.weight.len() / units;
        let places = row / channels;
        let mut weights = Vec::with_capacity(stored.weight.len());
        for unit in stored.weight.chunks_exact(row) {
            for place in 0..places {
                weights.extend((0..channels).map(|c| i16::from(unit[c * places + place])));
            }
        }
        Self {
            weights,
            scale: stored.weight_scale.clone(),
            bias: stored.bias.clone(),
            flat: vec![0; row],
            sums: vec![0; units],
        }
    }

    /// The units after ReLU, real values.
    pub fn run(&mut self, kernel: FourDots, input: &Map, units: &mut [f32]) {
        let places = (0..input.side).flat_map(|y| (0..input.side).map(move |x| (y, x)));
        for (flat, (y, x)) in self.flat.chunks_exact_mut(input.channels).zip(places) {
            flat.copy_from_slice(input.pixel(y, x));
        }
        let (depth, count) = (self.flat.len(), self.sums.len());
        multiply(
            kernel,
            &self.weights,
            &self.flat,
            depth,
            &mut self.sums,
            count,
        );
        let factors = self.scale.iter().zip(&self.bias);
        for ((unit, &sum), (scale, bias)) in units.iter_mut().zip(&self.sums).zip(factors) {
            *unit = (sum as f32 * scale + bias).max(0.0);
        }
    }
}
