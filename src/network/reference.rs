//! Any of the networks in f32: what the int8 engine is held against.

use std::path::Path;

use candle_core::{DType, Device, Error, Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use super::Tensors;
use super::input::Normalisation;
use super::trunk::Trunk;
use crate::architecture::Network;

/// A network with its planes: convolutions, fully connected layers with ReLU, linear decision.
pub struct Reference {
    network: Network,
    normalisation: Normalisation,
    tensors: Tensors,
    trunk: Trunk,
    linears: Vec<Linear>,
    haemorrhage: Linear,
    normal: Linear,
}

impl Reference {
    /// Builds the network on its tensors. conv1's input channels tell how it reads grey levels:
    /// three as [`Normalisation::ImageNet`], one as [`Normalisation::Unit`].
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn new(network: &Network, tensors: Tensors) -> Result<Self> {
        network.check().map_err(Error::Msg)?;
        let first = format!("{}.weight", network.convs[0].name);
        let channels = tensors.get(&first).map(|w| w.dim(1)).transpose()?;
        let normalisation = channels
            .and_then(Normalisation::of_channels)
            .ok_or_else(|| Error::Msg(format!("{first} must have 1 or 3 input channels")))?;
        let vb = VarBuilder::from_tensors(tensors.clone(), DType::F32, &Device::Cpu);
        let mut inputs = network.features().unwrap_or(0);
        let mut linears = Vec::with_capacity(network.linears.len());
        for layer in &network.linears {
            linears.push(linear(inputs, layer.units, vb.pp(&layer.name))?);
            inputs = layer.units;
        }
        Ok(Self {
            trunk: Trunk::new(&network.convs, normalisation, vb.clone())?,
            linears,
            haemorrhage: linear(inputs, 1, vb.pp("haemorrhage"))?,
            normal: linear(inputs, 1, vb.pp("normal"))?,
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

    /// What each layer hands to the next: the last map of each convolution, then the units of each
    /// fully connected layer after ReLU.
    pub fn outputs(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        let mut outputs = Trunk::outputs(&self.trunk.trace(x)?);
        for layer in &self.linears {
            let input = outputs[outputs.len() - 1].flatten_from(1)?;
            outputs.push(layer.forward(&input)?.relu()?);
        }
        Ok(outputs)
    }

    /// [`Reference::outputs`] of one image, and its margin of haemorrhage.
    pub fn outputs_and_margin(&self, x: &Tensor) -> Result<(Vec<Tensor>, f32)> {
        let outputs = self.outputs(x)?;
        let units = outputs[outputs.len() - 1].flatten_from(1)?;
        let margin = self.haemorrhage.forward(&units)?.flatten_all()?;
        Ok((outputs, margin.get(0)?.to_scalar()?))
    }

    /// The last hidden layer's units after ReLU, `N × units`.
    pub fn features(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = self.trunk.forward(x)?.flatten_from(1)?;
        for layer in &self.linears {
            x = layer.forward(&x)?.relu()?;
        }
        Ok(x)
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
