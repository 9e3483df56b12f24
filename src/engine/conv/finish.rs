//! From a convolution's accumulators to the next layer's activations.

use super::super::lrn::Normalise;
use crate::architecture::Conv;
use crate::engine::quantise::{activation, relu};
use crate::model::QuantConv;

/// Scale, bias, ReLU, LRN and quantisation of one pixel.
#[derive(Debug)]
pub struct Finish {
    scale: Vec<f32>,
    bias: Vec<f32>,
    /// Activation steps per real value.
    pub steps: Vec<f32>,
    pub lrn: Option<Normalise>,
    pixel: Vec<f32>,
}

impl Finish {
    /// Of a stored convolution.
    pub fn new(shape: &Conv, stored: &QuantConv) -> Self {
        Self {
            scale: stored.layer.weight_scale.clone(),
            bias: stored.layer.bias.clone(),
            steps: stored.output_scale.iter().map(|s| 1.0 / s).collect(),
            lrn: shape.lrn.map(|lrn| Normalise::new(lrn, shape.filters)),
            pixel: vec![0.0; shape.filters],
        }
    }

    /// Accumulators → real values → ReLU; one value a filter.
    #[inline(always)]
    pub fn rectified(&mut self, sums: &[i32]) -> &[f32] {
        let factors = self.scale.iter().zip(&self.bias);
        for ((real, &sum), (scale, bias)) in self.pixel.iter_mut().zip(sums).zip(factors) {
            *real = relu(sum as f32 * scale + bias);
        }
        &self.pixel
    }

    /// Accumulators → real values → ReLU → LRN → activation steps; one value a filter.
    #[inline(never)]
    pub fn pixel(&mut self, sums: &[i32], out: &mut [i16]) {
        self.rectified(sums);
        if let Some(lrn) = &mut self.lrn {
            lrn.pixel(&mut self.pixel);
        }
        for ((out, real), steps) in out.iter_mut().zip(&self.pixel).zip(&self.steps) {
            *out = activation(real * steps);
        }
    }
}
