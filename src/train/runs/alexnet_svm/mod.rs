//! The runs that make our AlexNet-SVM: the single tower fine-tuned with FC6 at every place
//! ([`crate::train::finetune`]), rounded to eight bits, and SVMs solved exactly on the int8 features.

mod hits;
mod init;
mod kinds;
mod rows;
mod synthetic;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use candle_core::{Device, Tensor};
use rayon::prelude::*;
use serde::Serialize;

use self::rows::Rows;
use self::synthetic::SyntheticSlice;
use super::record::{Trained, record};
use super::store::{Outcome, Storing, held_out, sample};
use super::{Places, checkpoint, table_name, title};
use crate::architecture::Network;
use crate::model::{ModelCard, StoredModel};
use crate::network::Tensors;
use crate::network::reference::Reference;
use crate::preprocess::{Crop, Preprocessing};
use crate::svm::{LinearSvm, solve_standardised};
use crate::train::augment::{PAPER_COPIES, paper_copy};
use crate::train::dataset::{Dataset, Input};
use crate::train::dense::loss::Loss;
use crate::train::finetune::sampler::Origin;
use crate::train::finetune::{self, Slice, Training, Weights};
use crate::train::predictions::Protocol;
use crate::train::protocol::{Image, Split};
use crate::train::quantize::{TrunkWeights, quantize};
use crate::train::run_log::{Epoch, Journal, Marked, Run};
use crate::train::{Result, TrainError, agreement, file_error};

const PREPROCESSING: Preprocessing = Preprocessing::ALEXNET;

/// The f32 network of a stored model, in the run's work folder.
pub const REFERENCE_FILE: &str = "reference.safetensors";

/// Everything that decides what a run gives.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// How convolutions and FC6 are tuned.
    #[serde(flatten)]
    pub finetune: finetune::Settings,
    /// Views of each slice that the SVMs are solved on: itself, its mirror image, random ones.
    pub views: usize,
    /// Cost of the SVM, of a slice with all its views, for standardised features of mean square norm
    /// one.
    pub cost: f64,
    /// Slices with synthetic haemorrhage.
    pub synthetic: usize,
    /// How often they are learned from, as against slices of a source.
    pub synthetic_weight: f64,
}

impl Settings {
    /// The best that patient folds and left-out sources have shown (see `models/EXPERIMENTS.md`).
    pub const BEST: Self = Self {
        finetune: finetune::Settings::BEST,
        views: 2,
        cost: 0.003,
        synthetic: 0,
        synthetic_weight: 0.2,
    };
}

/// Data and weights that every fit shares.
pub struct Session<'a> {
    settings: Settings,
    run: Run,
    places: &'a Places,
    network: Network,
    imagenet: Tensors,
    init: Weights,
    dataset: Dataset,
    inputs: Vec<Vec<u8>>,
    /// Where each input was cut from.
    framings: Vec<Framing>,
    /// Boxes around blood: left, top, right, bottom in fractions of the input.
    boxes: Vec<Vec<[f32; 4]>>,
    source_of: Vec<usize>,
}

/// Where an input was cut from.
struct Framing {
    crop: Crop,
    /// Width and height of the slice.
    image: [usize; 2],
}

impl Framing {
    fn of(input: &Input) -> Self {
        Self {
            crop: input.crop,
            image: input.image,
        }
    }
}

/// A network trained on some of the slices.
struct Fitted {
    model: StoredModel,
    /// The same weights in f32 with the same SVMs.
    reference: Reference,
    journal: Journal,
    /// Margins of the slices that it was trained on.
    train: Marked,
}

impl<'a> Session<'a> {
    /// Reads the data and the ImageNet convolutions in `init`.
    ///
    /// # Errors
    /// [`TrainError`] from data or weights.
    pub fn open(settings: Settings, run: Run, places: &'a Places, init: &Path) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let tuned = settings.finetune;
        let dataset = places.dataset()?;
        let inputs = dataset.inputs_with_crops(PREPROCESSING)?;
        let boxes = dataset.boxes_in(&inputs);
        let corners = |boxes: Vec<_>| boxes.iter().map(init::corners).collect();
        let weights = TrunkWeights::open(init)?;
        Ok(Self {
            settings,
            run,
            places,
            network: Network::alexnet_svm_places(tuned.units, tuned.top),
            init: init::from_imagenet(weights.tensors())?,
            imagenet: weights.tensors().clone(),
            source_of: dataset.source_of(),
            dataset,
            boxes: boxes.into_iter().map(corners).collect(),
            framings: inputs.iter().map(Framing::of).collect(),
            inputs: inputs.into_iter().map(|input| input.grey).collect(),
        })
    }

