//! The runs that make our AlexNet-SVM: ImageNet's single tower, FC6, and planes solved on the int8
//! units of altered copies and of slices with drawn haemorrhage.
//!
//! With no optimiser steps, convolutions stay as ImageNet left them and each unit of FC6 is the mean
//! of a map: with a few dozen patients that is the best we know. With steps, the later layers are
//! tuned first (see [`crate::train::tune`]).

pub mod sizes;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::Serialize;

use super::record::{Trained, record};
use super::store::{Outcome, Storing, held_out_table, sample};
use super::units::{Rows, Units};
use super::{Places, checkpoint, title};
use crate::architecture::{Linear, Network, Readout, single_tower_trunk};
use crate::model::{ModelCard, QuantConv, StoredModel};
use crate::network::Tensors;
use crate::network::reference::Reference;
use crate::preprocess::Preprocessing;
use crate::svm::{Problem, solve_standardised};
use crate::train::augment::Copies;
use crate::train::dataset::Dataset;
use crate::train::dense::loss::Loss;
use crate::train::predictions::Protocol;
use crate::train::protocol::{Image, Split};
use crate::train::quantize::{TrunkWeights, quantize};
use crate::train::run_log::{Epoch, Journal, Marked, Run};
use crate::train::synthesis::{Intracranial, Slices};
use crate::train::trunk::hash_convs;
use crate::train::tune::batches::{Batches, Pool};
use crate::train::tune::live::Live;
use crate::train::tune::network::{grey_trunk, mean_units, reading_unit_grey};
use crate::train::tune::stem::Stem;
use crate::train::tune::{TuneSettings, Tuned, tune};
use crate::train::{Result, TrainError, agreement, device, file_error};

const PREPROCESSING: Preprocessing = Preprocessing::ALEXNET;

/// The f32 network of a stored model, in the run's work folder.
pub const REFERENCE_FILE: &str = "reference.safetensors";

/// Everything that decides what a run gives.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Copies of each slice, itself and its mirror image included; the paper's protocol has the
    /// paper's five instead.
    pub variants: usize,
    /// Slices with drawn haemorrhage.
    pub synthetic: usize,
    /// Cost of the SVM, of a slice with all its copies, for standardised units of mean square norm
    /// one.
    pub cost: f64,
    /// Weight of all slices with drawn haemorrhage in it, as a share of those with real.
    pub drawn_weight: f64,
    /// Convolutions that are not tuned, where others are.
    pub frozen: usize,
    /// How the others are.
    #[serde(flatten)]
    pub tune: TuneSettings,
}

impl Settings {
    /// The best that the patient folds have shown (see `models/EXPERIMENTS.md`).
    pub const BEST: Self = Self {
        variants: 4,
        synthetic: 2_000,
        cost: 0.2,
        drawn_weight: 0.2,
        frozen: 2,
        tune: TuneSettings::BEST,
    };
}

/// Data and weights that every fit shares.
pub struct Session<'a> {
    settings: Settings,
    run: Run,
    places: &'a Places,
    network: Network,
    imagenet: Tensors,
    stem_convs: Vec<QuantConv>,
    dataset: Dataset,
    inputs: Vec<Vec<u8>>,
    labels: Vec<bool>,
    spaces: Vec<Option<Intracranial>>,
}

/// What every fit of a run begins with.
enum Start {
    /// The network without its planes: nothing else is trained.
    Untuned(Box<Rounded>),
    /// Maps behind the convolutions that are not tuned, if there are any.
    Tuned(Option<Stem>),
}

/// A network whose planes are not solved yet.
struct Rounded {
    model: StoredModel,
    /// The same weights in f32.
    tensors: Tensors,
    units: Units,
    journal: Journal,
}

/// A network trained on some of the slices.
struct Fitted {
    model: StoredModel,
    /// The same weights in f32 with the same planes.
    reference: Reference,
    journal: Journal,
    /// Margins of the slices that it was trained on.
    train: Marked,
}

