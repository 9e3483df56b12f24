//! A dense network from drawn weights to the last epoch, on inputs that do not change.

use std::path::Path;
use std::time::Instant;

use ndarray::{Array1, Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::layer::Layer;
use super::loss::Loss;
use super::margins;
use super::step::{Rates, Step};
use crate::train::checkpoint::{self, Pace};
use crate::train::protocol::{Image, Split};
use crate::train::run_log::{Epoch, Journal, Marked};
use crate::train::{Result, progress};

/// How a dense network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SgdSettings {
    /// Units of the hidden layers.
    pub hidden: Vec<usize>,
    /// What the last layer is trained through.
    pub loss: Loss,
    /// Passes over the training groups.
    pub epochs: usize,
    /// Images a step; what is left at the end of an epoch is passed over, as MATLAB does.
    pub batch: usize,
    /// Learning rate at the start.
    pub rate: f64,
    /// Steps after which the rate falls to a tenth.
    pub rate_falls_after: usize,
    /// Share of the last step that is kept.
    pub momentum: f32,
    /// Share of each hidden layer's units that a step leaves out.
    pub dropout: f32,
    /// Standard deviation of the initial weights.
    pub deviation: f32,
    /// Epochs between two measurements; the last is always measured.
    pub measure_every: usize,
    /// Seed of initial weights, order, copies and dropout.
    pub seed: u64,
}

/// The inputs of all copies of all slices.
pub struct Inputs {
    /// One row an image: copy 0 of every slice, then copy 1 …
    pub rows: Array2<f32>,
    /// Labels of the slices.
    pub labels: Vec<bool>,
}

impl Inputs {
    /// The rows of images.
    pub fn gather(&self, images: &[Image]) -> Array2<f32> {
        let places: Vec<usize> = images
            .iter()
            .map(|image| image.variant * self.labels.len() + image.slice)
            .collect();
        self.rows.select(Axis(0), &places)
    }

    /// Their labels.
    pub fn labels(&self, images: &[Image]) -> Vec<bool> {
        images
            .iter()
            .map(|image| self.labels[image.slice])
            .collect()
    }
}

/// A trained network.
pub struct Fitted {
    /// Hidden layers, then the one that gives the outputs.
    pub layers: Vec<Layer>,
    /// What was measured on the way.
    pub journal: Journal,
}

/// What a checkpoint says about itself.
#[derive(Serialize, Deserialize)]
struct Facts {
    settings: SgdSettings,
    journal: Journal,
}

struct State {
    layers: Vec<Layer>,
    velocities: Vec<Layer>,
    journal: Journal,
}

impl SgdSettings {
    /// Trains on the split's groups; goes on from `checkpoint` when it is there and of the same
    /// settings. `name` stands at the progress bar.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from the checkpoint, or when training diverges.
    pub fn fit(
        &self,
        inputs: &Inputs,
        split: &Split,
        checkpoint: &Path,
        name: &str,
    ) -> Result<Fitted> {
        let mut state = match self.resume(inputs.rows.ncols(), checkpoint)? {
            Some(state) => state,
            None => self.start(inputs.rows.ncols()),
        };
        let batch = self.batch.min(split.groups.len());
        let mut step = Step::new(&state.layers, self.loss, self.dropout, batch);
        let bar = progress(name, self.epochs);
        bar.set_position(state.journal.epoch as u64);
        let mut pace = Pace::start();
        while state.journal.epoch < self.epochs {
            self.epoch(&mut state, &mut step, inputs, split, batch);
            state.journal.epoch += 1;
            let epoch = state.journal.epoch;
            if epoch.is_multiple_of(self.measure_every) || epoch == self.epochs {
                let measured = self.measure(&state, inputs, split)?;
                bar.set_message(format!("loss {:.4}", measured.train_loss));
                state.journal.epochs.push(measured);
            }
            bar.inc(1);
            if epoch == self.epochs {
                self.save(&state, checkpoint)?;
            } else {
                pace.write_if_due(|| self.save(&state, checkpoint))?;
            }
        }
        bar.finish();
        Ok(Fitted {
            layers: state.layers,
            journal: state.journal,
        })
    }

