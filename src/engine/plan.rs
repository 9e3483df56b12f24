//! The order of the steps and their buffers.

use super::kernels::{self, Kernels};
use super::linear::LinearStep;
use super::trunk::Trunk;
use crate::Error;
use crate::model::StoredModel;

/// A stored model ready to run; allocates nothing after [`Engine::new`].
#[derive(Debug)]
pub struct Engine {
    kernels: Kernels,
    trunk: Trunk,
    /// The last map, flattened: row, column, channel.
    flat: Vec<i16>,
    linears: Vec<LinearStep>,
}

impl Engine {
    /// Packs the weights and allocates the buffers.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the layers do not fit each other.
    pub fn new(model: &StoredModel) -> Result<Self, Error> {
        model.check()?;
        let network = &model.facts.architecture;
        let flat = network.features().unwrap_or(0);
        let mut channels = network.convs.last().map_or(1, |conv| conv.filters);
        let mut linears = Vec::with_capacity(model.linears.len());
        for stored in &model.linears {
            linears.push(LinearStep::new(stored, channels));
            channels = stored.layer.bias.len();
        }
        Ok(Self {
            kernels: kernels::fastest(),
            trunk: Trunk::new(network, &model.convs)?,
            flat: vec![0; flat],
            linears,
        })
    }

    /// The last hidden layer's units after ReLU, real values, for one input of `side * side` grey
    /// levels: what the planes read.
    ///
    /// # Errors
    /// [`Error::Internal`] when `grey` is of another length.
    pub fn features(&mut self, grey: &[u8]) -> Result<&[f32], Error> {
        self.trunk.run(grey)?.flatten(&mut self.flat);
        let mut input = self.flat.as_slice();
        let mut units: &[f32] = &[];
        for step in &mut self.linears {
            (units, input) = step.run(self.kernels, input);
        }
        Ok(units)
    }
}
