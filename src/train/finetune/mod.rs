//! Fine-tunes the single-tower AlexNet with FC6 at every place, on a CPU.
//!
//! What is trained here is small and always the same, so it has passes of its own ([`network`])
//! instead of a graph of tensors: products of bfloat16 numbers ([`crate::train::bf16`]) over maps
//! whose windows are never copied ([`map`]). conv1 stays as ImageNet left it; the rest is tuned by
//! AdamW with a moving average, on random views ([`view`]) of slices that are drawn alike from all
//! sources ([`sampler`]), through the loss of the margin and one that asks for the highest
//! contributions where a box stands ([`head`]). Every step draws from its own stream of random
//! numbers, so a run that goes on from a checkpoint does what it would have done.

pub mod conv;
pub mod head;
pub mod map;
pub mod network;
pub mod optimiser;
pub mod pool;
pub mod sampler;
pub mod stem;
pub mod view;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::conv::Conv;
use self::head::{Decision, Loss, Losses, Target};
use self::network::{Gradient, Lesson, Network, Pass, TOGETHER};
use self::optimiser::{Moments, Step};
use self::sampler::{Origin, Sampler};
use self::stem::Stem;
use self::view::{Changes, View};
use crate::train::bf16::{DEPTH, Products};
use crate::train::{Result, TrainError, checkpoint, progress};

/// Everything that decides what a run gives, but for its slices.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Units of FC6.
    pub units: usize,
    /// Highest places of a unit that make its second feature.
    pub top: usize,
    /// Steps.
    pub steps: usize,
    /// Images of a step.
    pub batch: usize,
    /// Learning rate of conv5 at its highest.
    pub rate: f32,
    /// Factors of the rate for conv2 to conv5 and FC6; the decision has FC6's.
    pub layer_rates: [f32; 5],
    /// Decoupled weight decay, of weights alone.
    pub decay: f32,
    /// How often a feature is dropped.
    pub dropout: f32,
    /// What is taken from certainty on either side.
    pub smoothing: f32,
    /// Weight of the loss of places.
    pub place_weight: f32,
    /// Factor of contributions in its softmax.
    pub place_scale: f32,
    /// Largest length of the gradient.
    pub longest_gradient: f32,
    /// How views differ.
    pub changes: Changes,
    /// Seed of all that is drawn.
    pub seed: u64,
}

impl Settings {
    /// The best that patient folds and left-out sources have shown (see `models/EXPERIMENTS.md`).
    pub const BEST: Self = Self {
        units: 128,
        top: 4,
        steps: 1500,
        batch: 64,
        rate: 2e-4,
        layer_rates: [0.3, 0.6, 0.8, 1.0, 3.0],
        decay: 0.05,
        dropout: 0.3,
        smoothing: 0.03,
        place_weight: 2.0,
        place_scale: 8.0,
        longest_gradient: 5.0,
        changes: Changes::STRONG,
        seed: 1,
    };

    /// Whether a network of this kind can be trained so.
    ///
    /// # Errors
    /// [`TrainError::Data`] saying what to change.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str| Err(TrainError::Data(what.into()));
        if self.units == 0 || !self.units.is_multiple_of(DEPTH) {
            return wrong("FC6 wants a multiple of 32 units");
        }
        if !(1..=network::GRID.side * network::GRID.side).contains(&self.top) {
            return wrong("between 1 and 169 highest places make a feature");
        }
        if self.batch == 0 || !self.batch.is_multiple_of(LANES * TOGETHER) {
            return wrong("a step wants a multiple of 16 images");
        }
        if !(0.0..1.0).contains(&self.dropout) || !(0.0..0.5).contains(&self.smoothing) {
            return wrong("dropout lies between 0 and 1, smoothing between 0 and a half");
        }
        Ok(())
    }

    fn losses(&self) -> Losses {
        Losses {
            smoothing: self.smoothing,
            place_weight: self.place_weight,
            place_scale: self.place_scale,
        }
    }

    /// Learning rate of a step, as a fraction of its highest: a short rise, then half a cosine.
    fn schedule(&self, step: usize) -> f32 {
        const RISE: f32 = 60.0;
        let done = step as f32 / self.steps as f32;
        (step as f32 / RISE).min(1.0) * 0.5 * (1.0 + (std::f32::consts::PI * done).cos())
    }
}