    /// Trains on every split of a protocol, and writes a log for each and one table of margins, of
    /// the int8 networks.
    ///
    /// # Errors
    /// [`TrainError`] from any step; run again to go on from the last checkpoint.
    pub fn run(&self, protocol: Protocol) -> Result<()> {
        let copies = match protocol {
            Protocol::Paper => PAPER_COPIES,
            _ => 1,
        };
        let examples = &self.dataset.examples;
        let mut splits = Split::all(protocol, examples, copies, self.settings.finetune.seed);
        // A family whose figures say nothing of skill is not worth a training.
        splits.retain(|split| {
            let is_left_out = |family: &String| {
                let mut sources = self.dataset.sources.iter();
                sources.any(|s| s.figures && s.family == *family)
            };
            split.left_out.as_ref().is_none_or(is_left_out)
        });
        let report = &self.places.report;
        let (mut hits, mut kinds) = (Vec::new(), Vec::new());
        record(self.run, protocol, &splits, examples, report, |split| {
            let mut fitted = self.fit(split)?;
            let inputs = self.altered(&split.test);
            let margins = agreement::both_margins(&fitted.model, &inputs)?;
            let reference = match protocol {
                Protocol::Patient => agreement::reference_margins(&fitted.reference, &inputs)?,
                _ => Vec::new(),
            };
            if protocol != Protocol::Paper {
                hits.extend(self.hits(&fitted.model, split)?);
                kinds.extend(self.kind_margins(&fitted.model, split)?);
            }
            self.measure(&mut fitted, split, &margins)?;
            Ok(Trained {
                margins,
                reference,
                settings: serde_json::json!(self.settings),
                journal: fitted.journal,
            })
        })?;
        self.write_kinds(protocol, &kinds)?;
        self.write_hits(protocol, hits)
    }

    /// Trains on all patients and stores the network.
    ///
    /// # Errors
    /// [`TrainError`] from any step, above all when the patient protocol was not run before.
    pub fn store(&self, storing: &Storing) -> Result<Outcome> {
        held_out(self.run, &self.places.report)?;
        let split = Split::everyone(&self.dataset.examples, 1);
        let mut fitted = self.fit(&split)?;
        let how = "ImageNet convolutions, conv2 to conv5 and FC6 tuned, SVM, fitted on all patients \
                   with the settings of the folds";
        fitted.model.facts.card = storing.card(self.run, &self.dataset, how);
        let reference = self.places.work.join(REFERENCE_FILE);
        candle_core::safetensors::save(fitted.reference.tensors(), reference)?;
        let whole = agreement::reference_margins(&fitted.reference, &self.inputs)?;
        let whole: Vec<f64> = whole.into_iter().map(|(margin, _)| margin).collect();
        storing.finish(fitted.model, self.run, self.places, &self.inputs, &whole)
    }

    /// Grey levels of images.
    fn altered(&self, images: &[Image]) -> Vec<Vec<u8>> {
        images
            .par_iter()
            .map(|image| {
                let alteration = paper_copy(image.variant);
                alteration.apply(&self.inputs[image.slice], self.network.input_side)
            })
            .collect()
    }

    fn fit(&self, split: &Split) -> Result<Fitted> {
        let images = split.training_images();
        let greys = self.altered(&images);
        let synthetic = self.synthetic(&images);
        let mut slices: Vec<Slice> = images
            .iter()
            .zip(&greys)
            .map(|(image, grey)| Slice {
                grey,
                // A copy that is turned or mirrored has its blood elsewhere.
                boxes: match image.variant {
                    0 => &self.boxes[image.slice],
                    _ => &[],
                },
                origin: self.origin(image.slice),
            })
            .collect();
        slices.extend(
            synthetic
                .iter()
                .map(|SyntheticSlice { grey, boxes }| Slice {
                    grey,
                    boxes,
                    origin: Origin {
                        source: self.dataset.sources.len(),
                        weight: self.settings.synthetic_weight,
                        haemorrhage: true,
                    },
                }),
        );
        let mut training = Training::new(self.settings.finetune, &self.init)?;
        let passed = training.run(&slices, &self.checkpoint(split), &title(self.run, split))?;
        let journal = Journal {
            steps: passed.steps,
            images: passed.images,
            seconds: passed.seconds,
            ..Journal::default()
        };
        let mut tensors = self.tensors(&training.averaged())?;
        let reference = Reference::new(&self.network, tensors.clone())?;
        let unnamed = ModelCard::default();
        let mut model = quantize(&reference, &sample(&greys), PREPROCESSING, unnamed)?;
        let rows = Rows::compute(&model, &slices, &self.settings)?;
        let inverted: Vec<bool> = rows.labels.iter().map(|l| !l).collect();
        model.haemorrhage = solve_standardised(&rows.features, &rows.labels, &rows.balanced);
        model.normal = solve_standardised(&rows.features, &inverted, &rows.natural);
        // What synthetic slices show is not told.
        let known = images.iter().map(|i| self.dataset.examples[i.slice].kinds);
        let shown: Vec<kinds::Shown> = known.chain(synthetic.iter().map(|_| None)).collect();
        self.teach_kinds(&mut model, &rows, &shown);
        for (name, svm) in [
            ("haemorrhage", &model.haemorrhage),
            ("normal", &model.normal),
        ] {
            insert(&mut tensors, name, svm)?;
        }
        let margins = rows.plain().map(|x| f64::from(model.haemorrhage.margin(x)));
        let real = images.iter().map(|i| self.origin(i.slice).haemorrhage);
        let train = Marked {
            margins: margins.take(images.len()).collect(),
            labels: real.collect(),
        };
        Ok(Fitted {
            reference: Reference::new(&self.network, tensors)?,
            model,
            journal,
            train,
        })
    }

