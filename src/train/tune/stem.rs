//! Batches of maps that a frozen, already quantised stem has computed once.
//!
//! The first convolutions of an ImageNet network are edges and textures that serve any image, and
//! cost more than half of a step. Frozen, they run once for each altered copy, in int8, exactly as
//! the engine will run them; what follows them is trained on what it will read.

use std::path::Path;

use candle_core::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::batches::{Batch, Batches, Mixture, Pool, Sort, blood_by_place, pick};
use crate::architecture::Network;
use crate::engine::Trunk;
use crate::model::QuantConv;
use crate::train::augment::Copies;
use crate::train::protocol::Image;
use crate::train::synthesis::{Series, Slices, Synthetic};
use crate::train::{Result, TrainError, file_error, progress, write_atomically};

/// Maps after the stem, in activation steps.
pub struct Stem {
    /// Channels, height and width of a map.
    shape: (usize, usize, usize),
    /// Real value of a step, by channel.
    scale: Vec<f32>,
    /// Altered copies of every slice: `variants × slices × map`.
    slices: Vec<u8>,
    count: usize,
    /// Synthetic haemorrhage.
    synthetic: Vec<u8>,
    /// Slice that each was drawn into.
    drawn_into: Vec<usize>,
    /// Pixels of blood around each place of the last map.
    blood: Vec<f32>,
}

impl Stem {
    /// Runs the stem (`network`'s convolutions, in int8) over copies of the slices and `drawn`
    /// synthetic slices, or reads what an earlier run left in `folder` under `key`, which must name
    /// the stem. `places` is the height and width of the last convolution's map.
    ///
    /// # Errors
    /// [`TrainError`] from files or the engine.
    pub fn compute(
        (network, convs): (&Network, &[QuantConv]),
        slices: &Slices,
        (copies, drawn, seed): (Copies, usize, u64),
        places: (usize, usize),
        (folder, key): (&Path, &str),
    ) -> Result<Self> {
        let misfit = || TrainError::Data("the stem's convolutions do not fit".into());
        let (channels, side) = network.feature_shape().ok_or_else(misfit)?;
        let count = slices.inputs.len();
        let run = |name: &str, length: usize, grey: &(dyn Fn(usize) -> Vec<u8> + Sync)| {
            let path = folder.join(format!("stem-{key}-{name}.bin"));
            let expected = length * channels * side * side;
            match std::fs::read(&path) {
                Ok(maps) if maps.len() == expected => Ok(maps),
                _ => {
                    let maps = run_all(network, convs, name, length, grey)?;
                    std::fs::create_dir_all(folder).map_err(file_error(folder))?;
                    write_atomically(&path, &maps)?;
                    Ok::<_, TrainError>(maps)
                }
            }
        };
        let mut of_slices = Vec::new();
        for variant in 0..copies.count() {
            let name = format!("{}-{variant}", copies.name());
            of_slices.extend(run(&name, count, &|i| {
                let alteration = copies.alteration(i, variant);
                alteration.apply(&slices.inputs[i], network.input_side)
            })?);
        }
        let series = Series::of_all(*slices);
        let wanted = series.length(drawn);
        let drawings: Vec<(usize, Vec<f32>)> = (0..wanted)
            .into_par_iter()
            .map(|n| {
                let Synthetic { slice, blood, .. } = series.get(seed, n);
                (slice, blood_by_place(&blood, network.input_side, places))
            })
            .collect();
        let synthetic = run(&format!("synthetic-{seed}-{wanted}"), wanted, &|n| {
            series.get(seed, n).grey
        })?;
        let (drawn_into, blood): (Vec<usize>, Vec<Vec<f32>>) = drawings.into_iter().unzip();
        Ok(Self {
            shape: (channels, side, side),
            scale: convs.last().ok_or_else(misfit)?.output_scale.clone(),
            slices: of_slices,
            count,
            synthetic,
            drawn_into,
            blood: blood.concat(),
        })
    }

