//! FC6 trained through the squared hinge (Tang 2013) on pooled maps, by AdamW with dropout.
//!
//! Pooled maps are non-negative and sparse: uncentred, or with one step size for all weights,
//! gradient descent all but stands still on them. So inputs are centred while training (folded
//! into the bias afterwards) and steps are scaled for each weight (Adam; Kingma and Ba 2015, with
//! the decoupled decay of Loshchilov and Hutter 2019).

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor, Var};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::checkpoint::broken;
use super::features::Features;
use super::{Result, progress, write_atomically};
use crate::model::ACTIVATION_MAX;

/// How FC6 is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FitSettings {
    /// Units while training, before pruning.
    pub units: usize,
    /// Passes over the training slices; each pass takes one of each slice's altered copies.
    pub epochs: usize,
    /// Slices a step.
    pub batch: usize,
    /// Learning rate at the start; it falls along a half cosine to zero.
    pub rate: f64,
    /// Decoupled weight decay.
    pub decay: f64,
    /// Share of units dropped in a step.
    pub dropout: f32,
    /// Seed of initial weights, order, copies and dropout.
    pub seed: u64,
}

/// FC6 in f32 for inputs `activation / 255`.
pub struct Fc6 {
    /// Row-major, `units × dimensions`.
    pub weight: Vec<f32>,
    /// One a unit.
    pub bias: Vec<f32>,
}

/// The slices to train on.
pub struct Examples<'a> {
    /// Their pooled maps.
    pub features: &'a Features,
    /// Indices of the slices.
    pub members: &'a [usize],
    /// Labels of all slices, by index.
    pub labels: &'a [bool],
}

/// Centred inputs: `(activation / 255 − mean) * gain`.
struct Centring {
    mean: Vec<f32>,
    gain: f32,
}

impl Centring {
    /// Root mean square norm of a centred input.
    const NORM: f64 = 10.0;

    /// The mean of the unaltered slices, and the gain that brings them to [`Centring::NORM`].
    fn of(examples: &Examples) -> Self {
        let n = examples.members.len() as f64;
        let mut mean = vec![0.0f64; examples.features.dimensions];
        for &i in examples.members {
            for (m, &v) in mean.iter_mut().zip(examples.features.get(0, i)) {
                *m += f64::from(v) / (f64::from(ACTIVATION_MAX) * n);
            }
        }
        let mut square = 0.0;
        for &i in examples.members {
            for (m, &v) in mean.iter().zip(examples.features.get(0, i)) {
                square += (f64::from(v) / f64::from(ACTIVATION_MAX) - m).powi(2) / n;
            }
        }
        Self {
            mean: mean.into_iter().map(|m| m as f32).collect(),
            gain: (Self::NORM / square.sqrt().max(f64::MIN_POSITIVE)) as f32,
        }
    }

    fn apply<'a>(&'a self, map: &'a [u8]) -> impl Iterator<Item = f32> + 'a {
        let largest = f32::from(ACTIVATION_MAX);
        let pairs = map.iter().zip(&self.mean);
        pairs.map(move |(&v, mean)| (f32::from(v) / largest - mean) * self.gain)
    }

    /// Folds the centring into weights that read it.
    fn fold(&self, mut weight: Vec<f32>, mut bias: Vec<f32>) -> Fc6 {
        for (row, bias) in weight.chunks_exact_mut(self.mean.len()).zip(&mut bias) {
            row.iter_mut().for_each(|w| *w *= self.gain);
            *bias -= row.iter().zip(&self.mean).map(|(w, m)| w * m).sum::<f32>();
        }
        Fc6 { weight, bias }
    }
}

