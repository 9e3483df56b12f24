//! What a step sees: real slices of both classes and synthetic haemorrhage, altered at random.

use std::collections::BTreeMap;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::train::augment::Alteration;
use crate::train::dataset::Example;
use crate::train::synthesis::{Bleed, Intracranial};

/// How many slices of each sort a step sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mixture {
    /// With haemorrhage, drawn patient by patient.
    pub haemorrhage: usize,
    /// Synthetic haemorrhage.
    pub synthetic: usize,
    /// Without.
    pub normal: usize,
}

impl Mixture {
    /// Slices of a step.
    pub fn batch(&self) -> usize {
        self.haemorrhage + self.synthetic + self.normal
    }
}

/// Where a slice of a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A slice with haemorrhage; where it bleeds is not known.
    Haemorrhage,
    /// Blood drawn into a slice without; where it bleeds is known.
    Synthetic,
    /// A slice without haemorrhage.
    Normal,
}

/// A slice of a batch.
pub struct Sample {
    /// Its sort.
    pub sort: Sort,
    /// Grey levels, `side × side`.
    pub grey: Vec<u8>,
    /// For synthetic slices the share of blood in each pixel; else empty.
    pub blood: Vec<f32>,
}

/// The slices to draw from.
pub struct Source<'a> {
    inputs: &'a [Vec<u8>],
    side: usize,
    spaces: &'a [Option<Intracranial>],
    /// Slices with haemorrhage of each patient that has some.
    bleeding: Vec<Vec<usize>>,
    normal: Vec<usize>,
    /// Normal slices with a closed skull.
    drawable: Vec<usize>,
}

impl<'a> Source<'a> {
    /// The `members` among all slices.
    pub fn new(
        examples: &[Example],
        inputs: &'a [Vec<u8>],
        spaces: &'a [Option<Intracranial>],
        members: &[usize],
        side: usize,
    ) -> Self {
        let mut bleeding: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &i in members.iter().filter(|&&i| examples[i].haemorrhage) {
            bleeding.entry(&examples[i].patient).or_default().push(i);
        }
        let normal: Vec<usize> = members
            .iter()
            .copied()
            .filter(|&i| !examples[i].haemorrhage)
            .collect();
        Self {
            inputs,
            side,
            spaces,
            bleeding: bleeding.into_values().collect(),
            drawable: normal
                .iter()
                .copied()
                .filter(|&i| spaces[i].is_some())
                .collect(),
            normal,
        }
    }

    /// The batch of a step: the same for the same seed and step.
    pub fn batch(&self, mixture: Mixture, seed: u64, step: usize) -> Vec<Sample> {
        let sorts = [
            (Sort::Haemorrhage, mixture.haemorrhage),
            (Sort::Synthetic, mixture.synthetic),
            (Sort::Normal, mixture.normal),
        ];
        let sorts: Vec<Sort> = sorts
            .into_iter()
            .flat_map(|(sort, count)| std::iter::repeat_n(sort, count))
            .collect();
        sorts
            .par_iter()
            .enumerate()
            .map(|(place, &sort)| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(((step as u64) << 16) | place as u64);
                self.sample(sort, &mut rng)
            })
            .collect()
    }

    fn sample(&self, sort: Sort, rng: &mut impl Rng) -> Sample {
        match sort {
            Sort::Haemorrhage if !self.bleeding.is_empty() => {
                let patient = &self.bleeding[rng.random_range(0..self.bleeding.len())];
                self.altered(sort, patient[rng.random_range(0..patient.len())], rng)
            }
            Sort::Synthetic if !self.drawable.is_empty() => self.synthetic(rng),
            _ => self.altered(
                Sort::Normal,
                self.normal[rng.random_range(0..self.normal.len())],
                rng,
            ),
        }
    }

    fn altered(&self, sort: Sort, slice: usize, rng: &mut impl Rng) -> Sample {
        let alteration = Alteration::random(rng);
        Sample {
            sort,
            grey: alteration.apply(&self.inputs[slice], self.side),
            blood: Vec::new(),
        }
    }

    /// Tries slices and kinds until one finds its place.
    fn synthetic(&self, rng: &mut impl Rng) -> Sample {
        loop {
            let slice = self.drawable[rng.random_range(0..self.drawable.len())];
            let kind = Bleed::ALL[rng.random_range(0..Bleed::ALL.len())];
            let Some(space) = &self.spaces[slice] else {
                continue;
            };
            if let Some(drawing) = kind.draw(space, &self.inputs[slice], rng) {
                let alteration = Alteration::random(rng);
                let blood: Vec<u8> = drawing.blood.iter().map(|b| (b * 255.0) as u8).collect();
                let blood = alteration.geometry().apply(&blood, self.side);
                return Sample {
                    sort: Sort::Synthetic,
                    grey: alteration.apply(&drawing.grey, self.side),
                    blood: blood.into_iter().map(|b| f32::from(b) / 255.0).collect(),
                };
            }
        }
    }
}
