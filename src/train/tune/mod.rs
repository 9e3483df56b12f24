//! End-to-end training of AlexNet-SVM: every layer follows the squared hinge of the plane (Tang
//! 2013), helped by a second, local loss.
//!
//! The local head is a 1×1 convolution on the last convolution's map. Where synthetic blood lies is
//! known, so each place is told; slices without blood say no everywhere; slices with real blood say
//! yes somewhere (the smooth maximum over places). It is thrown away after training: what stays of
//! it is a trunk that has learned to look for blood in each place alike, from few patients.

pub mod batches;
pub mod live;
pub mod network;
pub mod stem;

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use candle_core::{Device, Tensor};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use self::batches::{Batch, Batches, Mixture, Sort};
use self::network::{Pace, Weights, parameters};
use super::adamw::AdamW;
use super::checkpoint::{self, Pace as Writing};
use super::run_log::Journal;
use super::{Result, TrainError, progress};
use crate::architecture::Conv;

/// How a network is tuned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TuneSettings {
    /// Units of FC6.
    pub units: usize,
    /// Optimiser steps.
    pub steps: usize,
    /// What a step sees.
    pub mixture: Mixture,
    /// Learning rate of the head at its highest.
    pub rate: f64,
    /// Learning rate of the convolutions as a share of it.
    pub trunk_pace: f64,
    /// Learning rate of FC6's weights as a share of it.
    pub fc6_pace: f64,
    /// Weight decay.
    pub decay: f64,
    /// Share of FC6's inputs and units that a step drops.
    pub dropout: f32,
    /// Weight of a synthetic slice in the hinge loss.
    pub synthetic_weight: f32,
    /// Weight of the local loss.
    pub local_weight: f64,
    /// Share of the running average of weights that a step keeps.
    pub keep_average: f64,
    /// Seed of everything drawn.
    pub seed: u64,
}

impl TuneSettings {
    /// The best that was found (see `models/EXPERIMENTS.md`), but for the number of steps: without
    /// any, the folds do better.
    pub const BEST: Self = Self {
        units: 256,
        steps: 0,
        mixture: Mixture {
            haemorrhage: 8,
            synthetic: 8,
            normal: 16,
        },
        rate: 1e-3,
        trunk_pace: 0.1,
        fc6_pace: 0.02,
        decay: 0.05,
        dropout: 0.5,
        synthetic_weight: 0.5,
        local_weight: 0.5,
        keep_average: 0.99,
        seed: 2020,
    };
}

/// Share of the steps over which the learning rate rises.
const WARM_UP: f64 = 0.06;
/// Slices whose pooled maps scale FC6's first weights.
const SCALING_SLICES: usize = 64;
/// A step that no training reaches: what scales FC6 is drawn as for it.
const SCALING_STEP: usize = 1 << 40;
/// Pixels of blood around a place of the last map from which it must say yes.
const BLOODY: f32 = 10.0;

/// What tuning gave.
pub struct Tuned {
    /// The averaged weights by name.
    pub weights: HashMap<String, Tensor>,
    /// Steps, images and time.
    pub journal: Journal,
}

/// Trains `convs` from `tensors` (those of the grey ImageNet trunk) with FC6 and the plane on
/// `source`; goes on from `checkpoint` when it is there and of the same settings.
///
/// # Errors
/// [`TrainError`] from tensors or the checkpoint.
pub fn tune(
    settings: &TuneSettings,
    convs: &[Conv],
    tensors: &HashMap<String, Tensor>,
    source: &dyn Batches,
    (path, name): (&Path, &str),
) -> Result<Tuned> {
    let mut tuning = Tuning::start(settings, convs, tensors, source)?;
    tuning.resume(path)?;
    let bar = progress(name, settings.steps);
    bar.set_position(tuning.adam.steps as u64);
    bar.reset_eta();
    let mut writing = Writing::start();
    let mut smoothed: Option<[f64; 2]> = None;
    while tuning.adam.steps < settings.steps {
        let before = Instant::now();
        let losses = tuning.step(source)?;
        tuning.journal.steps += 1;
        tuning.journal.images += settings.mixture.batch();
        tuning.journal.seconds += before.elapsed().as_secs_f64();
        if tuning.adam.steps == settings.steps {
            tuning.save(path)?;
        } else {
            writing.write_if_due(|| tuning.save(path))?;
        }
        let before = smoothed.unwrap_or(losses);
        let [hinge, local] = [0, 1].map(|i| 0.95 * before[i] + 0.05 * losses[i]);
        smoothed = Some([hinge, local]);
        let speed = bar.per_sec() * settings.mixture.batch() as f64;
        bar.set_message(format!(
            "hinge {hinge:.3} local {local:.3}, {speed:.1} images/s"
        ));
        bar.inc(1);
    }
    bar.finish();
    Ok(Tuned {
        weights: tuning.adam.averages()?,
        journal: tuning.journal,
    })
}

