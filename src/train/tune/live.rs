//! Batches drawn afresh for every step, for training every layer.

use candle_core::Device;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::batches::{Batch, Batches, Mixture, Pool, Sort, blood_by_place, pick};
use super::network::input;
use crate::train::Result;
use crate::train::augment::Alteration;
use crate::train::dataset::Example;
use crate::train::synthesis::{Bleed, Intracranial};

/// Altered slices, and synthetic haemorrhage drawn as it is needed.
pub struct Live<'a> {
    inputs: &'a [Vec<u8>],
    side: usize,
    spaces: &'a [Option<Intracranial>],
    pool: Pool,
    /// Normal slices with a closed skull.
    drawable: Vec<usize>,
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
    /// Draws from the `members` among all slices; `spaces` are the insides of their skulls. `shape`
    /// is conv1's padding and the height and width of the last convolution's map.
    pub fn new(
        examples: &[Example],
        (inputs, side): (&'a [Vec<u8>], usize),
        spaces: &'a [Option<Intracranial>],
        members: &[usize],
        shape: (usize, (usize, usize)),
        device: &'a Device,
    ) -> Self {
        let pool = Pool::new(examples, members);
        let drawable = pool.normal.iter().copied();
        Self {
            inputs,
            side,
            spaces,
            drawable: drawable.filter(|&i| spaces[i].is_some()).collect(),
            pool,
            shape,
            device,
        }
    }

    fn sample(&self, sort: Sort, rng: &mut impl Rng) -> Option<Sample> {
        let slice = match sort {
            Sort::Haemorrhage => self.pool.bleeding(rng)?,
            Sort::Normal => self.pool.normal(rng)?,
            Sort::Synthetic => return self.synthetic(rng),
        };
        let (_, (height, width)) = self.shape;
        Some(Sample {
            grey: Alteration::random(rng).apply(&self.inputs[slice], self.side),
            blood: vec![0.0; height * width],
        })
    }

    /// Tries slices and kinds until one finds its place.
    fn synthetic(&self, rng: &mut impl Rng) -> Option<Sample> {
        loop {
            let slice = self.drawable[pick(0..self.drawable.len(), rng)?];
            let kind = Bleed::ALL[rng.random_range(0..Bleed::ALL.len())];
            let drawing = kind.draw(self.spaces[slice].as_ref()?, &self.inputs[slice], rng);
            if let Some(drawing) = drawing {
                let (drawing, blood) = drawing.altered(&Alteration::random(rng), self.side);
                return Some(Sample {
                    grey: drawing,
                    blood: blood_by_place(&blood, self.side, self.shape.1),
                });
            }
        }
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
            x: input(&grey, self.side, self.shape.0, self.device)?,
            sorts: drawn.iter().map(|(sort, _)| *sort).collect(),
            blood: drawn.into_iter().flat_map(|(_, s)| s.blood).collect(),
        })
    }
}
