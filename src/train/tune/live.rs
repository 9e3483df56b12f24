//! Batches drawn afresh for every step, for training every layer.

use candle_core::Device;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::batches::{Batch, Batches, Mixture, Pool, Sort, blood_by_place};
use super::network::input;
use crate::train::Result;
use crate::train::augment::{Alteration, Copies};
use crate::train::protocol::Image;
use crate::train::synthesis::{Series, Slices, Synthetic};

/// Altered slices, and synthetic haemorrhage drawn as it is needed.
pub struct Live<'a> {
    slices: Slices<'a>,
    copies: Copies,
    pool: Pool,
    series: Series<'a>,
    /// Black pixels around an input, and the places of the last map.
    shape: (usize, (usize, usize)),
    device: &'a Device,
}

/// A slice of a batch.
struct Sample {
    grey: Vec<u8>,
    blood: Vec<f32>,
}

impl<'a> Live<'a> {
    /// Draws from `pool`, whose copies are made by `copies` and altered further. `shape` is conv1's
    /// padding and the height and width of the last convolution's map.
    pub fn new(
        slices: Slices<'a>,
        copies: Copies,
        pool: Pool,
        shape: (usize, (usize, usize)),
        device: &'a Device,
    ) -> Self {
        Self {
            series: Series::new(slices, pool.normal_slices()),
            slices,
            copies,
            pool,
            shape,
            device,
        }
    }

    fn sample(&self, sort: Sort, rng: &mut impl Rng) -> Option<Sample> {
        let Image { slice, variant } = match sort {
            Sort::Haemorrhage => self.pool.bleeding(rng)?,
            Sort::Normal => self.pool.normal(rng)?,
            Sort::Synthetic => return self.synthetic(rng),
        };
        let (_, (height, width)) = self.shape;
        let (grey, side) = (&self.slices.inputs[slice], self.slices.side);
        let copy = self.copies.alteration(slice, variant).apply(grey, side);
        Some(Sample {
            grey: Alteration::random(rng).apply(&copy, side),
            blood: vec![0.0; height * width],
        })
    }

    fn synthetic(&self, rng: &mut impl Rng) -> Option<Sample> {
        let Synthetic { grey, blood, .. } = self.series.draw(rng)?;
        Some(Sample {
            grey,
            blood: blood_by_place(&blood, self.slices.side, self.shape.1),
        })
    }
}

impl Batches for Live<'_> {
    fn batch(&self, mixture: Mixture, seed: u64, step: usize) -> Result<Batch> {
        let drawn: Vec<(Sort, Sample)> = mixture
            .sorts()
            .into_par_iter()
            .enumerate()
            .filter_map(|(place, sort)| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(((step as u64) << 16) | place as u64);
                Some((sort, self.sample(sort, &mut rng)?))
            })
            .collect();
        let grey: Vec<u8> = drawn
            .iter()
            .flat_map(|(_, s)| s.grey.iter().copied())
            .collect();
        Ok(Batch {
            x: input(&grey, self.slices.side, self.shape.0, self.device)?,
            sorts: drawn.iter().map(|(sort, _)| *sort).collect(),
            blood: drawn.into_iter().flat_map(|(_, s)| s.blood).collect(),
        })
    }
}