    /// Layers from `inputs` values to the loss's outputs.
    fn start(&self, inputs: usize) -> State {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let layers: Vec<Layer> = self
            .sizes(inputs)
            .windows(2)
            .map(|sizes| Layer::draw(sizes[1], sizes[0], self.deviation, &mut rng))
            .collect();
        State {
            velocities: layers.iter().map(Layer::zeros_like).collect(),
            layers,
            journal: Journal::default(),
        }
    }

    /// Inputs of the first layer, then outputs of each.
    fn sizes(&self, inputs: usize) -> Vec<usize> {
        let mut sizes = vec![inputs];
        sizes.extend(&self.hidden);
        sizes.push(self.loss.outputs());
        sizes
    }

    /// One pass; its randomness depends on seed and epoch alone.
    fn epoch(
        &self,
        state: &mut State,
        step: &mut Step,
        inputs: &Inputs,
        split: &Split,
        batch: usize,
    ) {
        let started = Instant::now();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(1 + state.journal.epoch as u64);
        for images in split.epoch(&mut rng).chunks_exact(batch) {
            let rates = Rates {
                rate: self.rate_at(state.journal.steps) as f32,
                momentum: self.momentum,
            };
            step.descend(
                &mut state.layers,
                &mut state.velocities,
                &inputs.gather(images),
                &inputs.labels(images),
                rates,
                &mut rng,
            );
            state.journal.steps += 1;
            state.journal.images += images.len();
        }
        state.journal.seconds += started.elapsed().as_secs_f64();
    }

    fn rate_at(&self, steps: usize) -> f64 {
        if steps < self.rate_falls_after {
            self.rate
        } else {
            self.rate / 10.0
        }
    }

    fn measure(&self, state: &State, inputs: &Inputs, split: &Split) -> Result<Epoch> {
        let marked = |images: &[Image]| Marked {
            margins: margins(&state.layers, self.loss, inputs.gather(images).view()),
            labels: inputs.labels(images),
        };
        let rate = self.rate_at(state.journal.steps.saturating_sub(1));
        let (train, test) = (marked(&split.measured()), marked(&split.test));
        Epoch::measure(state.journal.epoch, rate, self.loss, &train, &test)
    }

    fn save(&self, state: &State, path: &Path) -> Result<()> {
        let facts = Facts {
            settings: self.clone(),
            journal: state.journal.clone(),
        };
        let layers = state.layers.iter().zip(&state.velocities).enumerate();
        let values = layers.flat_map(|(i, (layer, velocity))| {
            [
                (format!("{i}.weight"), layer.weight.as_slice()),
                (format!("{i}.bias"), layer.bias.as_slice()),
                (format!("{i}.weight.velocity"), velocity.weight.as_slice()),
                (format!("{i}.bias.velocity"), velocity.bias.as_slice()),
            ]
            .map(|(name, values)| (name, values.unwrap_or_default()))
        });
        checkpoint::save(path, &facts, values)
    }

    /// The state in `path`, if it is there and of the same settings.
    fn resume(&self, inputs: usize, path: &Path) -> Result<Option<State>> {
        let Some((facts, mut values)) = checkpoint::load::<Facts>(path)? else {
            return Ok(None);
        };
        if facts.settings != *self {
            return Ok(None);
        }
        let sizes = self.sizes(inputs);
        let mut take = |suffix: &str| -> Result<Vec<Layer>> {
            let of = |(i, sizes): (usize, &[usize])| {
                let (inputs, units) = (sizes[0], sizes[1]);
                let mut take = |name: &str, length: usize| {
                    checkpoint::take(&mut values, &format!("{i}.{name}{suffix}"), length, path)
                };
                let weight = take("weight", units * inputs)?;
                let bias = Array1::from_vec(take("bias", units)?);
                let weight = Array2::from_shape_vec((units, inputs), weight)
                    .map_err(|e| crate::train::TrainError::Data(e.to_string()))?;
                Ok(Layer { weight, bias })
            };
            sizes.windows(2).enumerate().map(of).collect()
        };
        Ok(Some(State {
            layers: take("")?,
            velocities: take(".velocity")?,
            journal: facts.journal,
        }))
    }
}
