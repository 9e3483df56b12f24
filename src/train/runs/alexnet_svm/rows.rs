//! What the SVMs are solved on: int8 features of several views of every training slice.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Settings;
use crate::model::StoredModel;
use crate::train::finetune::Slice;
use crate::train::finetune::sampler::shares;
use crate::train::finetune::view::View;
use crate::train::{Result, agreement};

/// Features of views, a row each: the unaltered slices first, then their mirror images, then
/// random views.
pub struct Rows {
    /// Row-major.
    pub features: Vec<f32>,
    /// Whether each row is of haemorrhage.
    pub labels: Vec<bool>,
    /// Costs by which both classes weigh the same, and sources within a class as they are drawn.
    pub balanced: Vec<f64>,
    /// Costs by which classes weigh as they are common.
    pub natural: Vec<f64>,
    slices: usize,
}

impl Rows {
    /// Runs the engine on the views.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from the engine.
    pub fn compute(model: &StoredModel, slices: &[Slice], settings: &Settings) -> Result<Self> {
        let tuned = &settings.finetune;
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        for number in 0..settings.views.max(1) {
            let inputs: Vec<Vec<u8>> = slices
                .par_iter()
                .enumerate()
                .map(|(slice, Slice { grey, .. })| {
                    let mut rng = ChaCha8Rng::seed_from_u64(tuned.seed ^ 0x5ee5);
                    rng.set_stream(((slice as u64) << 16) | number as u64);
                    match number {
                        0 => grey.to_vec(),
                        1 => View::plain(true).apply_to_grey(grey, &mut rng),
                        _ => View::random(&tuned.changes, &mut rng).apply_to_grey(grey, &mut rng),
                    }
                })
                .collect();
            features
                .extend(agreement::of_engine_features(model, &inputs, <[f32]>::to_vec)?.concat());
            labels.extend(slices.iter().map(|slice| slice.origin.haemorrhage));
        }
        let origins: Vec<_> = slices.iter().map(|slice| slice.origin).collect();
        let of_class = shares(&origins);
        let positive = origins.iter().filter(|o| o.haemorrhage).count() as f64;
        let whole = settings.cost * slices.len() as f64 / settings.views.max(1) as f64;
        let common = |haemorrhage: bool| match haemorrhage {
            true => positive / slices.len() as f64,
            false => 1.0 - positive / slices.len() as f64,
        };
        let balanced = of_class.iter().map(|share| share / 2.0 * whole);
        let natural = of_class.iter().zip(&origins);
        let natural = natural.map(|(share, o)| share * common(o.haemorrhage) * whole);
        let repeated = |costs: Vec<f64>| costs.repeat(settings.views.max(1));
        Ok(Self {
            balanced: repeated(balanced.collect()),
            natural: repeated(natural.collect()),
            slices: slices.len(),
            features,
            labels,
        })
    }

    /// Features of the unaltered slices.
    pub fn plain(&self) -> impl Iterator<Item = &[f32]> {
        let width = self.features.len() / self.labels.len().max(1);
        self.features.chunks_exact(width.max(1)).take(self.slices)
    }
}