/// Trainable tensors with Adam's running means of gradients and of their squares, in a fixed order.
struct State {
    vars: Vec<(&'static str, Var)>,
    means: Vec<Tensor>,
    squares: Vec<Tensor>,
    epoch: usize,
    steps: i32,
}

impl FitSettings {
    /// Trains FC6; goes on from `checkpoint` when it is there and of the same settings, and writes
    /// it after every epoch.
    ///
    /// # Errors
    /// [`super::TrainError`] from tensors or the checkpoint.
    pub fn fit(&self, examples: &Examples, checkpoint: &Path, name: &str) -> Result<Fc6> {
        let centring = Centring::of(examples);
        let mut state = match State::resume(checkpoint, self)? {
            Some(state) => state,
            None => self.start(examples.features.dimensions)?,
        };
        let bar = progress(name, self.epochs);
        bar.set_position(state.epoch as u64);
        while state.epoch < self.epochs {
            let loss = self.epoch(&mut state, examples, &centring)?;
            state.epoch += 1;
            state.save(checkpoint, self)?;
            bar.set_message(format!("loss {loss:.4}"));
            bar.inc(1);
        }
        bar.finish();
        let [weight, bias, ..] = &state.vars[..] else {
            unreachable!("the state has four tensors")
        };
        let weight = weight.1.flatten_all()?.to_vec1()?;
        Ok(centring.fold(weight, bias.1.to_vec1()?))
    }

    /// He initialisation for inputs of norm [`Centring::NORM`].
    fn start(&self, dimensions: usize) -> Result<State> {
        let deviation = 2f64.sqrt() / Centring::NORM;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // Uniform with the same deviation.
        let mut draw = |n: usize, deviation: f64| -> Vec<f32> {
            let bound = (deviation * 3f64.sqrt()) as f32;
            (0..n).map(|_| rng.random_range(-bound..bound)).collect()
        };
        let weight = draw(self.units * dimensions, deviation);
        let plane = draw(self.units, (1.0 / self.units as f64).sqrt());
        let var = |values: Vec<f32>, shape: (usize, usize)| {
            Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
        };
        State::new(vec![
            ("fc6.weight", var(weight, (self.units, dimensions))?),
            (
                "fc6.bias",
                Var::zeros(self.units, DType::F32, &Device::Cpu)?,
            ),
            ("plane.weight", var(plane, (1, self.units))?),
            ("plane.bias", Var::zeros(1, DType::F32, &Device::Cpu)?),
        ])
    }

    /// One pass; gives the mean loss. Its randomness depends on seed and epoch alone.
    fn epoch(&self, state: &mut State, examples: &Examples, centring: &Centring) -> Result<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(1 + state.epoch as u64);
        let mut order = examples.members.to_vec();
        order.shuffle(&mut rng);
        let positives = order.iter().filter(|&&i| examples.labels[i]).count();
        let share = positives as f32 / order.len() as f32;
        let steps = order.len().div_ceil(self.batch);
        let mut total = 0.0;
        for (step, batch) in order.chunks(self.batch).enumerate() {
            let progress = (state.epoch * steps + step) as f64 / (self.epochs * steps) as f64;
            let rate = self.rate * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
            let loss = self.loss(state, examples, centring, batch, share, &mut rng)?;
            state.descend(&loss, rate, self.decay)?;
            total += f64::from(loss.to_scalar::<f32>()?);
        }
        Ok(total / steps as f64)
    }

    /// Class-balanced squared hinge of a batch.
    fn loss(
        &self,
        state: &State,
        examples: &Examples,
        centring: &Centring,
        batch: &[usize],
        positive_share: f32,
        rng: &mut ChaCha8Rng,
    ) -> Result<Tensor> {
        let n = batch.len();
        let mut inputs = Vec::with_capacity(n * examples.features.dimensions);
        for &i in batch {
            let variant = rng.random_range(0..examples.features.variants());
            let map = examples.features.get(variant, i);
            inputs.extend(centring.apply(map));
        }
        let keep = 1.0 - self.dropout;
        let mask: Vec<f32> = (0..n * self.units)
            .map(|_| {
                if rng.random::<f32>() < keep {
                    1.0 / keep
                } else {
                    0.0
                }
            })
            .collect();
        let signs: Vec<f32> = batch
            .iter()
            .map(|&i| if examples.labels[i] { 1.0 } else { -1.0 })
            .collect();
        let costs: Vec<f32> = signs
            .iter()
            .map(|&s| {
                0.5 / if s > 0.0 {
                    positive_share
                } else {
                    1.0 - positive_share
                }
            })
            .collect();
        let on_cpu =
            |values: Vec<f32>, shape: (usize, usize)| Tensor::from_vec(values, shape, &Device::Cpu);
        let [weight, bias, plane, offset] = &state.vars[..] else {
            unreachable!("the state has four tensors")
        };
        let x = on_cpu(inputs, (n, examples.features.dimensions))?;
        let units = x.matmul(&weight.1.t()?)?.broadcast_add(&bias.1)?.relu()?;
        let units = units.mul(&on_cpu(mask, (n, self.units))?)?;
        let margins = units.matmul(&plane.1.t()?)?.broadcast_add(&offset.1)?;
        let slack = (1.0 - margins.mul(&on_cpu(signs, (n, 1))?)?)?.relu()?;
        Ok(slack.sqr()?.mul(&on_cpu(costs, (n, 1))?)?.mean_all()?)
    }
}

