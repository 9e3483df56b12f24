//! f32 layers → int8 layers.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use candle_nn::VarBuilder;

use super::{Result, TrainError};
use crate::architecture::AlexNetSvm;
use crate::model::{ACTIVATION_MAX, QuantConv, QuantLayer};
use crate::network::alexnet::{IMAGENET_MEAN, IMAGENET_STD, Trunk, input};

/// Largest magnitude of a weight in int8; −128 is not used, so that scales are symmetric.
const WEIGHT_MAX: f32 = 127.0;
/// A channel's activation scale is never below this share of the layer's largest, so that a
/// channel that calibration saw asleep does not saturate at nothing.
const SMALLEST_SCALE_SHARE: f32 = 0.02;
/// Images that pass through the f32 trunk at once.
const BATCH: usize = 16;

/// The convolutions' f32 tensors, `conv1.weight` (OIHW, three input channels) … `conv5.bias`.
pub struct TrunkWeights(HashMap<String, Tensor>);

impl TrunkWeights {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when it is damaged; missing tensors show when they are asked for.
    pub fn open(path: &Path) -> Result<Self> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        Ok(Self(tensors))
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &HashMap<String, Tensor> {
        &self.0
    }

    /// The trunk as a candle module.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] naming a tensor that is missing or of another shape.
    pub fn trunk(&self, network: &AlexNetSvm) -> Result<Trunk> {
        let vb = VarBuilder::from_tensors(self.0.clone(), candle_core::DType::F32, &Device::Cpu);
        Ok(Trunk::new(network, vb)?)
    }

    fn values(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self
            .0
            .get(name)
            .ok_or_else(|| TrainError::Data(format!("the initial weights lack {name}")))?;
        Ok(tensor.flatten_all()?.to_vec1()?)
    }

    /// Quantises every convolution; activation scales come from `calibration` inputs
    /// (`side × side` grey levels each).
    ///
    /// # Errors
    /// [`TrainError`] when weights are missing or do not fit.
    pub fn quantize(&self, network: &AlexNetSvm, calibration: &[&[u8]]) -> Result<Vec<QuantConv>> {
        let largest = self.largest_activations(network, calibration)?;
        let mean_grey = mean_level(calibration);
        let mut input_scale = vec![1.0f32];
        let mut convs = Vec::new();
        for (conv, largest) in network.convs.iter().zip(&largest) {
            let mut weight = self.values(&format!("{}.weight", conv.name))?;
            let mut bias = self.values(&format!("{}.bias", conv.name))?;
            if convs.is_empty() {
                (weight, bias) = fold_grey(&weight, &bias);
            }
            let depth = input_scale.len() / conv.groups;
            let kernel = conv.kernel * conv.kernel;
            let share = conv.filters / conv.groups;
            for (f, row) in weight.chunks_exact_mut(depth * kernel).enumerate() {
                let first = f / share * depth;
                for (c, channel) in row.chunks_exact_mut(kernel).enumerate() {
                    channel
                        .iter_mut()
                        .for_each(|w| *w *= input_scale[first + c]);
                }
            }
            let top = largest.iter().copied().fold(0.0, f32::max);
            // Between convolutions all channels share a scale, so that weights keep their own grid
            // (see `scale_of`); the trained FC6 takes a scale for each channel as it comes.
            let last = convs.len() + 1 == network.convs.len();
            let smallest = if last { SMALLEST_SCALE_SHARE } else { 1.0 };
            let output_scale: Vec<f32> = largest
                .iter()
                .map(|l| l.max(smallest * top) / f32::from(ACTIVATION_MAX))
                .collect();
            let scaled_mean = if convs.is_empty() { mean_grey } else { 0.0 };
            let mean_input = vec![scaled_mean; depth * kernel];
            convs.push(QuantConv {
                layer: quantize_layer(&weight, bias, &mean_input),
                output_scale: output_scale.clone(),
            });
            input_scale = output_scale;
        }
        Ok(convs)
    }

    /// The largest value of each channel after each convolution's last step.
    fn largest_activations(
        &self,
        network: &AlexNetSvm,
        calibration: &[&[u8]],
    ) -> Result<Vec<Vec<f32>>> {
        let trunk = self.trunk(network)?;
        let mut largest: Vec<Vec<f32>> =
            network.convs.iter().map(|c| vec![0.0; c.filters]).collect();
        for batch in calibration.chunks(BATCH) {
            let x = input(&batch.concat(), network.input_side, &Device::Cpu)?;
            let steps: HashMap<String, Tensor> = trunk.trace(&x)?.into_iter().collect();
            for (i, largest) in largest.iter_mut().enumerate() {
                let last = ["pool", "lrn", "relu"]
                    .iter()
                    .find_map(|step| steps.get(&format!("{step}{}", i + 1)))
                    .ok_or_else(|| TrainError::Data("a layer left no trace".into()))?;
                let peak: Vec<f32> = last.max(3)?.max(2)?.max(0)?.to_vec1()?;
                for (l, p) in largest.iter_mut().zip(peak) {
                    *l = l.max(p);
                }
            }
        }
        Ok(largest)
    }
}

/// Mean grey level of all inputs.
fn mean_level(inputs: &[&[u8]]) -> f32 {
    let (mut sum, mut count) = (0.0f64, 0.0f64);
    for input in inputs {
        sum += input.iter().map(|&g| f64::from(g)).sum::<f64>();
        count += input.len() as f64;
    }
    (sum / count.max(1.0)) as f32
}

