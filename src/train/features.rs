//! Pooled maps of every slice and its altered copies through the int8 trunk, computed once.

use std::path::Path;

use rayon::prelude::*;

use super::augment::{PAPER_COPIES, paper_copy};
use super::{Result, TrainError, file_error, progress, write_atomically};
use crate::architecture::Network;
use crate::engine::Trunk;
use crate::model::QuantConv;

/// Pooled maps in activation steps, `variants × images × 9216`.
pub struct Features {
    /// Length of one map, channel, row, column order.
    pub dimensions: usize,
    images: usize,
    data: Vec<u8>,
}

impl Features {
    /// The map of an image's variant.
    pub fn get(&self, variant: usize, image: usize) -> &[u8] {
        &self.data[(variant * self.images + image) * self.dimensions..][..self.dimensions]
    }

    /// Altered copies of each image, itself included.
    pub fn variants(&self) -> usize {
        self.data.len() / (self.images * self.dimensions)
    }

    /// Runs the trunk of `network` on the paper's copies of each input; one file a copy is kept in
    /// `folder`, so that an interrupted run goes on where it was. `key` names what the files depend
    /// on.
    ///
    /// # Errors
    /// [`TrainError`] from files or the engine.
    pub fn compute(
        network: &Network,
        convs: &[QuantConv],
        inputs: &[Vec<u8>],
        folder: &Path,
        key: &str,
    ) -> Result<Self> {
        let dimensions = network
            .features()
            .ok_or_else(|| TrainError::Data("the network's layers do not fit".into()))?;
        let expected = inputs.len() * dimensions;
        let mut data = Vec::with_capacity(PAPER_COPIES * expected);
        for variant in 0..PAPER_COPIES {
            let path = folder.join(format!("features-{key}-{variant}.bin"));
            let cached = std::fs::read(&path).ok().filter(|c| c.len() == expected);
            let maps = match cached {
                Some(maps) => maps,
                None => {
                    let maps = run_variant(network, convs, inputs, variant)?;
                    std::fs::create_dir_all(folder).map_err(file_error(folder))?;
                    write_atomically(&path, &maps)?;
                    maps
                }
            };
            data.extend(maps);
        }
        Ok(Self {
            dimensions,
            images: inputs.len(),
            data,
        })
    }
}

fn run_variant(
    network: &Network,
    convs: &[QuantConv],
    inputs: &[Vec<u8>],
    variant: usize,
) -> Result<Vec<u8>> {
    let side = network.input_side;
    let bar = progress(&format!("trunk features, variant {variant}"), inputs.len());
    let maps: Vec<Vec<u8>> = inputs
        .par_iter()
        .map_init(
            || Trunk::new(network, convs),
            |trunk, grey| {
                let trunk = trunk.as_mut().map_err(|e| e.clone())?;
                let altered = paper_copy(variant).apply(grey, side);
                bar.inc(1);
                Ok(trunk.pooled_features(&altered)?)
            },
        )
        .collect::<Result<_>>()?;
    bar.finish();
    Ok(maps.concat())
}
