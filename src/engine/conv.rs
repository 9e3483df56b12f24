//! Convolution as a matrix product over gathered patches.

use super::kernels::Kernels;
use super::lrn;
use super::map::Map;
use crate::architecture::Conv;
use crate::model::{ACTIVATION_MAX, QuantConv};

/// A convolution ready to run: weights in the order in which patches are gathered.
#[derive(Debug)]
pub struct ConvStep {
    shape: Conv,
    /// Group by group, filter by filter: kernel row, kernel column, channel.
    weights: Vec<i16>,
    scale: Vec<f32>,
    bias: Vec<f32>,
    /// Activation steps per real value.
    steps: Vec<f32>,
    patch: Vec<i16>,
    sums: Vec<i32>,
    pixel: Vec<f32>,
    squares: Vec<f32>,
}

impl ConvStep {
    /// Packs a stored convolution that reads `channels` channels.
    pub fn new(shape: &Conv, stored: &QuantConv, channels: usize) -> Self {
        let k = shape.kernel;
        let depth = channels / shape.groups;
        let row = depth * k * k;
        let mut weights = Vec::with_capacity(stored.layer.weight.len());
        for kernel in stored.layer.weight.chunks_exact(row) {
            for position in 0..k * k {
                weights.extend((0..depth).map(|c| i16::from(kernel[c * k * k + position])));
            }
        }
        Self {
            weights,
            scale: stored.layer.weight_scale.clone(),
            bias: stored.layer.bias.clone(),
            steps: stored.output_scale.iter().map(|s| 1.0 / s).collect(),
            patch: vec![0; row],
            sums: vec![0; shape.filters],
            pixel: vec![0.0; shape.filters],
            squares: vec![0.0; shape.filters],
            shape: shape.clone(),
        }
    }

    /// Convolves `input` (whose border is this step's padding) into `output`, which is not pooled.
    pub fn run<K: Kernels>(&mut self, input: &Map, output: &mut Map) {
        for y in 0..output.side {
            for x in 0..output.side {
                self.accumulate::<K>(input, y, x);
                self.finish(output.pixel_mut(y, x));
            }
        }
    }

    /// The accumulators of all filters at output pixel `(y, x)`.
    fn accumulate<K: Kernels>(&mut self, input: &Map, y: usize, x: usize) {
        let Conv {
            kernel,
            stride,
            groups,
            filters,
            ..
        } = self.shape;
        let depth = input.channels / groups;
        for group in 0..groups {
            for (ky, rows) in self.patch.chunks_exact_mut(kernel * depth).enumerate() {
                let row = input.row_from(y * stride + ky, x * stride);
                if groups == 1 {
                    rows.copy_from_slice(&row[..kernel * depth]);
                } else {
                    let pixels = row.chunks_exact(input.channels);
                    for (part, pixel) in rows.chunks_exact_mut(depth).zip(pixels) {
                        part.copy_from_slice(&pixel[group * depth..][..depth]);
                    }
                }
            }
            let share = filters / groups;
            let weights = &self.weights[group * share * self.patch.len()..];
            K::multiply(
                &weights[..share * self.patch.len()],
                &self.patch,
                &mut self.sums[group * share..][..share],
            );
        }
    }

    /// Accumulators → real values → ReLU → LRN → activation steps.
    fn finish(&mut self, out: &mut [i16]) {
        let factors = self.scale.iter().zip(&self.bias);
        for ((real, &sum), (scale, bias)) in self.pixel.iter_mut().zip(&self.sums).zip(factors) {
            *real = (sum as f32 * scale + bias).max(0.0);
        }
        if let Some(settings) = &self.shape.lrn {
            lrn::normalise(settings, &mut self.pixel, &mut self.squares);
        }
        for ((out, real), steps) in out.iter_mut().zip(&self.pixel).zip(&self.steps) {
            *out = (real * steps + 0.5).min(f32::from(ACTIVATION_MAX)) as i16;
        }
    }
}