impl State {
    fn new(vars: Vec<(&'static str, Var)>) -> Result<Self> {
        let zeros = || vars.iter().map(|(_, var)| var.zeros_like());
        Ok(Self {
            means: zeros().collect::<candle_core::Result<_>>()?,
            squares: zeros().collect::<candle_core::Result<_>>()?,
            vars,
            epoch: 0,
            steps: 0,
        })
    }

    /// A step of AdamW; biases do not decay.
    fn descend(&mut self, loss: &Tensor, rate: f64, decay: f64) -> Result<()> {
        const KEEP_MEAN: f64 = 0.9;
        const KEEP_SQUARE: f64 = 0.999;
        const SMALL: f64 = 1e-8;
        self.steps += 1;
        let gradients = loss.backward()?;
        let moments = self.means.iter_mut().zip(&mut self.squares);
        for ((name, var), (mean, square)) in self.vars.iter().zip(moments) {
            let Some(gradient) = gradients.get(var.as_tensor()) else {
                continue;
            };
            *mean = ((mean.clone() * KEEP_MEAN)? + (gradient * (1.0 - KEEP_MEAN))?)?.detach();
            let fresh = (gradient.sqr()? * (1.0 - KEEP_SQUARE))?;
            *square = ((square.clone() * KEEP_SQUARE)? + fresh)?.detach();
            let unbiased = (square.clone() / (1.0 - KEEP_SQUARE.powi(self.steps)))?;
            let step = (mean.clone() * (rate / (1.0 - KEEP_MEAN.powi(self.steps))))?;
            let step = step.div(&(unbiased.sqrt()? + SMALL)?)?;
            let shrink = if name.ends_with("weight") {
                1.0 - rate * decay
            } else {
                1.0
            };
            var.set(&((var.as_tensor() * shrink)? - step)?.detach())?;
        }
        Ok(())
    }

    fn save(&self, path: &Path, settings: &FitSettings) -> Result<()> {
        let mut tensors: Vec<(String, Tensor)> = Vec::new();
        let moments = self.means.iter().zip(&self.squares);
        for ((name, var), (mean, square)) in self.vars.iter().zip(moments) {
            tensors.push(((*name).to_owned(), var.as_tensor().clone()));
            tensors.push((format!("{name}.mean"), mean.clone()));
            tensors.push((format!("{name}.square"), square.clone()));
        }
        let progress = Progress {
            settings: *settings,
            epoch: self.epoch,
            steps: self.steps,
        };
        let header = serde_json::to_string(&progress).map_err(|e| broken(path, &e))?;
        let header = HashMap::from([(PROGRESS_KEY.to_owned(), header)]);
        let bytes = safetensors::serialize(tensors, Some(header)).map_err(|e| broken(path, &e))?;
        write_atomically(path, &bytes)
    }

    /// The state in `path`, if it is there and of the same settings.
    fn resume(path: &Path, settings: &FitSettings) -> Result<Option<Self>> {
        let Ok(bytes) = std::fs::read(path) else {
            return Ok(None);
        };
        let (_, metadata) =
            safetensors::SafeTensors::read_metadata(&bytes).map_err(|e| broken(path, &e))?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(PROGRESS_KEY));
        let progress: Option<Progress> = header.and_then(|h| serde_json::from_str(h).ok());
        let Some(progress) = progress.filter(|p| p.settings == *settings) else {
            return Ok(None);
        };
        let mut tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?;
        let mut take = |name: String| {
            let missing = || broken(path, &format!("{name} is missing"));
            tensors.remove(&name).ok_or_else(missing)
        };
        let (mut vars, mut means, mut squares) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["fc6.weight", "fc6.bias", "plane.weight", "plane.bias"] {
            vars.push((name, Var::from_tensor(&take(name.to_owned())?)?));
            means.push(take(format!("{name}.mean"))?);
            squares.push(take(format!("{name}.square"))?);
        }
        Ok(Some(Self {
            vars,
            means,
            squares,
            epoch: progress.epoch,
            steps: progress.steps,
        }))
    }
}

