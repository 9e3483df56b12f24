//! What each layer made of an input, as real values: for looking into a network.

use super::map::Map;
use super::plan::Engine;

/// A map as real values: its activation steps, each times its channel's scale.
#[derive(Debug, Clone, PartialEq)]
pub struct RealMap {
    /// Channels.
    pub channels: usize,
    /// Side.
    pub side: usize,
    /// Channel, row, column.
    pub values: Vec<f32>,
}

/// What a convolution made of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvLayer {
    /// After ReLU and before normalisation and rounding, where there is a normalisation.
    pub rectified: Option<RealMap>,
    /// After ReLU, and normalisation where there is one.
    pub convolved: RealMap,
    /// After pooling, where the convolution is pooled.
    pub pooled: Option<RealMap>,
}

/// What the layers made of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// In order.
    pub convs: Vec<ConvLayer>,
    /// The units of each fully connected layer after ReLU, before they are rounded to eight bits.
    pub units: Vec<Vec<f32>>,
}

impl ConvLayer {
    /// The map that the next layer reads.
    pub fn output(&self) -> &RealMap {
        self.pooled.as_ref().unwrap_or(&self.convolved)
    }
}

impl RealMap {
    /// Of a map with so many activation steps per real value, one number a channel.
    pub(super) fn new(map: &Map, steps: &[f32]) -> Self {
        Self {
            channels: map.channels,
            side: map.side,
            values: map.planes(|channel, v| f32::from(v) / steps[channel]),
        }
    }
}

impl Engine {
    /// What [`Engine::features`] gave last.
    pub fn units(&self) -> &[f32] {
        self.linears.last().map_or(&[], |step| &step.units)
    }

    /// What each layer made of the input that [`Engine::features`] read last. What is normalised is
    /// convolved once more for that: the engine does not keep it.
    pub fn layers(&mut self) -> Layers {
        Layers {
            convs: self.trunk.layers(),
            units: self.linears.iter().map(|step| step.units.clone()).collect(),
        }
    }
}
