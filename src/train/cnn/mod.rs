//! Training of the paper's small network from nothing (its section 5.3.1).

mod network;

use std::path::Path;
use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use self::network::State;
use super::augment::{PAPER_COPIES, paper_copy};
use super::checkpoint::{self, Pace};
use super::dense::loss::Loss;
use super::protocol::{Image, Split};
use super::run_log::{Epoch, Journal, Marked};
use super::{Result, progress};
use crate::architecture::Network;
use crate::network::Tensors;
use crate::network::reference::Reference;

/// How the network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CnnSettings {
    /// Whether there is batch norm.
    pub normalised: bool,
    /// Share of each convolution's outputs that a step drops.
    pub conv_dropout: f32,
    /// Share of each fully connected layer's units that a step drops.
    pub dropout: f32,
    /// Passes over the training groups.
    pub epochs: usize,
    /// Images a step; what is left at the end of an epoch is passed over, as MATLAB does.
    pub batch: usize,
    /// Learning rate.
    pub rate: f64,
    /// Share of the last step that is kept.
    pub momentum: f64,
    /// Epochs between two measurements; the last is always measured.
    pub measure_every: usize,
    /// Seed of initial weights, order, copies and dropout.
    pub seed: u64,
}

impl CnnSettings {
    /// The paper's: batches of 60, rate 0.001, 100 epochs of "minibatch optimization via gradient
    /// descent", which in MATLAB has momentum 0.9. It does not say how much is dropped: one half
    /// of the fully connected units, as in its AlexNet, and a fifth of the maps here.
    pub const PAPER: Self = Self {
        normalised: true,
        conv_dropout: 0.2,
        dropout: 0.5,
        epochs: 100,
        batch: 60,
        rate: 0.001,
        momentum: 0.9,
        measure_every: 5,
        seed: 2020,
    };
    /// The paper's ablation: without batch norm and dropout.
    pub const PAPER_PLAIN: Self = Self {
        normalised: false,
        conv_dropout: 0.0,
        dropout: 0.0,
        ..Self::PAPER
    };
}

/// All copies of all slices as the network sees them.
pub struct Greys {
    side: usize,
    /// Copy 0 of every slice, then copy 1 …
    grey: Vec<u8>,
    labels: Vec<bool>,
}

impl Greys {
    /// The paper's copies of `inputs` of `side × side` grey levels.
    pub fn new(inputs: &[Vec<u8>], side: usize, labels: Vec<bool>) -> Self {
        let grey = (0..PAPER_COPIES)
            .flat_map(|copy| {
                let copied = inputs.iter();
                copied.flat_map(move |grey| paper_copy(copy).apply(grey, side))
            })
            .collect();
        Self { side, grey, labels }
    }

    /// Grey levels of images, one after the other.
    pub fn gather(&self, images: &[Image]) -> Vec<u8> {
        let length = self.side * self.side;
        let places = images
            .iter()
            .map(|i| i.variant * self.labels.len() + i.slice);
        places
            .flat_map(|place| &self.grey[place * length..][..length])
            .copied()
            .collect()
    }

    fn labels(&self, images: &[Image]) -> Vec<bool> {
        images.iter().map(|i| self.labels[i.slice]).collect()
    }
}

/// A trained network.
pub struct FittedCnn {
    /// Weights under the stored model's names, batch norm folded.
    pub tensors: Tensors,
    /// What was measured on the way.
    pub journal: Journal,
}

/// What a checkpoint says about itself.
#[derive(Serialize, Deserialize)]
struct Facts {
    settings: CnnSettings,
    journal: Journal,
}