/// Key of [`Progress`] in a checkpoint's header.
const PROGRESS_KEY: &str = "progress";

/// How far a checkpoint is, and of which run.
#[derive(Serialize, Deserialize)]
struct Progress {
    settings: FitSettings,
    epoch: usize,
    steps: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: FitSettings = FitSettings {
        units: 12,
        epochs: 12,
        batch: 10,
        rate: 0.01,
        decay: 0.1,
        dropout: 0.3,
        seed: 3,
    };

    /// 60 maps of 20 values; the label is whether the first half outweighs the second.
    fn maps() -> (Features, Vec<bool>) {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let data: Vec<u8> = (0..60 * 20).map(|_| rng.random_range(0..=127)).collect();
        let sum = |v: &[u8]| v.iter().map(|&v| u32::from(v)).sum::<u32>();
        let labels = data
            .chunks_exact(20)
            .map(|m| sum(&m[..10]) > sum(&m[10..]))
            .collect();
        (Features::from_maps(20, 60, data), labels)
    }

    #[test]
    fn a_resumed_run_ends_where_an_unbroken_one_does() {
        let (features, labels) = maps();
        let members: Vec<usize> = (0..60).collect();
        let examples = Examples {
            features: &features,
            members: &members,
            labels: &labels,
        };
        let folder = tempfile::tempdir().unwrap();
        let unbroken = SETTINGS
            .fit(&examples, &folder.path().join("whole"), "whole")
            .unwrap();

        let broken = folder.path().join("broken");
        let centring = Centring::of(&examples);
        let mut state = SETTINGS.start(features.dimensions).unwrap();
        for _ in 0..5 {
            SETTINGS.epoch(&mut state, &examples, &centring).unwrap();
            state.epoch += 1;
        }
        state.save(&broken, &SETTINGS).unwrap();
        drop(state);
        assert_eq!(State::resume(&broken, &SETTINGS).unwrap().unwrap().epoch, 5);
        let resumed = SETTINGS.fit(&examples, &broken, "resumed").unwrap();
        assert_eq!(resumed.weight, unbroken.weight);
        assert_eq!(resumed.bias, unbroken.bias);
    }

    #[test]
    fn a_checkpoint_of_other_settings_is_not_taken_up() {
        let (features, _) = maps();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let state = SETTINGS.start(features.dimensions).unwrap();
        state.save(&path, &SETTINGS).unwrap();
        let other = FitSettings {
            seed: 4,
            ..SETTINGS
        };
        assert!(State::resume(&path, &other).unwrap().is_none());
    }

    #[test]
    fn training_lowers_the_loss() {
        let (features, labels) = maps();
        let members: Vec<usize> = (0..60).collect();
        let examples = Examples {
            features: &features,
            members: &members,
            labels: &labels,
        };
        let centring = Centring::of(&examples);
        let mut state = SETTINGS.start(features.dimensions).unwrap();
        let losses: Vec<f64> = (0..12)
            .map(|_| {
                let loss = SETTINGS.epoch(&mut state, &examples, &centring).unwrap();
                state.epoch += 1;
                loss
            })
            .collect();
        assert!(losses[11] < 0.7 * losses[0], "{losses:?}");
    }
}