    fn length(&self) -> usize {
        self.shape.0 * self.shape.1 * self.shape.2
    }

    /// Batches of the slices in `pool` and of what was drawn into its normal ones.
    pub fn batches<'a>(&'a self, pool: Pool, device: &'a Device) -> StemBatches<'a> {
        let normal = pool.normal_slices();
        let drawn = self.drawn_into.iter().enumerate();
        StemBatches {
            drawn: drawn
                .filter(|(_, slice)| normal.contains(slice))
                .map(|(n, _)| n)
                .collect(),
            stem: self,
            pool,
            device,
        }
    }

    /// Real values of maps, `N×C×H×W`.
    fn tensor(&self, maps: &[&[u8]], device: &Device) -> Result<Tensor> {
        let (channels, height, width) = self.shape;
        let places = height * width;
        let mut values = vec![0.0f32; maps.len() * self.length()];
        values
            .par_chunks_exact_mut(self.length())
            .zip(maps)
            .for_each(|(values, map)| {
                let by_channel = values
                    .chunks_exact_mut(places)
                    .zip(map.chunks_exact(places));
                for ((values, map), scale) in by_channel.zip(&self.scale) {
                    for (value, &step) in values.iter_mut().zip(map) {
                        *value = f32::from(step) * scale;
                    }
                }
            });
        let shape = (maps.len(), channels, height, width);
        Ok(Tensor::from_vec(values, shape, device)?)
    }

    fn map(&self, image: Image) -> &[u8] {
        let at = image.variant * self.count + image.slice;
        &self.slices[at * self.length()..][..self.length()]
    }
}

fn run_all(
    network: &Network,
    convs: &[QuantConv],
    name: &str,
    length: usize,
    grey: &(dyn Fn(usize) -> Vec<u8> + Sync),
) -> Result<Vec<u8>> {
    let bar = progress(&format!("stem, {name}"), length);
    let maps: Vec<Vec<u8>> = (0..length)
        .into_par_iter()
        .map_init(
            || Trunk::new(network, convs),
            |trunk, i| {
                let trunk = trunk.as_mut().map_err(|e| e.clone())?;
                bar.inc(1);
                Ok(trunk.pooled_features(&grey(i))?)
            },
        )
        .collect::<Result<_>>()?;
    bar.finish();
    Ok(maps.concat())
}

/// Batches of a [`Stem`].
pub struct StemBatches<'a> {
    stem: &'a Stem,
    pool: Pool,
    /// Synthetic slices that may be drawn.
    drawn: Vec<usize>,
    device: &'a Device,
}

impl StemBatches<'_> {
    fn map(&self, sort: Sort, rng: &mut impl Rng) -> Option<(&[u8], Option<usize>)> {
        let image = match sort {
            Sort::Haemorrhage => self.pool.bleeding(rng)?,
            Sort::Normal => self.pool.normal(rng)?,
            Sort::Synthetic => {
                let n = self.drawn[pick(0..self.drawn.len(), rng)?];
                let length = self.stem.length();
                return Some((&self.stem.synthetic[n * length..][..length], Some(n)));
            }
        };
        Some((self.stem.map(image), None))
    }
}

impl Batches for StemBatches<'_> {
    fn batch(&self, mixture: Mixture, seed: u64, step: usize) -> Result<Batch> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(step as u64);
        let places = self.stem.blood.len() / self.stem.drawn_into.len().max(1);
        let (mut sorts, mut maps, mut blood) = (Vec::new(), Vec::new(), Vec::new());
        for sort in mixture.sorts() {
            let Some((map, drawn)) = self.map(sort, &mut rng) else {
                continue;
            };
            sorts.push(sort);
            maps.push(map);
            match drawn {
                Some(n) => blood.extend(&self.stem.blood[n * places..][..places]),
                None => blood.extend(std::iter::repeat_n(0.0, places)),
            }
        }
        Ok(Batch {
            x: self.stem.tensor(&maps, self.device)?,
            sorts,
            blood,
        })
    }
}
