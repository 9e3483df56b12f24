//! The runs that make the paper's AlexNet and AlexNet-SVM.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};
use ndarray::Array2;

use super::probe::{self, Pooled, channel_means};
use super::record::{Trained, record};
use super::store::{Outcome, Storing, held_out, sample};
use super::{Places, checkpoint, title};
use crate::architecture::{IMAGENET_LRN, Network};
use crate::network::Tensors;
use crate::network::input::Normalisation;
use crate::network::reference::Reference;
use crate::network::trunk::Trunk;
use crate::preprocess::Preprocessing;
use crate::svm::LinearSvm;
use crate::train::augment::PAPER_COPIES;
use crate::train::dataset::Dataset;
use crate::train::dense::fit::Fitted;
use crate::train::dense::layer::Layer;
use crate::train::dense::loss::Loss;
use crate::train::features::Features;
use crate::train::predictions::Protocol;
use crate::train::principal::Principal;
use crate::train::protocol::{Image, Split};
use crate::train::quantize::{prune, quantize, refit};
use crate::train::run_log::Run;
use crate::train::transfer::{Head, Maps, Reduced, TransferSettings};
use crate::train::trunk::FrozenTrunk;
use crate::train::{Result, file_error};

/// Units of FC6 and FC7 that a stored AlexNet keeps: 10 MB hold no more of FC6.
pub const STORED_UNITS: [usize; 2] = [768, 512];

/// Data, trunk and maps that every fit shares.
pub struct Session<'a> {
    settings: TransferSettings,
    run: Run,
    places: &'a Places,
    dataset: Dataset,
    inputs: Vec<Vec<u8>>,
    trunk: FrozenTrunk,
    features: Features,
    labels: Vec<bool>,
}