impl CnnSettings {
    /// Trains on the split's groups; goes on from `checkpoint` when it is there and of the same
    /// settings, but for fewer epochs. `name` stands at the progress bar.
    ///
    /// # Errors
    /// [`super::TrainError`] from tensors or the checkpoint, or when training diverges.
    pub fn fit(
        &self,
        greys: &Greys,
        split: &Split,
        checkpoint: &Path,
        name: &str,
    ) -> Result<FittedCnn> {
        let mut state = State::draw(self.normalised, self.seed)?;
        let mut journal = Journal::default();
        if let Some((facts, mut values)) = checkpoint::load::<Facts>(checkpoint)?
            && self.goes_on_from(&facts)
        {
            state.restore(&mut values, checkpoint)?;
            journal = facts.journal;
        }
        let bar = progress(name, self.epochs);
        bar.set_position(journal.epoch as u64);
        let mut pace = Pace::start();
        while journal.epoch < self.epochs {
            self.epoch(&mut state, &mut journal, greys, split)?;
            journal.epoch += 1;
            let epoch = journal.epoch;
            if epoch.is_multiple_of(self.measure_every) || epoch == self.epochs {
                let measured = self.measure(&state, epoch, greys, split)?;
                bar.set_message(format!("loss {:.4}", measured.train_loss));
                journal.epochs.push(measured);
            }
            bar.inc(1);
            let save = || {
                let facts = Facts {
                    settings: self.clone(),
                    journal: journal.clone(),
                };
                let values = state.values()?;
                let slices = values.iter().map(|(name, v)| (name.clone(), &v[..]));
                checkpoint::save(checkpoint, &facts, slices)
            };
            if epoch == self.epochs {
                save()?;
            } else {
                pace.write_if_due(save)?;
            }
        }
        bar.finish();
        Ok(FittedCnn {
            tensors: state.folded(&greys.gather(&split.measured()))?,
            journal,
        })
    }

    /// The learning rate is the same throughout: a longer run begins with the shorter one.
    fn goes_on_from(&self, facts: &Facts) -> bool {
        let Facts { settings, journal } = facts;
        let longer = Self {
            epochs: self.epochs,
            ..settings.clone()
        };
        longer == *self && journal.epoch <= self.epochs
    }

    /// One pass; its randomness depends on seed and epoch alone.
    fn epoch(
        &self,
        state: &mut State,
        journal: &mut Journal,
        greys: &Greys,
        split: &Split,
    ) -> Result<()> {
        let started = Instant::now();
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(1 + journal.epoch as u64);
        let batch = self.batch.min(split.groups.len());
        for images in split.epoch(&mut rng).chunks_exact(batch) {
            let (grey, labels) = (greys.gather(images), greys.labels(images));
            let drops = [self.conv_dropout, self.dropout];
            state.descend(&grey, &labels, drops, self.rate, self.momentum, &mut rng)?;
            journal.steps += 1;
            journal.images += images.len();
        }
        journal.seconds += started.elapsed().as_secs_f64();
        Ok(())
    }

    fn measure(&self, state: &State, epoch: usize, greys: &Greys, split: &Split) -> Result<Epoch> {
        let measured = split.measured();
        let tensors = state.folded(&greys.gather(&measured))?;
        let marked = |images: &[Image]| -> Result<Marked> {
            let margins = margins(&tensors, &greys.gather(images))?;
            Ok(Marked {
                margins: margins
                    .into_iter()
                    .map(|(haemorrhage, _)| haemorrhage)
                    .collect(),
                labels: greys.labels(images),
            })
        };
        let (train, test) = (marked(&measured)?, marked(&split.test)?);
        let loss = Loss::CrossEntropy;
        Epoch::measure(epoch, self.rate, loss, &train, &test)
    }
}

/// Both margins of images (`32 × 32` grey levels each) by a trained network.
///
/// # Errors
/// From the tensor library.
pub fn margins(tensors: &Tensors, grey: &[u8]) -> Result<Vec<(f64, f64)>> {
    network::margins(tensors, grey)
}

/// The trained network as the reference that is quantised.
///
/// # Errors
/// From the tensor library.
pub fn reference(tensors: &Tensors) -> Result<Reference> {
    Ok(Reference::new(&Network::cnn(), tensors.clone())?)
}