struct Tuning<'a> {
    settings: &'a TuneSettings,
    convs: &'a [Conv],
    adam: AdamW,
    journal: Journal,
}

/// What stands in a checkpoint besides the weights.
#[derive(Serialize, Deserialize)]
struct Progress {
    settings: TuneSettings,
    journal: Journal,
}

impl<'a> Tuning<'a> {
    fn start(
        settings: &'a TuneSettings,
        convs: &'a [Conv],
        tensors: &HashMap<String, Tensor>,
        source: &dyn Batches,
    ) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let equal = Mixture {
            haemorrhage: SCALING_SLICES / 2,
            synthetic: 0,
            normal: SCALING_SLICES / 2,
        };
        let sample = source.batch(equal, settings.seed, SCALING_STEP)?;
        let device = sample.x.device();
        let frozen = |name: &str| fetch(tensors, name)?.to_device(device);
        let (_, pooled) = Weights(&frozen).trunk(convs, &sample.x)?;
        let pace = Pace {
            trunk: settings.trunk_pace,
            fc6: settings.fc6_pace,
            trunk_decay: settings.decay,
            head_decay: settings.decay,
        };
        let units = settings.units;
        let parameters = parameters(convs, tensors, &pooled, units, pace, &mut rng)?;
        Ok(Self {
            settings,
            convs,
            adam: AdamW {
                parameters,
                steps: 0,
                keep_average: settings.keep_average,
            },
            journal: Journal::default(),
        })
    }

    /// Rises over [`WARM_UP`], then falls along a half cosine to zero.
    fn rate(&self) -> f64 {
        let done = (self.adam.steps as f64 + 0.5) / self.settings.steps as f64;
        let shape = if done < WARM_UP {
            done / WARM_UP
        } else {
            0.5 * (1.0 + (std::f64::consts::PI * (done - WARM_UP) / (1.0 - WARM_UP)).cos())
        };
        self.settings.rate * shape
    }

    /// One step; gives the hinge loss and the local loss.
    fn step(&mut self, source: &dyn Batches) -> Result<[f64; 2]> {
        let s = self.settings;
        let batch = source.batch(s.mixture, s.seed, self.adam.steps)?;
        let masks = self.masks(batch.sorts.len(), batch.x.device())?;
        let by_name: HashMap<&str, &Tensor> = self
            .adam
            .parameters
            .iter()
            .map(|p| (p.name.as_str(), p.var.as_tensor()))
            .collect();
        let live = |name: &str| match by_name.get(name) {
            Some(tensor) => Ok((*tensor).clone()),
            None => candle_core::bail!("{name} is missing"),
        };
        let output = Weights(&live).forward(self.convs, &batch.x, Some(&masks))?;
        let hinge = self.hinge(&output.margins, &batch.sorts)?;
        let local = local(&output.evidence, &batch)?;
        let loss = (&hinge + (&local * s.local_weight)?)?;
        let gradients = loss.backward()?;
        let rate = self.rate();
        self.adam.step(&gradients, rate)?;
        let number = |t: Tensor| Ok::<f64, TrainError>(f64::from(t.to_scalar::<f32>()?));
        Ok([number(hinge)?, number(local)?])
    }

    /// Dropout of FC6's inputs (the same for all slices of a step) and units.
    fn masks(&self, images: usize, device: &Device) -> Result<[Tensor; 2]> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed ^ 0xd509);
        rng.set_stream(self.adam.steps as u64);
        let keep = 1.0 - self.settings.dropout;
        let mut draw = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| {
                    if rng.random::<f32>() < keep {
                        1.0 / keep
                    } else {
                        0.0
                    }
                })
                .collect()
        };
        let channels = self.convs.last().map_or(1, |c| c.filters);
        let inputs = Tensor::from_vec(draw(channels), (1, channels, 1, 1), device)?;
        let units = self.settings.units;
        let units = Tensor::from_vec(draw(images * units), (images, units), device)?;
        Ok([inputs, units])
    }

    /// Squared hinge, both classes weighing the same.
    fn hinge(&self, margins: &Tensor, sorts: &[Sort]) -> Result<Tensor> {
        let weight = |s: &Sort| match s {
            Sort::Synthetic => self.settings.synthetic_weight,
            _ => 1.0,
        };
        let total = |positive: bool| -> f32 {
            let of_class = sorts.iter().filter(|&&s| (s != Sort::Normal) == positive);
            of_class.map(weight).sum::<f32>().max(1e-6)
        };
        let totals = [total(false), total(true)];
        let (signs, costs): (Vec<f32>, Vec<f32>) = sorts
            .iter()
            .map(|s| {
                let positive = *s != Sort::Normal;
                let sign = if positive { 1.0 } else { -1.0 };
                (sign, 0.5 * weight(s) / totals[usize::from(positive)])
            })
            .unzip();
        let n = sorts.len();
        let signs = Tensor::from_vec(signs, n, margins.device())?;
        let costs = Tensor::from_vec(costs, n, margins.device())?;
        let slack = (1.0 - margins.mul(&signs)?)?.relu()?;
        Ok(slack.sqr()?.mul(&costs)?.sum_all()?)
    }

    fn save(&self, path: &Path) -> Result<()> {
        let progress = Progress {
            settings: *self.settings,
            journal: self.journal.clone(),
        };
        let values = self.adam.values()?;
        let values = values.iter().map(|(name, v)| (name.clone(), v.as_slice()));
        checkpoint::save(path, &progress, values)
    }

    /// Takes up the state in `path`, if it is there and of the same settings.
    fn resume(&mut self, path: &Path) -> Result<()> {
        if let Some((progress, mut values)) = checkpoint::load::<Progress>(path)?
            && progress.settings == *self.settings
        {
            self.adam
                .restore(&mut values, progress.journal.steps, path)?;
            self.journal = progress.journal;
        }
        Ok(())
    }
}