impl<'a> Session<'a> {
    /// Reads the data and the ImageNet convolutions in `init`, and quantises those that stay.
    ///
    /// # Errors
    /// [`TrainError`] from data, weights or the engine.
    pub fn open(settings: Settings, run: Run, places: &'a Places, init: &Path) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let network = Network {
            input_side: PREPROCESSING.side,
            convs: single_tower_trunk(),
            linears: vec![Linear::new("fc6", settings.tune.units)],
            readout: Readout::Flatten,
        };
        if settings.frozen >= network.convs.len() {
            return Err(TrainError::Data(format!(
                "at most {} convolutions can stay frozen",
                network.convs.len() - 1
            )));
        }
        let dataset = places.dataset()?;
        let inputs = dataset.inputs(PREPROCESSING)?;
        let weights = TrunkWeights::open(init)?;
        let stem_convs = match (settings.tune.steps, settings.frozen) {
            (0, _) | (_, 0) => Vec::new(),
            (_, frozen) => weights.quantize(&stem(&network, frozen), &sample(&inputs))?,
        };
        let imagenet = match (settings.tune.steps, settings.frozen) {
            (1.., 0) => grey_trunk(weights.tensors())?,
            _ => weights.tensors().clone(),
        };
        let spaces = inputs
            .par_iter()
            .map(|grey| Intracranial::find(grey, network.input_side))
            .collect();
        Ok(Self {
            settings,
            run,
            places,
            labels: dataset.labels(),
            network,
            imagenet,
            stem_convs,
            dataset,
            inputs,
            spaces,
        })
    }

    /// Trains on every split of a protocol, and writes a log for each and one table of margins, of
    /// the int8 networks.
    ///
    /// # Errors
    /// [`TrainError`] from any step; run again to go on from the last checkpoint.
    pub fn run(&self, protocol: Protocol) -> Result<()> {
        let copies = self.copies(protocol);
        let examples = &self.dataset.examples;
        let splits = Split::all(protocol, examples, copies.count(), self.settings.tune.seed);
        let start = self.start(copies)?;
        let report = &self.places.report;
        record(self.run, protocol, &splits, examples, report, |split| {
            let mut fitted = self.fit(split, copies, &start)?;
            let inputs = self.altered(&split.test, copies);
            let margins = agreement::both_margins(&fitted.model, &inputs)?;
            let reference = match protocol {
                Protocol::Patient => agreement::reference_margins(&fitted.reference, &inputs)?,
                _ => Vec::new(),
            };
            self.measure(&mut fitted, split, &margins)?;
            Ok(Trained {
                margins,
                reference,
                settings: self.facts(copies),
                journal: fitted.journal,
            })
        })
    }

    /// Trains on all patients and stores the network.
    ///
    /// # Errors
    /// [`TrainError`] from any step, above all when the patient protocol was not run before.
    pub fn store(&self, storing: &Storing) -> Result<Outcome> {
        held_out_table(self.run, &self.places.report)?;
        let copies = self.copies(Protocol::Patient);
        let start = self.start(copies)?;
        let split = Split::everyone(&self.dataset.examples, copies.count());
        let mut fitted = self.fit(&split, copies, &start)?;
        let how = match self.settings.tune.steps {
            0 => "ImageNet convolutions, FC6 the mean of each map, SVM".to_owned(),
            _ => format!(
                "ImageNet convolutions, the last {} tuned with FC6, SVM",
                self.network.convs.len() - self.settings.frozen
            ),
        };
        let how = format!(
            "{how} fitted on all patients with the settings of the folds, also on haemorrhage \
             drawn into slices without"
        );
        fitted.model.facts.card = storing.card(self.run, &self.dataset, &how);
        let reference = self.places.work.join(REFERENCE_FILE);
        candle_core::safetensors::save(fitted.reference.tensors(), reference)?;
        let whole = agreement::reference_margins(&fitted.reference, &self.inputs)?;
        let whole: Vec<f64> = whole.into_iter().map(|(margin, _)| margin).collect();
        storing.finish(fitted.model, self.run, self.places, &self.inputs, &whole)
    }

    fn copies(&self, protocol: Protocol) -> Copies {
        match protocol {
            Protocol::Paper => Copies::Paper,
            _ => Copies::Drawn {
                count: self.settings.variants,
                seed: self.settings.tune.seed,
            },
        }
    }

    fn slices(&self) -> Slices<'_> {
        Slices {
            inputs: &self.inputs,
            side: self.network.input_side,
            spaces: &self.spaces,
            labels: &self.labels,
        }
    }

    /// Grey levels of images.
    fn altered(&self, images: &[Image], copies: Copies) -> Vec<Vec<u8>> {
        images
            .par_iter()
            .map(|image| {
                let alteration = copies.alteration(image.slice, image.variant);
                alteration.apply(&self.inputs[image.slice], self.network.input_side)
            })
            .collect()
    }

    /// Height and width of the last convolution's map.
    fn last_map(&self) -> Result<(usize, usize)> {
        let (last, before) = self.network.convs.split_last().ok_or_else(misfit)?;
        let side = before
            .iter()
            .try_fold(self.network.input_side, |side, conv| conv.output_side(side));
        let side = side.and_then(|side| last.conv_side(side));
        side.map(|side| (side, side)).ok_or_else(misfit)
    }

    /// Maps of all copies behind the frozen convolutions, if any is frozen.
    fn stem(&self, copies: Copies) -> Result<Option<Stem>> {
        if self.stem_convs.is_empty() {
            return Ok(None);
        }
        let key = format!("{:016x}", self.stem_key());
        let stem = Stem::compute(
            (&stem(&self.network, self.settings.frozen), &self.stem_convs),
            &self.slices(),
            (copies, self.settings.synthetic, self.settings.tune.seed),
            self.last_map()?,
            (&self.places.work, &key),
        )?;
        Ok(Some(stem))
    }

    /// Everything that the stem's maps depend on besides what they are maps of.
    fn stem_key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{PREPROCESSING:?}").hash(&mut hasher);
        hash_convs(&self.stem_convs, &mut hasher);
        hasher.finish()
    }

    fn start(&self, copies: Copies) -> Result<Start> {
        Ok(match self.settings.tune.steps {
            0 => Start::Untuned(Box::new(self.rounded(self.untuned()?, copies)?)),
            _ => Start::Tuned(self.stem(copies)?),
        })
    }

    /// Tunes on a split, or goes on.
    fn tuned(&self, split: &Split, copies: Copies, stem: Option<&Stem>) -> Result<Tuned> {
        let mut hasher = DefaultHasher::new();
        (&split.groups, copies, self.stem_key()).hash(&mut hasher);
        format!("{:?}", self.settings).hash(&mut hasher);
        let checkpoint = checkpoint(&self.places.work, self.run, split, hasher.finish());
        let pool = Pool::new(&self.dataset.examples, &split.groups);
        let device = device()?;
        let source: Box<dyn Batches> = match stem {
            Some(stem) => Box::new(stem.batches(pool, &device)),
            None => {
                let border = self.network.convs[0].padding;
                let shape = (border, self.last_map()?);
                Box::new(Live::new(self.slices(), copies, pool, shape, &device))
            }
        };
        tune(
            &self.settings.tune,
            &self.network.convs[self.settings.frozen..],
            &self.imagenet,
            source.as_ref(),
            (&checkpoint, &title(self.run, split)),
        )
    }

    /// FC6 of map means, and planes that are not solved yet.
    fn untuned(&self) -> Result<Tuned> {
        let (channels, side) = self.network.feature_shape().ok_or_else(misfit)?;
        let (units, device) = (self.settings.tune.units, &Device::Cpu);
        let fc6 = mean_units(units, (channels, side * side), |_| 1.0, device)?;
        let zeros = |shape: &[usize]| Tensor::zeros(shape, fc6.dtype(), device);
        let weights = HashMap::from([
            ("fc6.bias".to_owned(), zeros(&[units])?),
            ("svm.weight".to_owned(), zeros(&[1, units])?),
            ("svm.bias".to_owned(), zeros(&[1])?),
            ("fc6.weight".to_owned(), fc6),
        ]);
        Ok(Tuned {
            weights,
            journal: Journal::default(),
        })
    }

    /// Rounds a network, and runs it on everything that planes are solved on.
    fn rounded(&self, tuned: Tuned, copies: Copies) -> Result<Rounded> {
        let tensors = self.assemble(&tuned.weights)?;
        let reference = Reference::new(&self.network, tensors.clone())?;
        let unnamed = ModelCard::default();
        let mut model = quantize(&reference, &sample(&self.inputs), PREPROCESSING, unnamed)?;
        // The stem as it was when its maps were computed, to the bit.
        model.convs[..self.stem_convs.len()].clone_from_slice(&self.stem_convs);
        let synthetic = (self.settings.synthetic, self.settings.tune.seed);
        let folder = &self.places.work;
        Ok(Rounded {
            units: Units::compute(&model, self.slices(), copies, synthetic, folder)?,
            model,
            tensors,
            journal: tuned.journal,
        })
    }

    fn fit(&self, split: &Split, copies: Copies, start: &Start) -> Result<Fitted> {
        let tuned;
        let rounded = match start {
            Start::Untuned(rounded) => rounded,
            Start::Tuned(stem) => {
                tuned = self.rounded(self.tuned(split, copies, stem.as_ref())?, copies)?;
                &tuned
            }
        };
        let (mut model, mut tensors) = (rounded.model.clone(), rounded.tensors.clone());
        let rows = rounded.units.of(split, &self.labels);
        let inverted: Vec<bool> = rows.labels.iter().map(|l| !l).collect();
        let (haemorrhage, normal) = self.costs(&rows, split);
        model.haemorrhage = solve_standardised(&rows.units, &rows.labels, &haemorrhage);
        model.normal = solve_standardised(&rows.units, &inverted, &normal);
        for (name, plane) in [
            ("haemorrhage", &model.haemorrhage),
            ("normal", &model.normal),
        ] {
            let weights = Tensor::new(plane.weights.as_slice(), &Device::Cpu)?.unsqueeze(0)?;
            tensors.insert(format!("{name}.weight"), weights);
            let bias = Tensor::new(&[plane.bias], &Device::Cpu)?;
            tensors.insert(format!("{name}.bias"), bias);
        }
        let margins = rows.units.chunks_exact(self.settings.tune.units);
        let margins = margins.map(|units| f64::from(model.haemorrhage.margin(units)));
        let train = Marked {
            margins: margins.take(rows.real).collect(),
            labels: rows.labels[..rows.real].to_vec(),
        };
        Ok(Fitted {
            reference: Reference::new(&self.network, tensors)?,
            model,
            journal: rounded.journal.clone(),
            train,
        })
    }

    /// What a row costs the plane of haemorrhage, whose classes weigh the same, and that of normal,
    /// whose slices do. All copies of a slice cost as much as one, and what is drawn costs its own
    /// share of the real.
    fn costs(&self, rows: &Rows, split: &Split) -> (Vec<f64>, Vec<f64>) {
        let slices = split.groups.len() as f64;
        let a_copy = self.settings.cost * slices / rows.real as f64;
        let drawn = (rows.labels.len() - rows.real).max(1) as f64;
        let bleeding = rows.labels[..rows.real].iter().filter(|&&l| l).count() as f64;
        let share = self.settings.drawn_weight / drawn;
        let mut haemorrhage = Problem::balanced_costs(&rows.labels[..rows.real], a_copy);
        haemorrhage.resize(rows.labels.len(), self.settings.cost * slices / 2.0 * share);
        let mut normal = vec![a_copy; rows.real];
        normal.resize(rows.labels.len(), a_copy * bleeding * share);
        (haemorrhage, normal)
    }

    /// Puts what the finished network gives into its journal.
    fn measure(&self, fitted: &mut Fitted, split: &Split, margins: &[(f64, f64)]) -> Result<()> {
        let test = Marked {
            margins: margins.iter().map(|(margin, _)| *margin).collect(),
            labels: split.test.iter().map(|i| self.labels[i.slice]).collect(),
        };
        let journal = &mut fitted.journal;
        let passes = journal.images.div_ceil(split.groups.len().max(1)).max(1);
        let measured = Epoch::measure(passes, 0.0, Loss::SquaredHinge, &fitted.train, &test)?;
        journal.epoch = passes;
        journal.epochs = vec![measured];
        Ok(())
    }

    /// The whole network's tensors with the plane as trained.
    fn assemble(&self, tuned: &HashMap<String, Tensor>) -> Result<Tensors> {
        let mut tensors = Tensors::new();
        for conv in &self.network.convs {
            for kind in ["weight", "bias"] {
                let name = format!("{}.{kind}", conv.name);
                let tensor = tuned.get(&name).or(self.imagenet.get(&name));
                let tensor =
                    tensor.ok_or_else(|| TrainError::Data(format!("{name} is missing")))?;
                tensors.insert(name, tensor.to_device(&Device::Cpu)?);
            }
        }
        if tuned.contains_key("conv1.weight") {
            let (weight, bias) =
                reading_unit_grey(&tensors["conv1.weight"], &tensors["conv1.bias"])?;
            tensors.insert("conv1.weight".into(), weight);
            tensors.insert("conv1.bias".into(), bias);
        }
        for kind in ["weight", "bias"] {
            let fc6 = format!("fc6.{kind}");
            tensors.insert(fc6.clone(), tuned[&fc6].to_device(&Device::Cpu)?);
            let plane = tuned[&format!("svm.{kind}")].to_device(&Device::Cpu)?;
            tensors.insert(format!("normal.{kind}"), plane.neg()?);
            tensors.insert(format!("haemorrhage.{kind}"), plane);
        }
        Ok(tensors)
    }

    /// What the log says was set.
    fn facts(&self, copies: Copies) -> serde_json::Value {
        serde_json::json!({
            "trunk": "ImageNet convolutions of the single tower",
            "copies": copies,
            "settings": self.settings,
        })
    }
}

/// The network's first convolutions alone.
fn stem(network: &Network, frozen: usize) -> Network {
    Network {
        convs: network.convs[..frozen].to_vec(),
        ..network.clone()
    }
}

fn misfit() -> TrainError {
    TrainError::Data("the convolutions do not fit".into())
}