/// A slice to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    /// [`stem::SIDE`]² grey levels.
    pub grey: &'a [u8],
    /// Boxes around blood: left, top, right, bottom in fractions of the side.
    pub boxes: &'a [[f32; 4]],
    /// Its source and class.
    pub origin: Origin,
}

/// Tensors by name, in candle's order.
pub type Weights = HashMap<String, Vec<f32>>;

/// Names of the trained layers and sides of their kernels.
const LAYERS: [(&str, usize); 5] = [
    ("conv2", 5),
    ("conv3", 3),
    ("conv4", 3),
    ("conv5", 3),
    ("fc6", 1),
];
/// What the gradients of a step are summed in, whatever the number of cores, so that sums do not
/// depend on it.
const LANES: usize = 4;
/// What the moving average keeps at most.
const KEEP: f32 = 0.995;

/// A network that is being trained.
pub struct Training {
    settings: Settings,
    network: Network,
    moments: Vec<Moments>,
    lanes: Vec<(Pass, Gradient)>,
    passed: Passed,
}

/// How far a training is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    /// Steps taken.
    pub steps: usize,
    /// Images passed forward and backward.
    pub images: usize,
    /// Time that took.
    pub seconds: f64,
}

impl Training {
    /// Begins from `init`: conv1 that reads one grey channel from 0 to 1, conv2 to conv5.
    ///
    /// # Errors
    /// [`TrainError::Data`] as [`Settings::check`], or naming the tensor that is missing or of another
    /// length.
    pub fn new(settings: Settings, init: &Weights) -> Result<Self> {
        settings.check()?;
        let take = |name: String, length: usize| {
            let found = init.get(&name).filter(|values| values.len() == length);
            found.ok_or_else(|| TrainError::Data(format!("{name} is missing or of another length")))
        };
        let stem = Stem::new(
            take("conv1.weight".into(), 64 * 121)?,
            take("conv1.bias".into(), 64)?,
        );
        let (mut convs, mut inputs) = (Vec::new(), stem.channels());
        for ((name, kernel), outputs) in LAYERS.into_iter().zip([192, 384, 256, 256]) {
            let weight = take(format!("{name}.weight"), kernel * kernel * inputs * outputs)?;
            convs.push(Conv::new(
                kernel,
                weight,
                take(format!("{name}.bias"), outputs)?,
            ));
            inputs = outputs;
        }
        // Always the same, so that the weights of runs with other seeds can be averaged.
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        // As torch begins a linear layer: evenly within one over the root of its inputs.
        let reach = 1.0 / (inputs as f32).sqrt();
        let mut even = |reach: f32| (rng.random::<f32>() * 2.0 - 1.0) * reach;
        let weight: Vec<f32> = (0..settings.units * inputs).map(|_| even(reach)).collect();
        let bias: Vec<f32> = (0..settings.units).map(|_| even(reach)).collect();
        convs.push(Conv::new(1, &weight, &bias));
        let decision = Decision {
            units: settings.units,
            top: settings.top,
            weight: (0..2 * settings.units).map(|_| even(0.0173)).collect(),
            bias: 0.0,
        };
        let mut network = Network {
            stem,
            convs,
            decision,
        };
        network.convs.iter_mut().for_each(Conv::pack);
        let lane = |_| {
            (
                Pass::new(&network, Products::fastest()),
                Gradient::new(&network),
            )
        };
        Ok(Self {
            settings,
            lanes: (0..LANES).map(lane).collect(),
            moments: parameters(&mut network).map(|p| Moments::new(p)).collect(),
            network,
            passed: Passed::default(),
        })
    }