impl<'a> Session<'a> {
    /// Reads the data and the ImageNet convolutions in `init`, and computes the maps of the paper's
    /// copies, or reads them where they were kept.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from data, weights or the engine.
    pub fn open(
        settings: TransferSettings,
        run: Run,
        places: &'a Places,
        init: &Path,
    ) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let dataset = places.dataset()?;
        let inputs = dataset.inputs(Preprocessing::ALEXNET)?;
        let network = Network::alexnet_svm(1, IMAGENET_LRN);
        let trunk = FrozenTrunk::open(init, network, Preprocessing::ALEXNET, &inputs)?;
        let features = trunk.features(&inputs, &places.work)?;
        Ok(Self {
            settings,
            run,
            places,
            labels: dataset.labels(),
            dataset,
            inputs,
            trunk,
            features,
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
            let (reduced, fitted) = self.fit(split)?;
            let head = Head::of(&fitted, &self.settings, &reduced.inputs, split);
            Ok(Trained {
                margins: head.margins(&reduced.inputs, &split.test),
                reference: Vec::new(),
                settings: self.facts(&reduced),
                journal: fitted.journal,
            })
        })
    }

    /// Trains on all patients, keeps the units of each layer in `kept` that matter most, and stores
    /// the network.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from any step, above all when the patient protocol was not run
    /// before.
    pub fn store(&self, kept: &[usize], storing: &Storing) -> Result<Outcome> {
        held_out(self.run, &self.places.report)?;
        let split = &Split::everyone(&self.dataset.examples, PAPER_COPIES);
        let (reduced, fitted) = self.fit(split)?;
        let head = Head::of(&fitted, &self.settings, &reduced.inputs, split);
        let mut reference = self.reference(&reduced.principal, &head)?;
        let sample = sample(&self.inputs);
        for (at, &keep) in kept.iter().enumerate() {
            let name = reference.network().linears[at].name.clone();
            reference = prune(&reference, &name, keep, &sample)?;
        }
        let how = format!(
            "Frozen ImageNet convolutions; fully connected layers fitted on all patients with the \
             settings of the folds ({} passes), pruned from {:?} to {kept:?} units, planes \
             fitted anew to the whole network's margins",
            self.settings.sgd.epochs, self.settings.sgd.hidden
        );
        let card = storing.card(self.run, &self.dataset, &how);
        let mut model = quantize(&reference, &sample, Preprocessing::ALEXNET, card)?;
        let unaltered: Vec<Image> = (0..self.inputs.len())
            .map(|slice| Image { slice, variant: 0 })
            .collect();
        let whole = head.margins(&reduced.inputs, &unaltered);
        refit(&mut model, &self.inputs, &whole)?;
        let whole: Vec<f64> = whole.into_iter().map(|(margin, _)| margin).collect();
        storing.finish(model, self.run, self.places, &self.inputs, &whole)
    }

    /// Measures a linear probe after each convolution on held-out patients.
    ///
    /// # Errors
    /// [`crate::train::TrainError`] from the tensor library and files.
    pub fn probe(&self) -> Result<()> {
        let network = &self.trunk.network;
        let trunk = self.trunk.weights.trunk(network)?;
        let features = channel_means(&self.inputs, |grey| {
            let x = Normalisation::ImageNet.input(grey, network.input_side, &Device::Cpu)?;
            Ok(Trunk::outputs(&trunk.trace(&x)?))
        })?;
        let mut pooled = Pooled::default();
        for split in self.splits(Protocol::Patient) {
            pooled.add(&features, &self.labels, &split);
        }
        let layers: Vec<String> = network.convs.iter().map(|c| c.name.clone()).collect();
        let mse = pooled.means();
        probe::write(&self.places.report, self.run.network, &layers, &mse)
    }

    fn splits(&self, protocol: Protocol) -> Vec<Split> {
        let variants = self.features.variants();
        let seed = self.settings.sgd.seed;
        Split::all(protocol, &self.dataset.examples, variants, seed)
    }

    /// Trains on one split, or goes on.
    fn fit(&self, split: &Split) -> Result<(Reduced, Fitted)> {
        let maps = Maps {
            features: &self.features,
            scale: self.trunk.convs.last().map_or(&[], |c| &c.output_scale),
            labels: &self.labels,
        };
        let reduced = Reduced::of(&maps, split, &self.settings);
        let name = title(self.run, split);
        let checkpoint = self.checkpoint(split);
        let fitted = self
            .settings
            .sgd
            .fit(&reduced.inputs, split, &checkpoint, &name)?;
        Ok((reduced, fitted))
    }

    fn checkpoint(&self, split: &Split) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        self.trunk.key().hash(&mut hasher);
        (&split.groups, self.settings.directions).hash(&mut hasher);
        checkpoint(&self.places.work, self.run, split, hasher.finish())
    }

    /// The whole network in f32: the trunk's own weights, and a first layer that reads maps.
    fn reference(&self, principal: &Principal, head: &Head) -> Result<Reference> {
        let mut network = self.trunk.network.clone();
        network.linears = Network::alexnet(1, 1, IMAGENET_LRN).linears;
        network.linears.truncate(head.hidden.len());
        let mut tensors = self.trunk.weights.tensors().clone();
        for (i, (linear, layer)) in network.linears.iter_mut().zip(&head.hidden).enumerate() {
            linear.units = layer.bias.len();
            if i == 0 {
                let (weight, bias) = principal.unfold(layer.weight.view(), &layer.bias);
                insert(&mut tensors, &linear.name, &Layer { weight, bias })?;
            } else {
                insert(&mut tensors, &linear.name, layer)?;
            }
        }
        for (name, plane) in [("haemorrhage", &head.haemorrhage), ("normal", &head.normal)] {
            insert(&mut tensors, name, &row(plane))?;
        }
        Ok(Reference::new(&network, tensors)?)
    }

    /// What the log says was set.
    fn facts(&self, reduced: &Reduced) -> serde_json::Value {
        let sgd = &self.settings.sgd;
        let mut facts = serde_json::json!({
            "trunk": "ImageNet convolutions, frozen, int8",
            "copies": "image, mirror image, turned by 70, 160 and 270 degrees",
            "inputs": "pooled maps, centred, along principal directions of training maps, \
                       mean square 1",
            "directions": reduced.principal.axes.nrows(),
            "energyHeld": reduced.principal.energy,
            "optimiser": "SGD",
            "dropoutMask": "one a step",
            "classWeights": "none",
            "chosenOnFold0": ["deviation"],
            "sgd": sgd,
        });
        if sgd.loss == Loss::SquaredHinge {
            facts["chosenOnFold0"] = serde_json::json!(["deviation", "hingeCost"]);
            facts["hingeCost"] = sgd.loss.cost().into();
            facts["svmCost"] = self.settings.svm_cost.into();
        }
        facts
    }
}

/// A plane as a layer of one output.
fn row(plane: &LinearSvm) -> Layer {
    Layer {
        weight: Array2::from_shape_fn((1, plane.weights.len()), |(_, i)| plane.weights[i]),
        bias: vec![plane.bias].into(),
    }
}

/// Adds a layer's weight and bias under its name.
fn insert(tensors: &mut Tensors, name: &str, layer: &Layer) -> candle_core::Result<()> {
    let weight: Vec<f32> = layer.weight.iter().copied().collect();
    let weight = Tensor::from_vec(weight, layer.weight.dim(), &Device::Cpu)?;
    let bias = Tensor::from_vec(layer.bias.to_vec(), layer.bias.len(), &Device::Cpu)?;
    tensors.insert(format!("{name}.weight"), weight);
    tensors.insert(format!("{name}.bias"), bias);
    Ok(())
}
