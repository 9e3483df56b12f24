//! The frozen ImageNet trunk in int8, and the maps that it gives.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use super::Result;
use super::dataset::spread;
use super::features::Features;
use super::quantize::TrunkWeights;
use crate::architecture::Network;
use crate::model::QuantConv;
use crate::preprocess::Preprocessing;

/// Slices whose f32 activations set the int8 scales.
const CALIBRATION_SLICES: usize = 256;

/// Hashes everything that int8 convolutions compute with.
pub fn hash_convs(convs: &[QuantConv], hasher: &mut impl Hasher) {
    for conv in convs {
        conv.layer.weight.hash(hasher);
        for floats in [
            &conv.layer.weight_scale,
            &conv.layer.bias,
            &conv.output_scale,
        ] {
            floats.iter().for_each(|f| f.to_bits().hash(hasher));
        }
    }
}

/// ImageNet convolutions that are not trained further.
pub struct FrozenTrunk {
    /// Shape of the network that it is part of.
    pub network: Network,
    /// Its f32 weights.
    pub weights: TrunkWeights,
    /// Its int8 layers.
    pub convs: Vec<QuantConv>,
    preprocessing: Preprocessing,
}

impl FrozenTrunk {
    /// Reads f32 convolutions and quantises them on some of `inputs` (`side × side` grey levels
    /// each).
    ///
    /// # Errors
    /// [`super::TrainError`] when weights are missing or do not fit.
    pub fn open(
        path: &Path,
        network: Network,
        preprocessing: Preprocessing,
        inputs: &[Vec<u8>],
    ) -> Result<Self> {
        let weights = TrunkWeights::open(path)?;
        let convs = weights.quantize(&network, &spread(inputs, CALIBRATION_SLICES))?;
        Ok(Self {
            network,
            weights,
            convs,
            preprocessing,
        })
    }

    /// Everything that the maps depend on.
    pub fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{:?}", self.preprocessing).hash(&mut hasher);
        for lrn in self.network.convs.iter().filter_map(|c| c.lrn) {
            lrn.alpha.to_bits().hash(&mut hasher);
        }
        hash_convs(&self.convs, &mut hasher);
        hasher.finish()
    }

    /// The maps of the paper's copies of the inputs, kept in `folder`.
    ///
    /// # Errors
    /// [`super::TrainError`] from files or the engine.
    pub fn features(&self, inputs: &[Vec<u8>], folder: &Path) -> Result<Features> {
        let key = format!("{:016x}", self.key());
        Features::compute(&self.network, &self.convs, inputs, folder, &key)
    }
}