    /// Trains to the end, from the checkpoint at `path` if there is one; what the run depends on
    /// belongs into the path.
    ///
    /// # Errors
    /// [`TrainError`] when there are not slices of both classes, or from the checkpoint.
    pub fn run(&mut self, slices: &[Slice], path: &Path, title: &str) -> Result<Passed> {
        let origins = slices.iter().map(|slice| slice.origin).enumerate();
        let sampler = Sampler::new(origins);
        if !sampler.has_both() {
            return Err(TrainError::Data(
                "training wants slices with haemorrhage and without".into(),
            ));
        }
        self.resume(path)?;
        let bar = progress(title, self.settings.steps);
        bar.set_position(self.passed.steps as u64);
        let mut pace = checkpoint::Pace::start();
        while self.passed.steps < self.settings.steps {
            let before = Instant::now();
            let loss = self.step(slices, &sampler)?;
            self.passed.seconds += before.elapsed().as_secs_f64();
            bar.set_message(format!("loss {:.3} places {:.3}", loss.margin, loss.place));
            bar.inc(1);
            if self.passed.steps.is_multiple_of(20) {
                pace.write_if_due(|| self.save(path))?;
            }
        }
        self.save(path)?;
        bar.finish();
        Ok(self.passed)
    }

    /// One step; gives the mean losses.
    fn step(&mut self, slices: &[Slice], sampler: &Sampler) -> Result<Loss> {
        let settings = self.settings;
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        rng.set_stream(self.passed.steps as u64 + 1);
        let chosen = sampler.draw(settings.batch, &mut rng);
        let seeds: Vec<u64> = chosen.iter().map(|_| rng.random()).collect();
        let drawn: Vec<(usize, u64)> = chosen.into_iter().zip(seeds).collect();
        let share = settings.batch.div_ceil(LANES).next_multiple_of(TOGETHER);
        let network = &self.network;
        let losses: Vec<Loss> = self
            .lanes
            .par_iter_mut()
            .zip(drawn.par_chunks(share))
            .map(|((pass, gradient), drawn)| {
                gradient.clear();
                let mut sum = Loss::default();
                for drawn in drawn.chunks(TOGETHER) {
                    let lessons: Vec<Lesson> = drawn
                        .iter()
                        .map(|&(i, seed)| lesson(&slices[i], seed, &settings))
                        .collect();
                    let loss = pass.learn(network, &lessons, settings.losses(), gradient);
                    sum.margin += loss.margin;
                    sum.place += loss.place;
                }
                sum
            })
            .collect();
        self.descend(losses.len());
        let count = settings.batch as f32;
        let sum = |of: fn(&Loss) -> f32| losses.iter().map(of).sum::<f32>() / count;
        Ok(Loss {
            margin: sum(|l| l.margin),
            place: sum(|l| l.place),
        })
    }

    /// Moves all parameters against the sum of the first lanes' gradients.
    fn descend(&mut self, lanes: usize) {
        let settings = self.settings;
        let (first, others) = self.lanes.split_at_mut(1);
        let sum = &mut first[0].1;
        for (_, other) in &mut others[..lanes - 1] {
            for (into, from) in gradients(sum).zip(gradients(other)) {
                into.par_iter_mut()
                    .zip(&*from)
                    .for_each(|(into, from)| *into += from);
            }
        }
        let square = |g: &mut [f32]| g.par_chunks(1 << 14).map(squares).collect::<Vec<_>>();
        let length = gradients(sum).flat_map(square).sum::<f64>().sqrt() as f32;
        let count = settings.batch as f32;
        let clip = (settings.longest_gradient / (length / count + 1e-6)).min(1.0);
        let rate = settings.rate * settings.schedule(self.passed.steps);
        let rates = settings
            .layer_rates
            .iter()
            .flat_map(|r| [(*r, true), (*r, false)]);
        let last = settings.layer_rates[LAYERS.len() - 1];
        let rates = rates.chain([(last, true), (last, false)]);
        let all = parameters(&mut self.network)
            .zip(gradients(sum))
            .zip(&mut self.moments);
        for (((parameters, gradient), moments), (factor, decays)) in all.zip(rates) {
            let step = Step {
                number: self.passed.steps,
                rate: rate * factor,
                decay: if decays { settings.decay } else { 0.0 },
                scale: clip / count,
                keep: KEEP
                    .min((1.0 + self.passed.steps as f32) / (10.0 + self.passed.steps as f32)),
            };
            moments.step(parameters, gradient, step);
        }
        self.network.convs.iter_mut().for_each(Conv::pack);
        self.passed.steps += 1;
        self.passed.images += settings.batch;
    }

