//! End-to-end training of AlexNet-SVM: every layer follows the squared hinge of the plane (Tang
//! 2013), helped by a second, local loss.
//!
//! The local head is a 1×1 convolution on the last convolution's map. Where synthetic blood lies is
//! known, so each place is told; slices without blood say no everywhere; slices with real blood say
//! yes somewhere (the smooth maximum over places). It is thrown away after training: what stays of
//! it is a trunk that has learned to look for blood in each place alike, from few patients.

pub mod batches;
pub mod network;

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use self::batches::{Mixture, Sample, Sort, Source};
use self::network::{Pace, Weights, input, parameters};
use super::adamw::AdamW;
use super::{Result, TrainError, progress, write_atomically};
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
    /// The best that the patient folds have shown (see `models/EXPERIMENTS.md`).
    pub const BEST: Self = Self {
        units: 128,
        steps: 500,
        mixture: Mixture {
            haemorrhage: 8,
            synthetic: 8,
            normal: 16,
        },
        rate: 1e-3,
        trunk_pace: 0.1,
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
/// Steps between checkpoints.
const CHECKPOINT_STEPS: usize = 40;
/// Slices whose pooled maps scale FC6's first weights.
const SCALING_SLICES: usize = 64;
/// Key of [`Progress`] in a checkpoint's header.
const PROGRESS_KEY: &str = "progress";
/// Pixels of blood around a place of the last map from which it must say yes.
const BLOODY: f32 = 10.0;

/// Trains from `tensors` (the grey ImageNet trunk); goes on from `checkpoint` when it is there and
/// of the same settings. Gives the averaged weights by name.
///
/// # Errors
/// [`TrainError`] from tensors or the checkpoint.
pub fn tune(
    settings: &TuneSettings,
    convs: &[Conv],
    tensors: &HashMap<String, Tensor>,
    source: &Source,
    side: usize,
    checkpoint: &Path,
    name: &str,
    device: &Device,
) -> Result<HashMap<String, Tensor>> {
    let mut tuning = Tuning::start(settings, convs, tensors, source, side, device)?;
    tuning.resume(checkpoint)?;
    let bar = progress(name, settings.steps);
    bar.set_position(tuning.adam.steps as u64);
    bar.reset_eta();
    let mut smoothed: Option<[f64; 2]> = None;
    while tuning.adam.steps < settings.steps {
        let losses = tuning.step(source)?;
        let before = smoothed.unwrap_or(losses);
        smoothed = Some([0, 1].map(|i| 0.95 * before[i] + 0.05 * losses[i]));
        let done = tuning.adam.steps;
        if done.is_multiple_of(CHECKPOINT_STEPS) || done == settings.steps {
            tuning.save(checkpoint)?;
        }
        let [hinge, local] = smoothed.unwrap_or(losses);
        let speed = bar.per_sec() * settings.mixture.batch() as f64;
        bar.set_message(format!(
            "hinge {hinge:.3} local {local:.3}, {speed:.1} images/s"
        ));
        bar.inc(1);
    }
    bar.finish();
    Ok(tuning.adam.averages())
}

struct Tuning<'a> {
    settings: &'a TuneSettings,
    convs: &'a [Conv],
    side: usize,
    device: &'a Device,
    adam: AdamW,
}

#[derive(Serialize, Deserialize)]
struct Progress {
    settings: TuneSettings,
    steps: usize,
}

