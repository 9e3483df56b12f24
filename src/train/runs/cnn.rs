//! The runs that make the paper's small network.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use super::probe::{self, Pooled, channel_means};
use super::record::{Trained, record};
use super::store::{Outcome, Storing, held_out, sample};
use super::{Places, checkpoint, title};
use crate::preprocess::Preprocessing;
use crate::train::augment::PAPER_COPIES;
use crate::train::cnn::{self, CnnSettings, FittedCnn, Greys};
use crate::train::dataset::Dataset;
use crate::train::predictions::Protocol;
use crate::train::protocol::{Image, Split};
use crate::train::quantize::quantize;
use crate::train::run_log::Run;
use crate::train::{Result, file_error};

/// Data that every fit shares.
pub struct Session<'a> {
    settings: CnnSettings,
    run: Run,
    places: &'a Places,
    dataset: Dataset,
    inputs: Vec<Vec<u8>>,
    greys: Greys,
}

impl<'a> Session<'a> {
    /// Reads the data and makes the paper's copies.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from the data.
    pub fn open(settings: CnnSettings, run: Run, places: &'a Places) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let dataset = places.dataset()?;
        let inputs = dataset.inputs(Preprocessing::CNN)?;
        let side = Preprocessing::CNN.side;
        let greys = Greys::new(&inputs, side, dataset.labels());
        Ok(Self {
            settings,
            run,
            places,
            dataset,
            inputs,
            greys,
        })
    }

    /// Trains on every split of a protocol, and writes a log for each and one table of margins.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from any step; run again to go on from the last checkpoint.
    pub fn run(&self, protocol: Protocol) -> Result<()> {
        let splits = self.splits(protocol);
        let examples = &self.dataset.examples;
        let report = &self.places.report;
        record(self.run, protocol, &splits, examples, report, |split| {
            let fitted = self.fit(split)?;
            let margins = cnn::margins(&fitted.tensors, &self.greys.gather(&split.test))?;
            Ok(Trained {
                margins,
                reference: Vec::new(),
                settings: self.facts(),
                journal: fitted.journal,
            })
        })
    }

    /// Trains on all patients and stores the network.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from any step, above all when the patient protocol was not run
    /// before.
    pub fn store(&self, storing: &Storing) -> Result<Outcome> {
        held_out(self.run, &self.places.report)?;
        let split = &Split::everyone(&self.dataset.examples, PAPER_COPIES);
        let fitted = self.fit(split)?;
        let how = format!(
            "Trained from nothing on all patients with the settings of the folds ({} passes)",
            self.settings.epochs
        );
        let card = storing.card(self.run, &self.dataset, &how);
        let reference = cnn::reference(&fitted.tensors)?;
        let sample = sample(&self.inputs);
        let model = quantize(&reference, &sample, Preprocessing::CNN, card)?;
        let unaltered: Vec<Image> = (0..self.inputs.len())
            .map(|slice| Image { slice, variant: 0 })
            .collect();
        let whole = cnn::margins(&fitted.tensors, &self.greys.gather(&unaltered))?;
        let whole: Vec<f64> = whole.into_iter().map(|(margin, _)| margin).collect();
        storing.finish(model, self.run, self.places, &self.inputs, &whole)
    }

    /// Measures a linear probe after each convolution of the folds' networks on the patients that
    /// these never saw.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from any step.
    pub fn probe(&self) -> Result<()> {
        let labels = self.dataset.labels();
        let mut pooled = Pooled::default();
        let mut layers = Vec::new();
        for split in self.splits(Protocol::Patient) {
            let reference = cnn::reference(&self.fit(&split)?.tensors)?;
            let convs = &reference.network().convs;
            layers = convs.iter().map(|c| c.name.clone()).collect();
            let features = channel_means(&self.inputs, |grey| {
                let mut outputs = reference.outputs(&reference.input(grey)?)?;
                outputs.truncate(convs.len());
                Ok(outputs)
            })?;
            pooled.add(&features, &labels, &split);
        }
        let mse = pooled.means();
        probe::write(&self.places.report, self.run.network, &layers, &mse)
    }

    fn splits(&self, protocol: Protocol) -> Vec<Split> {
        let variants = PAPER_COPIES;
        Split::all(
            protocol,
            &self.dataset.examples,
            variants,
            self.settings.seed,
        )
    }

    fn fit(&self, split: &Split) -> Result<FittedCnn> {
        let name = title(self.run, split);
        self.settings
            .fit(&self.greys, split, &self.checkpoint(split), &name)
    }

    fn checkpoint(&self, split: &Split) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (&self.inputs, &split.groups).hash(&mut hasher);
        checkpoint(&self.places.work, self.run, split, hasher.finish())
    }

    /// What the log says was set.
    fn facts(&self) -> serde_json::Value {
        serde_json::json!({
            "copies": "image, mirror image, turned by 70, 160 and 270 degrees",
            "inputs": "32 by 32, grey / 255",
            "optimiser": "SGD",
            "sgd": self.settings,
            "classWeights": "none",
        })
    }
}