/// Rows of f32 weights → int8 with a scale a row. What rounding the weights adds to an output on
/// the mean input is taken out of its bias.
pub fn quantize_layer(weight: &[f32], bias: Vec<f32>, mean_input: &[f32]) -> QuantLayer {
    let mut layer = QuantLayer {
        weight: Vec::with_capacity(weight.len()),
        weight_scale: Vec::with_capacity(bias.len()),
        bias: Vec::with_capacity(bias.len()),
    };
    for (row, bias) in weight.chunks_exact(mean_input.len()).zip(bias) {
        let scale = scale_of(row);
        let mut lost = 0.0;
        for (w, mean) in row.iter().zip(mean_input) {
            let quantised = (w / scale).round();
            lost += (w - quantised * scale) * mean;
            layer.weight.push(quantised as i8);
        }
        layer.weight_scale.push(scale);
        layer.bias.push(bias + lost);
    }
    layer
}

/// The scale of a row: the step of its own 8-bit grid where it has one, which loses nothing (the
/// ImageNet weights are multiples of a power of two, times one activation scale); else the
/// largest magnitude falls on 127.
fn scale_of(row: &[f32]) -> f32 {
    let magnitudes = || row.iter().map(|w| w.abs()).filter(|&w| w > 0.0);
    let largest = magnitudes().fold(0.0, f32::max);
    if largest == 0.0 {
        return 1.0;
    }
    let smallest = magnitudes().fold(largest, f32::min);
    let on_grid = |step: f32| {
        magnitudes().all(|w| {
            let steps = w / step;
            steps < WEIGHT_MAX + 0.5 && (steps - steps.round()).abs() < GRID_TOLERANCE * steps
        })
    };
    // The smallest weight is a whole number of steps.
    (1..=LARGEST_SMALLEST)
        .map(|steps| smallest / steps as f32)
        .find(|&step| on_grid(step))
        .unwrap_or(largest / WEIGHT_MAX)
}

/// How far from a whole number of steps rounding in f32 may leave a weight on a grid, relatively.
const GRID_TOLERANCE: f32 = 1e-6;
/// Most grid steps that a row's smallest weight is tried as.
const LARGEST_SMALLEST: usize = 32;

/// Folds conv1's three input channels into one that reads grey levels 0–255: exact, because the
/// three are the same grey, each normalised by its own mean and deviation, and conv1 has no padding.
fn fold_grey(weight: &[f32], bias: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let row = weight.len() / bias.len();
    let kernel = row / 3;
    let mut folded = Vec::with_capacity(kernel * bias.len());
    let mut shifted = Vec::with_capacity(bias.len());
    for (row, bias) in weight.chunks_exact(row).zip(bias) {
        let channels: Vec<&[f32]> = row.chunks_exact(kernel).collect();
        folded.extend((0..kernel).map(|k| {
            let of_channel = channels.iter().zip(IMAGENET_STD);
            of_channel
                .map(|(channel, std)| channel[k] / (255.0 * std))
                .sum::<f32>()
        }));
        let shift: f32 = (0..3)
            .map(|c| channels[c].iter().sum::<f32>() * IMAGENET_MEAN[c] / IMAGENET_STD[c])
            .sum();
        shifted.push(bias - shift);
    }
    (folded, shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_on_a_grid_of_their_own_lose_nothing() {
        let step = 0.0078125 * 0.0317;
        let steps = [-84.0f32, 0.0, 3.0, 9.0, 101.0, -2.0, 0.0, 6.0];
        let row: Vec<f32> = steps.iter().map(|s| s * step).collect();
        let layer = quantize_layer(&row, vec![0.5], &[100.0; 8]);
        let back = layer
            .weight
            .iter()
            .map(|&w| f32::from(w) * layer.weight_scale[0]);
        for (back, w) in back.zip(&row) {
            assert!((back - w).abs() <= 1e-6 * w.abs());
        }
        assert!((layer.bias[0] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn rounding_is_taken_out_of_the_bias() {
        let row: Vec<f32> = (0..50)
            .map(|i| (i as f32 * 0.7).sin() * 0.1 + 0.003)
            .collect();
        let mean: Vec<f32> = (0..50).map(|i| (i % 7) as f32 * 10.0).collect();
        let layer = quantize_layer(&row, vec![0.0], &mean);
        let exact: f32 = row.iter().zip(&mean).map(|(w, m)| w * m).sum();
        let quantised = layer
            .weight
            .iter()
            .zip(&mean)
            .map(|(&w, m)| f32::from(w) * m);
        let found = quantised.sum::<f32>() * layer.weight_scale[0] + layer.bias[0];
        assert!((found - exact).abs() < 1e-3, "{found} not {exact}");
    }

    #[test]
    fn grey_folds_into_one_channel_exactly() {
        let weight: Vec<f32> = (0..2 * 3 * 4).map(|i| (i as f32 * 1.3).cos()).collect();
        let (folded, shifted) = fold_grey(&weight, &[0.1, -0.2]);
        let grey = [0.0f32, 90.0, 140.0, 255.0];
        for f in 0..2 {
            let mut expected = [0.1f32, -0.2][f];
            for c in 0..3 {
                for (k, g) in grey.iter().enumerate() {
                    let x = (g / 255.0 - IMAGENET_MEAN[c]) / IMAGENET_STD[c];
                    expected += weight[(f * 3 + c) * 4 + k] * x;
                }
            }
            let found: f32 = folded[f * 4..][..4]
                .iter()
                .zip(&grey)
                .map(|(w, g)| w * g)
                .sum();
            assert!((found + shifted[f] - expected).abs() < 1e-4);
        }
    }
}
