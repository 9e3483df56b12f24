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
            let output_scale: Vec<f32> = largest
                .iter()
                .map(|l| l.max(SMALLEST_SCALE_SHARE * top) / f32::from(ACTIVATION_MAX))
                .collect();
            convs.push(QuantConv {
                layer: quantize_layer(&weight, bias),
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

/// Rows of f32 weights → int8 with a scale a row.
pub fn quantize_layer(weight: &[f32], bias: Vec<f32>) -> QuantLayer {
    let row = weight.len() / bias.len();
    let mut quantised = Vec::with_capacity(weight.len());
    let mut weight_scale = Vec::with_capacity(bias.len());
    for row in weight.chunks_exact(row) {
        let largest = row.iter().fold(0.0f32, |l, w| l.max(w.abs()));
        let scale = if largest > 0.0 {
            largest / WEIGHT_MAX
        } else {
            1.0
        };
        quantised.extend(row.iter().map(|w| (w / scale).round() as i8));
        weight_scale.push(scale);
    }
    QuantLayer {
        weight: quantised,
        weight_scale,
        bias,
    }
}

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