    /// The network with the moving average of the weights.
    pub fn averaged_network(&self) -> Network {
        let mut network = self.network.clone();
        for (parameters, moments) in parameters(&mut network).zip(&self.moments) {
            parameters.copy_from_slice(&moments.average);
        }
        network.convs.iter_mut().for_each(Conv::pack);
        network
    }

    /// The moving average of the weights, in candle's order: conv2 to conv5, `fc6`, and the
    /// decision as `svm`.
    pub fn averaged(&self) -> Weights {
        let mut weights = Weights::new();
        let averages: Vec<&[f32]> = self.moments.iter().map(|m| m.average.as_slice()).collect();
        for (((name, kernel), conv), pair) in LAYERS
            .into_iter()
            .zip(&self.network.convs)
            .zip(averages.chunks(2))
        {
            let weight = Conv::oihw(pair[0], kernel, conv.outputs);
            weights.insert(format!("{name}.weight"), weight);
            weights.insert(format!("{name}.bias"), pair[1].to_vec());
        }
        weights.insert("svm.weight".into(), averages[2 * LAYERS.len()].to_vec());
        weights.insert("svm.bias".into(), averages[2 * LAYERS.len() + 1].to_vec());
        weights
    }

    fn save(&self, path: &Path) -> Result<()> {
        let mut network = self.network.clone();
        let parameters: Vec<Vec<f32>> = parameters(&mut network).map(|p| p.to_vec()).collect();
        let values = parameters.iter().zip(&self.moments).enumerate();
        let values = values.flat_map(|(n, (parameters, moments))| {
            [
                (format!("{n}.values"), parameters.as_slice()),
                (format!("{n}.mean"), &moments.mean),
                (format!("{n}.square"), &moments.square),
                (format!("{n}.average"), &moments.average),
            ]
        });
        checkpoint::save(path, &self.passed, values)
    }

    fn resume(&mut self, path: &Path) -> Result<()> {
        let Some((passed, mut values)) = checkpoint::load::<Passed>(path)? else {
            return Ok(());
        };
        for (n, (parameters, moments)) in parameters(&mut self.network)
            .zip(&mut self.moments)
            .enumerate()
        {
            let length = parameters.len();
            let mut take =
                |what: &str| checkpoint::take(&mut values, &format!("{n}.{what}"), length, path);
            parameters.copy_from_slice(&take("values")?);
            moments.mean = take("mean")?;
            moments.square = take("square")?;
            moments.average = take("average")?;
        }
        self.network.convs.iter_mut().for_each(Conv::pack);
        self.passed = passed;
        Ok(())
    }
}

fn squares(values: &[f32]) -> f64 {
    values.iter().map(|v| f64::from(v * v)).sum()
}

/// All parameters: weights and biases of each layer, then of the decision.
fn parameters(network: &mut Network) -> impl Iterator<Item = &mut [f32]> {
    let decision = &mut network.decision;
    let convs = network.convs.iter_mut();
    convs
        .flat_map(|conv| [conv.weight.as_mut_slice(), conv.bias.as_mut_slice()])
        .chain([
            decision.weight.as_mut_slice(),
            std::slice::from_mut(&mut decision.bias),
        ])
}

/// Their gradients, in the same order.
fn gradients(gradient: &mut Gradient) -> impl Iterator<Item = &mut [f32]> {
    let convs = gradient.convs.iter_mut();
    convs
        .flat_map(|conv| [conv.weight.as_mut_slice(), conv.bias.as_mut_slice()])
        .chain([
            gradient.weight.as_mut_slice(),
            std::slice::from_mut(&mut gradient.bias),
        ])
}

/// A random view of a slice with what is known of it.
fn lesson(slice: &Slice, seed: u64, settings: &Settings) -> Lesson {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let view = View::random(&settings.changes, &mut rng);
    let scale = 1.0 / (1.0 - settings.dropout);
    let keep = |_| match rng.random::<f32>() < settings.dropout {
        true => 0.0,
        false => scale,
    };
    let kept = (0..2 * settings.units).map(keep).collect();
    Lesson {
        grey: view.apply(slice.grey, &mut rng),
        target: Target {
            haemorrhage: f32::from(u8::from(slice.origin.haemorrhage)),
            places: view.places(slice.boxes),
        },
        kept,
    }
}