    fn origin(&self, slice: usize) -> Origin {
        let source = self.source_of[slice];
        Origin {
            source,
            weight: self.dataset.sources[source].weight,
            haemorrhage: self.dataset.examples[slice].haemorrhage,
        }
    }

    /// Where a split's training goes on, named after all that it depends on.
    fn checkpoint(&self, split: &Split) -> std::path::PathBuf {
        let mut hasher = DefaultHasher::new();
        split.groups.hash(&mut hasher);
        self.inputs.hash(&mut hasher);
        let Settings {
            finetune,
            synthetic,
            synthetic_weight,
            ..
        } = self.settings;
        let weights: Vec<f64> = self.dataset.sources.iter().map(|s| s.weight).collect();
        format!(
            "{finetune:?} {synthetic} {synthetic_weight} {weights:?} {:?}",
            self.boxes
        )
        .hash(&mut hasher);
        checkpoint(&self.places.work, self.run, split, hasher.finish())
    }

    /// The whole network's tensors, with the decision as it was trained.
    fn tensors(&self, tuned: &Weights) -> Result<Tensors> {
        let mut tensors = Tensors::new();
        for name in ["conv1.weight", "conv1.bias"] {
            let kept = self.imagenet.get(name);
            let kept = kept.ok_or_else(|| TrainError::Data(format!("{name} is missing")))?;
            tensors.insert(name.into(), kept.clone());
        }
        let (mut channels, device) = (self.network.convs[0].filters, &Device::Cpu);
        for conv in &self.network.convs[1..] {
            let shape = (conv.filters, channels, conv.kernel, conv.kernel);
            let weight =
                Tensor::from_slice(&tuned[&format!("{}.weight", conv.name)], shape, device)?;
            tensors.insert(format!("{}.weight", conv.name), weight);
            let bias = tuned[&format!("{}.bias", conv.name)].as_slice();
            tensors.insert(format!("{}.bias", conv.name), Tensor::new(bias, device)?);
            channels = conv.filters;
        }
        let units = self.settings.finetune.units;
        let fc6 = Tensor::from_slice(&tuned["fc6.weight"], (units, channels), device)?;
        tensors.insert("fc6.weight".into(), fc6);
        tensors.insert(
            "fc6.bias".into(),
            Tensor::new(tuned["fc6.bias"].as_slice(), device)?,
        );
        let svm = LinearSvm {
            weights: tuned["svm.weight"].clone(),
            bias: tuned["svm.bias"][0],
        };
        insert(&mut tensors, "haemorrhage", &svm)?;
        let normal = LinearSvm {
            weights: svm.weights.iter().map(|w| -w).collect(),
            bias: -svm.bias,
        };
        insert(&mut tensors, "normal", &normal)?;
        Ok(tensors)
    }

    /// Puts what the finished network gives into its journal.
    fn measure(&self, fitted: &mut Fitted, split: &Split, margins: &[(f64, f64)]) -> Result<()> {
        let label = |image: &Image| self.dataset.examples[image.slice].haemorrhage;
        let test = Marked {
            margins: margins.iter().map(|(margin, _)| *margin).collect(),
            labels: split.test.iter().map(label).collect(),
        };
        let journal = &mut fitted.journal;
        let passes = journal.images.div_ceil(split.groups.len().max(1)).max(1);
        let measured = Epoch::measure(passes, 0.0, Loss::SquaredHinge, &fitted.train, &test)?;
        journal.epoch = passes;
        journal.epochs = vec![measured];
        Ok(())
    }
}

/// Sets the tensors of a linear SVM.
fn insert(tensors: &mut Tensors, name: &str, svm: &LinearSvm) -> Result<()> {
    let weight = Tensor::new(svm.weights.as_slice(), &Device::Cpu)?.unsqueeze(0)?;
    let bias = Tensor::new(&[svm.bias], &Device::Cpu)?;
    let pair = HashMap::from([
        (format!("{name}.weight"), weight),
        (format!("{name}.bias"), bias),
    ]);
    tensors.extend(pair);
    Ok(())
}