/// Cross-entropy of the local evidence: place by place where the truth is known, and of the smooth
/// maximum over places for every slice.
fn local(evidence: &Tensor, batch: &Batch) -> Result<Tensor> {
    let (n, height, width) = evidence.dims3()?;
    let places = height * width;
    let (mut targets, mut weights): (Vec<f32>, Vec<f32>) = (Vec::new(), Vec::new());
    for (sort, truth) in batch.sorts.iter().zip(batch.blood.chunks_exact(places)) {
        let bloody = truth.iter().filter(|&&b| b >= BLOODY).count();
        for blood in truth {
            let (target, weight) = match sort {
                Sort::Haemorrhage => (0.0, 0.0),
                Sort::Normal => (0.0, 1.0 / places as f32),
                Sort::Synthetic if *blood >= BLOODY => (1.0, 0.5 / bloody as f32),
                Sort::Synthetic if *blood > 0.5 => (0.0, 0.0),
                Sort::Synthetic => (0.0, 0.5 / (places - bloody) as f32),
            };
            targets.push(target);
            weights.push(weight);
        }
    }
    let device = evidence.device();
    let targets = Tensor::from_vec(targets, (n, height, width), device)?;
    let weights = Tensor::from_vec(weights, (n, height, width), device)?;
    let by_place = (softplus(evidence)? - evidence.mul(&targets)?)?;
    let by_place = by_place.mul(&weights)?.sum_all()?;
    let smooth = evidence.flatten_from(1)?.log_sum_exp(1)?;
    let bleeding = batch.sorts.iter().map(|s| f32::from(*s != Sort::Normal));
    let bleeding = Tensor::from_vec(bleeding.collect(), n, device)?;
    let by_slice = (softplus(&smooth)? - smooth.mul(&bleeding)?)?.sum_all()?;
    Ok(((by_place + by_slice)? / n as f64)?)
}

fn fetch(tensors: &HashMap<String, Tensor>, name: &str) -> candle_core::Result<Tensor> {
    match tensors.get(name) {
        Some(tensor) => Ok(tensor.clone()),
        None => candle_core::bail!("{name} is missing"),
    }
}

