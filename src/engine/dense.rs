//! Fully connected layers on the whole last map, flattened.

use super::kernels::Kernels;
use super::linear::LinearStep;
use super::map::Map;
use crate::model::QuantLinear;

/// Fully connected layers ready to run, and the map that they read.
#[derive(Debug)]
pub struct Dense {
    /// Channels of the last map.
    pub(super) channels: usize,
    /// The last map, flattened: row, column, channel.
    pub(super) flat: Vec<i16>,
    /// What a margin gains by each of its steps, where it is taken apart.
    pub(super) slopes: Vec<f64>,
    pub(super) linears: Vec<LinearStep>,
}

impl Dense {
    /// Packs layers the first of which reads a map of so many channels and places.
    pub fn new(stored: &[QuantLinear], channels: usize, places: usize) -> Self {
        let mut inputs = channels;
        let linears = stored.iter().map(|stored| {
            let step = LinearStep::new(stored, inputs);
            inputs = stored.layer.bias.len();
            step
        });
        Self {
            linears: linears.collect(),
            channels,
            flat: vec![0; channels * places],
            slopes: vec![0.0; channels * places],
        }
    }

    /// The last layer's units after ReLU, real values.
    pub fn run(&mut self, kernels: Kernels, map: &Map) -> &[f32] {
        map.flatten(&mut self.flat);
        let mut input = self.flat.as_slice();
        let mut units: &[f32] = &[];
        for step in &mut self.linears {
            (units, input) = step.run(kernels, input);
        }
        units
    }

    /// The units of each layer, before they are rounded.
    pub fn units(&self) -> Vec<Vec<f32>> {
        self.linears.iter().map(|step| step.units.clone()).collect()
    }

    /// What [`Dense::run`] gave last.
    pub fn features(&self) -> &[f32] {
        self.linears.last().map_or(&[], |step| &step.units)
    }
}
