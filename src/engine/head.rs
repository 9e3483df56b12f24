//! What follows the convolutions: from the last map to the features.

use super::dense::Dense;
use super::kernels::Kernels;
use super::map::Map;
use super::places::Places;
use crate::architecture::Readout;
use crate::model::StoredModel;

/// Either way of reading the last map (see [`Readout`]).
#[derive(Debug)]
pub enum Head {
    Dense(Dense),
    Places(Box<Places>),
}

impl Head {
    /// Of a model that [`StoredModel::check`] has passed.
    pub fn new(model: &StoredModel) -> Self {
        let network = &model.facts.architecture;
        // The check has passed: there is a last map.
        let (channels, side) = network.feature_shape().unwrap_or((1, 1));
        match network.readout {
            Readout::Flatten => Self::Dense(Dense::new(&model.linears, channels, side * side)),
            Readout::MeanAndTop { top } => Self::Places(Box::new(Places::new(
                &model.linears[0],
                channels,
                side,
                top,
            ))),
        }
    }

    /// The features of one last map, real values.
    pub fn run(&mut self, kernels: Kernels, map: &Map) -> &[f32] {
        match self {
            Self::Dense(dense) => dense.run(kernels, map),
            Self::Places(places) => places.run(kernels, map),
        }
    }

    /// What [`Head::run`] gave last.
    pub fn features(&self) -> &[f32] {
        match self {
            Self::Dense(dense) => dense.features(),
            Self::Places(places) => places.features(),
        }
    }
}
