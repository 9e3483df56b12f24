//! The runs that make our AlexNet-SVM: ImageNet's single tower whose later layers are tuned on CT
//! (see [`crate::train::tune`]), int8 throughout, planes solved on the int8 units.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::Serialize;

use super::record::{Trained, record};
use super::store::{Outcome, Storing, held_out_table, sample};
use super::{Places, checkpoint, title};
use crate::architecture::{Linear, Network, single_tower_trunk};
use crate::model::{ModelCard, QuantConv, StoredModel};
use crate::network::Tensors;
use crate::network::reference::Reference;
use crate::preprocess::Preprocessing;
use crate::svm::Problem;
use crate::train::augment::Copies;
use crate::train::dataset::Dataset;
use crate::train::dense::loss::Loss;
use crate::train::plane::solve_standardised;
use crate::train::predictions::Protocol;
use crate::train::protocol::{Image, Split};
use crate::train::quantize::{TrunkWeights, quantize};
use crate::train::run_log::{Epoch, Journal, Marked, Run};
use crate::train::synthesis::Intracranial;
use crate::train::tune::batches::{Batches, Pool};
use crate::train::tune::live::Live;
use crate::train::tune::network::{grey_trunk, reading_unit_grey};
use crate::train::tune::stem::Stem;
use crate::train::tune::{Slices, TuneSettings, tune};
use crate::train::{Result, TrainError, agreement, device, file_error};

const PREPROCESSING: Preprocessing = Preprocessing::ALEXNET;

/// The f32 network of a stored model, in the run's work folder.
pub const REFERENCE_FILE: &str = "reference.safetensors";

/// Everything that decides what a run gives.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Convolutions that stay as ImageNet left them.
    pub frozen: usize,
    /// Copies of each slice, itself and its mirror image included; the paper's protocol has the
    /// paper's five instead.
    pub variants: usize,
    /// Slices with drawn haemorrhage behind frozen convolutions; where none is frozen, they are
    /// drawn anew for each step.
    pub synthetic: usize,
    /// Cost of the SVM for standardised units of mean square norm one.
    pub cost: f64,
    /// How the other layers are trained.
    #[serde(flatten)]
    pub tune: TuneSettings,
}

impl Settings {
    /// The best that the patient folds have shown (see `models/EXPERIMENTS.md`).
    pub const BEST: Self = Self {
        frozen: 2,
        variants: 6,
        synthetic: 5_000,
        cost: 0.03,
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
        };
        if settings.frozen >= network.convs.len() {
            return Err(TrainError::Data(format!(
                "at most {} convolutions can stay frozen",
                network.convs.len() - 1
            )));
        }
        let dataset = Dataset::open(&places.data)?;
        let inputs = dataset.inputs(PREPROCESSING)?;
        let weights = TrunkWeights::open(init)?;
        let stem_convs = match settings.frozen {
            0 => Vec::new(),
            frozen => weights.quantize(&stem(&network, frozen), &sample(&inputs))?,
        };
        let imagenet = match settings.frozen {
            0 => grey_trunk(weights.tensors())?,
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
        let stem = self.stem(copies)?;
        let report = &self.places.report;
        record(self.run, protocol, &splits, examples, report, |split| {
            let mut fitted = self.fit(split, copies, stem.as_ref())?;
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
        let stem = self.stem(copies)?;
        let split = Split::everyone(&self.dataset.examples, copies.count());
        let mut fitted = self.fit(&split, copies, stem.as_ref())?;
        let how = format!(
            "ImageNet convolutions, the last {} tuned with FC6 and SVM on all patients with the \
             settings of the folds, also on haemorrhage drawn into slices without",
            self.network.convs.len() - self.settings.frozen
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
        if self.settings.frozen == 0 {
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
        for conv in &self.stem_convs {
            conv.layer.weight.hash(&mut hasher);
            for floats in [
                &conv.layer.weight_scale,
                &conv.layer.bias,
                &conv.output_scale,
            ] {
                floats.iter().for_each(|f| f.to_bits().hash(&mut hasher));
            }
        }
        hasher.finish()
    }

    fn fit(&self, split: &Split, copies: Copies, stem: Option<&Stem>) -> Result<Fitted> {
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
        let tuned = tune(
            &self.settings.tune,
            &self.network.convs[self.settings.frozen..],
            &self.imagenet,
            source.as_ref(),
            (&checkpoint, &title(self.run, split)),
        )?;
        let mut tensors = self.assemble(&tuned.weights)?;
        let reference = Reference::new(&self.network, tensors.clone())?;
        let unnamed = ModelCard::default();
        let mut model = quantize(&reference, &sample(&self.inputs), PREPROCESSING, unnamed)?;
        // The stem as it was when its maps were computed, to the bit.
        model.convs[..self.stem_convs.len()].clone_from_slice(&self.stem_convs);

        let members = split.measured();
        let inputs = self.altered(&members, copies);
        let units = agreement::of_engine_features(&model, &inputs, <[f32]>::to_vec)?.concat();
        let labels: Vec<bool> = members.iter().map(|m| self.labels[m.slice]).collect();
        let inverted: Vec<bool> = labels.iter().map(|l| !l).collect();
        let balanced = Problem::balanced_costs(&labels, self.settings.cost);
        model.haemorrhage = solve_standardised(&units, &labels, &balanced);
        let equal = vec![self.settings.cost; labels.len()];
        model.normal = solve_standardised(&units, &inverted, &equal);
        for (name, plane) in [
            ("haemorrhage", &model.haemorrhage),
            ("normal", &model.normal),
        ] {
            let weights = Tensor::new(plane.weights.as_slice(), &Device::Cpu)?.unsqueeze(0)?;
            tensors.insert(format!("{name}.weight"), weights);
            let bias = Tensor::new(&[plane.bias], &Device::Cpu)?;
            tensors.insert(format!("{name}.bias"), bias);
        }
        let train = Marked {
            margins: units
                .chunks_exact(self.settings.tune.units)
                .map(|units| model.haemorrhage.margin(units).into())
                .collect(),
            labels,
        };
        Ok(Fitted {
            reference: Reference::new(&self.network, tensors)?,
            model,
            journal: tuned.journal,
            train,
        })
    }

    /// Puts what the finished network gives into its journal.
    fn measure(&self, fitted: &mut Fitted, split: &Split, margins: &[(f64, f64)]) -> Result<()> {
        let test = Marked {
            margins: margins.iter().map(|(margin, _)| *margin).collect(),
            labels: split.test.iter().map(|i| self.labels[i.slice]).collect(),
        };
        let journal = &mut fitted.journal;
        let passes = journal.images.div_ceil(split.groups.len().max(1));
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
        if self.settings.frozen == 0 {
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
            "trunk": "ImageNet convolutions of the single tower, the later ones tuned",
            "copies": copies,
            "optimiser": "AdamW, averaged weights",
            "tune": self.settings,
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