impl<'a> Tuning<'a> {
    fn start(
        settings: &'a TuneSettings,
        convs: &'a [Conv],
        tensors: &HashMap<String, Tensor>,
        source: &Source,
        side: usize,
        device: &'a Device,
    ) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let equal = Mixture {
            haemorrhage: SCALING_SLICES / 2,
            synthetic: 0,
            normal: SCALING_SLICES / 2,
        };
        let samples = source.batch(equal, settings.seed, usize::MAX >> 17);
        let border = convs[0].padding;
        let x = input(&greys(&samples), side, border, device)?;
        let frozen = |name: &str| fetch(tensors, name);
        let (_, pooled) = Weights(&frozen).trunk(convs, &x)?;
        let pace = Pace {
            trunk: settings.trunk_pace,
            trunk_decay: settings.decay,
            head_decay: settings.decay,
        };
        let units = settings.units;
        let parameters = parameters(convs, tensors, &pooled, units, pace, &mut rng)?;
        Ok(Self {
            settings,
            convs,
            side,
            device,
            adam: AdamW {
                parameters,
                steps: 0,
                keep_average: settings.keep_average,
            },
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
    fn step(&mut self, source: &Source) -> Result<[f64; 2]> {
        let s = self.settings;
        let samples = source.batch(s.mixture, s.seed, self.adam.steps);
        let x = input(
            &greys(&samples),
            self.side,
            self.convs[0].padding,
            self.device,
        )?;
        let masks = self.masks(samples.len())?;
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
        let output = Weights(&live).forward(self.convs, &x, Some(&masks))?;
        let hinge = self.hinge(&output.margins, &samples)?;
        let local = self.local(&output.evidence, &samples)?;
        let loss = (&hinge + (&local * s.local_weight)?)?;
        let gradients = loss.backward()?;
        let rate = self.rate();
        self.adam.step(&gradients, rate)?;
        let number = |t: Tensor| Ok::<f64, TrainError>(f64::from(t.to_scalar::<f32>()?));
        Ok([number(hinge)?, number(local)?])
    }

    /// Dropout of FC6's inputs (the same for all slices of a step) and units.
    fn masks(&self, images: usize) -> Result<[Tensor; 2]> {
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
        let inputs = Tensor::from_vec(draw(channels), (1, channels, 1, 1), self.device)?;
        let units = self.settings.units;
        let units = Tensor::from_vec(draw(images * units), (images, units), self.device)?;
        Ok([inputs, units])
    }

    /// Squared hinge, both classes weighing the same.
    fn hinge(&self, margins: &Tensor, samples: &[Sample]) -> Result<Tensor> {
        let weight = |s: &Sample| match s.sort {
            Sort::Synthetic => self.settings.synthetic_weight,
            _ => 1.0,
        };
        let total = |positive: bool| -> f32 {
            let of_class = samples
                .iter()
                .filter(|s| (s.sort != Sort::Normal) == positive);
            of_class.map(weight).sum::<f32>().max(1e-6)
        };
        let totals = [total(false), total(true)];
        let (signs, costs): (Vec<f32>, Vec<f32>) = samples
            .iter()
            .map(|s| {
                let positive = s.sort != Sort::Normal;
                let sign = if positive { 1.0 } else { -1.0 };
                (sign, 0.5 * weight(s) / totals[usize::from(positive)])
            })
            .unzip();
        let n = samples.len();
        let signs = Tensor::from_vec(signs, n, self.device)?;
        let costs = Tensor::from_vec(costs, n, self.device)?;
        let slack = (1.0 - margins.mul(&signs)?)?.relu()?;
        Ok(slack.sqr()?.mul(&costs)?.sum_all()?)
    }

    /// Cross-entropy of the local evidence: place by place where the truth is known, the smooth
    /// maximum where only the slice's label is.
    fn local(&self, evidence: &Tensor, samples: &[Sample]) -> Result<Tensor> {
        let (n, height, width) = evidence.dims3()?;
        let places = height * width;
        let (mut targets, mut weights): (Vec<f32>, Vec<f32>) = (Vec::new(), Vec::new());
        let mut known = Vec::new();
        for sample in samples {
            let truth = if sample.sort == Sort::Synthetic {
                blood_by_place(&sample.blood, self.side, (height, width))
            } else {
                vec![0.0; places]
            };
            let bloody = truth.iter().filter(|&&b| b >= BLOODY).count();
            for blood in &truth {
                let (target, weight) = match sample.sort {
                    Sort::Haemorrhage => (0.0, 0.0),
                    Sort::Normal => (0.0, 1.0 / places as f32),
                    Sort::Synthetic if *blood >= BLOODY => (1.0, 0.5 / bloody as f32),
                    Sort::Synthetic if *blood > 0.5 => (0.0, 0.0),
                    Sort::Synthetic => (0.0, 0.5 / (places - bloody) as f32),
                };
                targets.push(target);
                weights.push(weight);
            }
            known.push(if sample.sort == Sort::Haemorrhage {
                0.0f32
            } else {
                1.0
            });
        }
        let targets = Tensor::from_vec(targets, (n, height, width), self.device)?;
        let weights = Tensor::from_vec(weights, (n, height, width), self.device)?;
        let by_place = (softplus(evidence)? - evidence.mul(&targets)?)?;
        let by_place = by_place.mul(&weights)?.sum_all()?;
        // The smooth maximum over places must be positive with real blood and negative without.
        let smooth = evidence.flatten_from(1)?.log_sum_exp(1)?;
        let bleeding: Vec<f32> = samples
            .iter()
            .map(|s| f32::from(s.sort != Sort::Normal))
            .collect();
        let bleeding = Tensor::from_vec(bleeding, n, self.device)?;
        let by_slice = (softplus(&smooth)? - smooth.mul(&bleeding)?)?.sum_all()?;
        Ok(((by_place + by_slice)? / n as f64)?)
    }

    fn save(&self, path: &Path) -> Result<()> {
        let progress = Progress {
            settings: *self.settings,
            steps: self.adam.steps,
        };
        let header = serde_json::to_string(&progress).map_err(|e| broken(path, &e))?;
        let header = HashMap::from([(PROGRESS_KEY.to_owned(), header)]);
        let bytes = safetensors::serialize(self.adam.state(), Some(header))
            .map_err(|e| broken(path, &e))?;
        write_atomically(path, &bytes)
    }

    /// Takes up the state in `path`, if it is there and of the same settings.
    fn resume(&mut self, path: &Path) -> Result<()> {
        let Ok(bytes) = std::fs::read(path) else {
            return Ok(());
        };
        let (_, metadata) =
            safetensors::SafeTensors::read_metadata(&bytes).map_err(|e| broken(path, &e))?;
        let header = metadata.metadata().as_ref();
        let progress: Option<Progress> = header
            .and_then(|m| m.get(PROGRESS_KEY))
            .and_then(|h| serde_json::from_str(h).ok());
        match progress {
            Some(p) if p.settings == *self.settings => Ok(self.adam.restore(&bytes, p.steps)?),
            _ => Ok(()),
        }
    }
}

fn broken(path: &Path, cause: &dyn std::fmt::Display) -> TrainError {
    TrainError::Data(format!(
        "{}: the checkpoint cannot be used ({cause}); delete it to start anew",
        path.display()
    ))
}

fn greys(samples: &[Sample]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|s| s.grey.iter().copied())
        .collect()
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

/// Pixels of blood in the square around each place of the last map.
fn blood_by_place(blood: &[f32], side: usize, (height, width): (usize, usize)) -> Vec<f32> {
    let pitch = side / height.max(1);
    let reach = 3 * pitch / 4;
    // Places are centred: the first and the last are equally far from the image's edges.
    let centre = |i: usize, count: usize| (side + 2 * i * pitch - (count - 1) * pitch) / 2;
    let span = |i: usize, count: usize| {
        let c = centre(i, count);
        c.saturating_sub(reach)..(c + reach).min(side)
    };
    let mut sums = Vec::with_capacity(height * width);
    for y in 0..height {
        for x in 0..width {
            let columns = span(x, width);
            let rows = span(y, height);
            sums.push(
                rows.map(|v| blood[v * side..][columns.clone()].iter().sum::<f32>())
                    .sum(),
            );
        }
    }
    sums
}

/// Margins of the plane as trained, in f32.
///
/// # Errors
/// [`TrainError`] from tensors.
pub fn margins(
    convs: &[Conv],
    tensors: &HashMap<String, Tensor>,
    inputs: &[&[u8]],
    side: usize,
    device: &Device,
) -> Result<Vec<f64>> {
    const BATCH: usize = 32;
    let by_name = |name: &str| fetch(tensors, name);
    let mut margins = Vec::with_capacity(inputs.len());
    for batch in inputs.chunks(BATCH) {
        let x = input(&batch.concat(), side, convs[0].padding, device)?;
        let output = Weights(&by_name).forward(convs, &x, None)?;
        margins.extend(output.margins.to_vec1::<f32>()?.into_iter().map(f64::from));
    }
    Ok(margins)
}
