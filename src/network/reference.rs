//! Any of the networks in f32: what the int8 engine is held against.

use std::path::Path;

use candle_core::{DType, Device, Error, Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use super::Tensors;
use super::head::{Head, without_kernel};
use super::input::Normalisation;
use super::trunk::Trunk;
use crate::architecture::Network;

/// A network with its planes: convolutions, fully connected layers with ReLU, readout, linear decision.
pub struct Reference {
    network: Network,
    normalisation: Normalisation,
    tensors: Tensors,
    trunk: Trunk,
    head: Head,
    haemorrhage: Linear,
    normal: Linear,
}

impl Reference {
    /// Builds the network on its tensors. conv1's input channels tell how it reads grey levels:
    /// three as [`Normalisation::ImageNet`], one as [`Normalisation::Unit`].
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn new(network: &Network, mut tensors: Tensors) -> Result<Self> {
        network.check().map_err(Error::Msg)?;
        without_kernel(network, &mut tensors)?;
        let first = format!("{}.weight", network.convs[0].name);
        let channels = tensors.get(&first).map(|w| w.dim(1)).transpose()?;
        let normalisation = channels
            .and_then(Normalisation::of_channels)
            .ok_or_else(|| Error::Msg(format!("{first} must have 1 or 3 input channels")))?;
        let vb = VarBuilder::from_tensors(tensors.clone(), DType::F32, &Device::Cpu);
        Ok(Self {
            trunk: Trunk::new(&network.convs, normalisation, vb.clone())?,
            head: Head::new(network, vb.clone())?,
            haemorrhage: linear(network.units(), 1, vb.pp("haemorrhage"))?,
            normal: linear(network.units(), 1, vb.pp("normal"))?,
            network: network.clone(),
            normalisation,
            tensors,
        })
    }

    /// Reads the tensors from a safetensors file.
    ///
    /// # Errors
    /// When the file cannot be read, and as [`Reference::new`].
    pub fn open(network: &Network, path: &Path) -> Result<Self> {
        Self::new(network, candle_core::safetensors::load(path, &Device::Cpu)?)
    }

    /// Its shape.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// How it reads grey levels.
    pub fn normalisation(&self) -> Normalisation {
        self.normalisation
    }

    /// Its weights.
    pub fn tensors(&self) -> &Tensors {
        &self.tensors
    }

    /// Grey levels (`images × side × side`, row-major) → what the other methods take.
    pub fn input(&self, grey: &[u8]) -> Result<Tensor> {
        self.normalisation
            .input(grey, self.network.input_side, &Device::Cpu)
    }

    /// What each layer hands to the next: the last map of each convolution, then what the head's steps
    /// give (see [`Head::outputs`]), the features last.
    pub fn outputs(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        let mut outputs = Trunk::outputs(&self.trunk.trace(x)?);
        let map = &outputs[outputs.len() - 1];
        outputs.extend(self.head.outputs(map)?);
        Ok(outputs)
    }

    /// [`Reference::outputs`] of one image, and its margin of haemorrhage.
    pub fn outputs_and_margin(&self, x: &Tensor) -> Result<(Vec<Tensor>, f32)> {
        let outputs = self.outputs(x)?;
        let features = &outputs[outputs.len() - 1];
        let margin = self.haemorrhage.forward(features)?.flatten_all()?;
        Ok((outputs, margin.get(0)?.to_scalar()?))
    }

    /// What the planes read, `N × features`.
    pub fn features(&self, x: &Tensor) -> Result<Tensor> {
        let mut outputs = self.head.outputs(&self.trunk.forward(x)?)?;
        outputs
            .pop()
            .ok_or_else(|| Error::Msg("a head needs a layer".into()))
    }

    /// Margins of the planes of haemorrhage and of normal, each against the rest, `N` each.
    pub fn margins(&self, x: &Tensor) -> Result<[Tensor; 2]> {
        let features = self.features(x)?;
        Ok([
            self.haemorrhage.forward(&features)?.squeeze(1)?,
            self.normal.forward(&features)?.squeeze(1)?,
        ])
    }
}

impl Module for Reference {
    /// Margins of haemorrhage against the rest, `N`.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.haemorrhage.forward(&self.features(x)?)?.squeeze(1)
    }
}
