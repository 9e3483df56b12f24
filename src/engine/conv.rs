//! Convolution as a matrix product over gathered patches.

use super::kernels::{FourDots, multiply};
use super::lrn;
use super::map::Map;
use crate::architecture::Conv;
use crate::model::{ACTIVATION_MAX, QuantConv};

/// Neighbouring pixels whose patches share one pass over the weights; four rows of the deepest
/// kernel and this many of its patches fit a first-level cache.
const PIXELS: usize = 4;

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
    /// The patches of [`PIXELS`] neighbours.
    patches: Vec<i16>,
    /// Their accumulators, a row of all filters each.
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
            patches: vec![0; PIXELS * row],
            sums: vec![0; PIXELS * shape.filters],
            pixel: vec![0.0; shape.filters],
            squares: vec![0.0; shape.filters],
            shape: shape.clone(),
        }
    }

    /// Convolves `input` (whose border is this step's padding) into `output`, which is not pooled.
    pub fn run(&mut self, kernel: FourDots, input: &Map, output: &mut Map) {
        for y in 0..output.side {
            for x in (0..output.side).step_by(PIXELS) {
                let pixels = PIXELS.min(output.side - x);
                for group in 0..self.shape.groups {
                    self.accumulate(kernel, input, group, (y, x), pixels);
                }
                for p in 0..pixels {
                    self.finish(p, output.pixel_mut(y, x + p));
                }
            }
        }
    }

    /// The accumulators of a group's filters at `pixels` output pixels from `(y, x)` on.
    fn accumulate(
        &mut self,
        kernel: FourDots,
        input: &Map,
        group: usize,
        (y, x): (usize, usize),
        pixels: usize,
    ) {
        let (stride, filters) = (self.shape.stride, self.shape.filters);
        let depth = self.patches.len() / PIXELS;
        let patches = &mut self.patches[..pixels * depth];
        for (p, patch) in patches.chunks_exact_mut(depth).enumerate() {
            gather(
                &self.shape,
                input,
                group,
                (y * stride, (x + p) * stride),
                patch,
            );
        }
        let share = filters / self.shape.groups;
        let weights = &self.weights[group * share * depth..][..share * depth];
        let sums = &mut self.sums[group * share..];
        multiply(kernel, weights, patches, depth, sums, filters);
    }

    /// Accumulators → real values → ReLU → LRN → activation steps.
    fn finish(&mut self, pixel: usize, out: &mut [i16]) {
        let sums = &self.sums[pixel * self.shape.filters..];
        let factors = self.scale.iter().zip(&self.bias);
        for ((real, &sum), (scale, bias)) in self.pixel.iter_mut().zip(sums).zip(factors) {
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

/// Copies one group's channels under the kernel at `(y, x)` (border counted): kernel row, kernel
/// column, channel.
fn gather(shape: &Conv, input: &Map, group: usize, (y, x): (usize, usize), patch: &mut [i16]) {
    let depth = input.channels / shape.groups;
    for (ky, part) in patch.chunks_exact_mut(shape.kernel * depth).enumerate() {
        let row = input.row_from(y + ky, x);
        if shape.groups == 1 {
            part.copy_from_slice(&row[..shape.kernel * depth]);
            continue;
        }
        let pixels = row.chunks_exact(input.channels);
        for (part, pixel) in part.chunks_exact_mut(depth).zip(pixels) {
            part.copy_from_slice(&pixel[group * depth..][..depth]);
        }
    }
}
