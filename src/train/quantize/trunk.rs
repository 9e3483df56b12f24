//! Convolutions whose head is not trained yet.

use std::path::Path;

use candle_core::{DType, Device};
use candle_nn::VarBuilder;

use super::activations::Activations;
use super::{mean_level, quantize_convs};
use crate::architecture::Network;
use crate::model::QuantConv;
use crate::network::Tensors;
use crate::network::input::Normalisation;
use crate::network::trunk::Trunk;
use crate::train::{Result, TrainError};

/// An ImageNet network's convolutions in f32: `conv1.weight` (OIHW, three input channels) …
/// `conv5.bias`.
pub struct TrunkWeights(Tensors);

impl TrunkWeights {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Data`] when it is damaged; missing tensors show when they are asked for.
    pub fn open(path: &Path) -> Result<Self> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)
            .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
        Ok(Self(tensors))
    }

    /// The tensors by name.
    pub fn tensors(&self) -> &Tensors {
        &self.0
    }

    /// The trunk as a candle module.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] naming a tensor that is missing or of another shape.
    pub fn trunk(&self, network: &Network) -> Result<Trunk> {
        let vb = VarBuilder::from_tensors(self.0.clone(), DType::F32, &Device::Cpu);
        Ok(Trunk::new(&network.convs, Normalisation::ImageNet, vb)?)
    }

    /// Quantises every convolution; activation scales come from `sample` (`side × side` grey
    /// levels each). The last map gets a scale for each channel, for a head that is trained on
    /// those very steps.
    ///
    /// # Errors
    /// [`TrainError`] when weights are missing or do not fit, or the sample is empty.
    pub fn quantize(&self, network: &Network, sample: &[&[u8]]) -> Result<Vec<QuantConv>> {
        let trunk = self.trunk(network)?;
        let normalisation = Normalisation::ImageNet;
        let measured = Activations::measure(sample, |grey| {
            let x = normalisation.input(grey, network.input_side, &Device::Cpu)?;
            Ok(Trunk::outputs(&trunk.trace(&x)?))
        })?;
        let mean_grey = mean_level(sample);
        let (convs, _) = quantize_convs(network, normalisation, &self.0, &measured, mean_grey)?;
        Ok(convs)
    }
}