/// `ln(1 + eˣ)`, written so that it cannot overflow.
fn softplus(x: &Tensor) -> candle_core::Result<Tensor> {
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// Margins of the plane as trained, in f32, of what the first of `convs` reads.
///
/// # Errors
/// [`TrainError`] from tensors.
pub fn margins(convs: &[Conv], tensors: &HashMap<String, Tensor>, x: &Tensor) -> Result<Vec<f64>> {
    let by_name = |name: &str| fetch(tensors, name);
    let output = Weights(&by_name).forward(convs, x, None)?;
    let margins = output.margins.to_vec1::<f32>()?;
    Ok(margins.into_iter().map(f64::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Pool;

    const SETTINGS: TuneSettings = TuneSettings {
        units: 8,
        steps: 24,
        mixture: Mixture {
            haemorrhage: 4,
            synthetic: 4,
            normal: 8,
        },
        rate: 0.02,
        trunk_pace: 0.3,
        fc6_pace: 0.1,
        decay: 0.01,
        dropout: 0.2,
        synthetic_weight: 0.5,
        local_weight: 0.5,
        keep_average: 0.9,
        seed: 5,
    };

    /// Noise of 12×12; bleeding ones have a bright spot.
    struct Spots;

    impl Batches for Spots {
        fn batch(&self, mixture: Mixture, seed: u64, step: usize) -> Result<Batch> {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(step as u64);
            let sorts = mixture.sorts();
            let (mut values, mut blood) = (Vec::new(), Vec::new());
            for sort in &sorts {
                let (x, y) = (rng.random_range(2..10usize), rng.random_range(2..10usize));
                for place in 0..144 {
                    let spot = place % 12 / 2 == x / 2 && place / 12 / 2 == y / 2;
                    let bright = spot && *sort != Sort::Normal;
                    values.push(rng.random_range(0.0..1.0f32) + if bright { 2.0 } else { 0.0 });
                    let known = bright && *sort == Sort::Synthetic;
                    blood.push(if known { BLOODY } else { 0.0 });
                }
            }
            let x = Tensor::from_vec(values, (sorts.len(), 1, 12, 12), &Device::Cpu)?;
            let x = x.repeat((1, 2, 1, 1))?;
            Ok(Batch { x, sorts, blood })
        }
    }

    fn convs() -> Vec<Conv> {
        let conv = |name: &str, filters, pool| Conv {
            name: name.into(),
            filters,
            kernel: 3,
            stride: 1,
            padding: 1,
            groups: 1,
            lrn: None,
            pool,
        };
        let pool = Some(Pool { size: 3, stride: 2 });
        vec![conv("conv3", 6, None), conv("conv4", 8, pool)]
    }

    fn tensors() -> HashMap<String, Tensor> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut tensors = HashMap::new();
        for (name, filters, channels) in [("conv3", 6, 2), ("conv4", 8, 6)] {
            let weight: Vec<f32> = (0..filters * channels * 9)
                .map(|_| rng.random_range(-0.3..0.3f32))
                .collect();
            let shape = (filters, channels, 3, 3);
            let weight = Tensor::from_vec(weight, shape, &Device::Cpu).unwrap();
            let bias = Tensor::zeros(filters, weight.dtype(), &Device::Cpu).unwrap();
            tensors.insert(format!("{name}.weight"), weight);
            tensors.insert(format!("{name}.bias"), bias);
        }
        tensors
    }

    #[test]
    fn training_parts_the_classes() {
        let folder = tempfile::tempdir().unwrap();
        let settings = TuneSettings {
            steps: 120,
            ..SETTINGS
        };
        let (convs, checkpoint) = (convs(), folder.path().join("whole"));
        let tuned = tune(
            &settings,
            &convs,
            &tensors(),
            &Spots,
            (&checkpoint, "whole"),
        )
        .unwrap();
        let fresh = Spots.batch(settings.mixture, 77, 1).unwrap();
        let margins = margins(&convs, &tuned.weights, &fresh.x).unwrap();
        let right = margins.iter().zip(&fresh.sorts);
        let right = right.filter(|(m, sort)| (**m > 0.0) == (**sort != Sort::Normal));
        assert!(right.count() >= 14, "{margins:?}");
    }

    #[test]
    fn a_resumed_run_ends_where_an_unbroken_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let (convs, tensors) = (convs(), tensors());
        let whole = folder.path().join("whole");
        let unbroken = tune(&SETTINGS, &convs, &tensors, &Spots, (&whole, "whole")).unwrap();

        let path = folder.path().join("broken");
        let mut tuning = Tuning::start(&SETTINGS, &convs, &tensors, &Spots).unwrap();
        for _ in 0..10 {
            tuning.step(&Spots).unwrap();
            tuning.journal.steps += 1;
        }
        tuning.save(&path).unwrap();
        drop(tuning);
        let resumed = tune(&SETTINGS, &convs, &tensors, &Spots, (&path, "resumed")).unwrap();
        for (name, tensor) in &unbroken.weights {
            let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(values(&resumed.weights[name]), values(tensor), "{name}");
        }
    }

    #[test]
    fn a_checkpoint_of_other_settings_is_not_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let (convs, tensors) = (convs(), tensors());
        let mut tuning = Tuning::start(&SETTINGS, &convs, &tensors, &Spots).unwrap();
        tuning.step(&Spots).unwrap();
        tuning.save(&path).unwrap();
        let other = TuneSettings {
            seed: 6,
            ..SETTINGS
        };
        let mut tuning = Tuning::start(&other, &convs, &tensors, &Spots).unwrap();
        tuning.resume(&path).unwrap();
        assert_eq!(tuning.adam.steps, 0);
    }
}
