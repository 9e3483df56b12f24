//! The whole run that makes the shipped AlexNet-SVM: ImageNet's single tower whose later layers are
//! tuned on CT (see [`super::tune`]), int8 throughout, planes solved on the int8 units.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::alexnet_svm::{
    Outcome, Places, REFERENCE_FILE, calibrate, keep_model, measure_external, patient_figures,
};
use super::dataset::{Dataset, spread};
use super::plane::solve_standardised;
use super::predictions::{self, Prediction};
use super::quantize::{TrunkWeights, quantize};
use super::synthesis::Intracranial;
use super::tune::batches::Pool;
use super::tune::stem::{Copies, Slices, Stem};
use super::tune::{TuneSettings, tune};
use super::{Result, TrainError, agreement, device, file_error, folds};
use crate::architecture::{Linear, Network, single_tower_trunk};
use crate::model::{Figure, ModelCard, QuantConv, StoredModel};
use crate::network::Tensors;
use crate::network::reference::Reference;
use crate::preprocess::Preprocessing;
use crate::svm::Problem;

/// Slices whose f32 activations set the int8 scales.
const CALIBRATION_SLICES: usize = 160;

/// Everything that decides what a run gives.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the later layers are trained.
    pub tune: TuneSettings,
    /// Convolutions that stay as ImageNet left them.
    pub frozen: usize,
    /// Altered copies and synthetic slices.
    pub copies: Copies,
    /// Cost of the SVM for standardised units of mean square norm one.
    pub cost: f64,
    /// What the network sees.
    pub preprocessing: Preprocessing,
    /// Folds over patients.
    pub folds: usize,
    /// Version of the weights.
    pub version: String,
    /// What the data set is called and who made it, for the model's card.
    pub data_name: String,
    /// Licence of the weights and of what they come from, for the model's card.
    pub licence: String,
}

/// Data, stem and its maps, which every fold shares.
struct Run<'a> {
    settings: &'a Settings,
    places: &'a Places,
    network: Network,
    imagenet: Tensors,
    stem_convs: Vec<QuantConv>,
    dataset: Dataset,
    inputs: Vec<Vec<u8>>,
    labels: Vec<bool>,
    stem: Stem,
}

/// A network trained on some of the slices.
struct Fitted {
    model: StoredModel,
    /// The same weights in f32 with the same planes.
    tensors: Tensors,
}

/// Trains on the folds alone and gives the patient protocol's figures: for choosing settings.
///
/// # Errors
/// As [`train`].
pub fn cross_validate(settings: &Settings, places: &Places) -> Result<BTreeMap<String, Figure>> {
    let held_out = Run::prepare(settings, places)?.held_out_predictions()?;
    patient_figures(&held_out, &calibrate(&held_out))
}

/// Trains, calibrates on held-out patients, stores, and measures.
///
/// # Errors
/// [`TrainError`] from any step; run again to go on from the last checkpoint.
pub fn train(settings: &Settings, places: &Places) -> Result<Outcome> {
    let run = Run::prepare(settings, places)?;
    let held_out = run.held_out_predictions()?;
    let calibration = calibrate(&held_out);
    let mut figures = patient_figures(&held_out, &calibration)?;
    run.keep(&held_out, "alexnet-svm-best-patient.csv")?;

    let everyone: Vec<usize> = (0..run.labels.len()).collect();
    let Fitted { mut model, tensors } = run.fit(&everyone, "all patients")?;
    model.facts.calibration = calibration;
    candle_core::safetensors::save(&tensors, places.work.join(REFERENCE_FILE))?;
    if let Some(folder) = &places.external {
        let external = measure_external(&model, folder, &mut figures)?;
        run.keep(&external, "alexnet-svm-best-external.csv")?;
    }
    keep_model(model, figures, &places.out)
}

impl<'a> Run<'a> {
    fn prepare(settings: &'a Settings, places: &'a Places) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let network = Network {
            input_side: settings.preprocessing.side,
            convs: single_tower_trunk(),
            linears: vec![Linear::new("fc6", settings.tune.units)],
        };
        if !(1..network.convs.len()).contains(&settings.frozen) {
            return Err(TrainError::Data(format!(
                "1 to {} convolutions can stay frozen",
                network.convs.len() - 1
            )));
        }
        let dataset = Dataset::open(&places.data)?;
        let inputs = dataset.inputs(settings.preprocessing)?;
        let labels = dataset.labels();
        let imagenet = TrunkWeights::open(&places.init)?;
        let stem_network = Network {
            convs: network.convs[..settings.frozen].to_vec(),
            ..network.clone()
        };
        let stem_convs = imagenet.quantize(&stem_network, &spread(&inputs, CALIBRATION_SLICES))?;
        let spaces: Vec<Option<Intracranial>> = inputs
            .par_iter()
            .map(|grey| Intracranial::find(grey, network.input_side))
            .collect();
        let slices = Slices {
            inputs: &inputs,
            spaces: &spaces,
            labels: &labels,
        };
        let last = network
            .convs
            .iter()
            .try_fold(network.input_side, |side, conv| {
                if conv.name == "conv5" {
                    conv.conv_side(side)
                } else {
                    conv.output_side(side)
                }
            });
        let last = last.ok_or_else(|| TrainError::Data("the convolutions do not fit".into()))?;
        let key = stem_key(settings, &stem_convs);
        let stem = Stem::compute(
            &stem_network,
            &stem_convs,
            &slices,
            settings.copies,
            (last, last),
            (&places.work, &format!("{key:016x}")),
        )?;
        Ok(Self {
            settings,
            places,
            imagenet: imagenet.tensors().clone(),
            network,
            stem_convs,
            dataset,
            inputs,
            labels,
            stem,
        })
    }

    /// Margins of every slice by a network that never saw its patient.
    fn held_out_predictions(&self) -> Result<Vec<Prediction>> {
        let fold_of = folds::assign(&self.dataset.examples, self.settings.folds);
        let mut predictions: Vec<Option<Prediction>> = vec![None; fold_of.len()];
        for fold in 0..self.settings.folds {
            let (held, members): (Vec<usize>, Vec<usize>) =
                (0..fold_of.len()).partition(|&i| fold_of[i] == fold);
            let name = format!("fold {} of {}", fold + 1, self.settings.folds);
            let Fitted { model, .. } = self.fit(&members, &name)?;
            let inputs: Vec<Vec<u8>> = held.iter().map(|&i| self.inputs[i].clone()).collect();
            let margins = agreement::of_engine_features(&model, &inputs, |units| {
                (model.haemorrhage.margin(units), model.normal.margin(units))
            })?;
            for (&i, (margin, normal_margin)) in held.iter().zip(margins) {
                let example = &self.dataset.examples[i];
                predictions[i] = Some(Prediction {
                    file: example.file.clone(),
                    variant: 0,
                    patient: example.patient.clone(),
                    fold: Some(fold),
                    haemorrhage: example.haemorrhage.into(),
                    margin: margin.into(),
                    normal_margin: normal_margin.into(),
                });
            }
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    fn fit(&self, members: &[usize], name: &str) -> Result<Fitted> {
        let mut hasher = DefaultHasher::new();
        (members, stem_key(self.settings, &self.stem_convs)).hash(&mut hasher);
        format!("{:?}", self.settings.tune).hash(&mut hasher);
        let checkpoint = format!("tune-{:016x}.safetensors", hasher.finish());
        let pool = Pool::new(&self.dataset.examples, members);
        let device = device()?;
        let tuned = tune(
            &self.settings.tune,
            &self.network.convs[self.settings.frozen..],
            &self.imagenet,
            &self.stem.batches(pool, &device),
            (&self.places.work.join(checkpoint), name),
        )?;
        let mut tensors = self.assemble(&tuned)?;
        let device = Device::Cpu;
        let reference = Reference::new(&self.network, tensors.clone())?;
        let mut model = quantize(
            &reference,
            &spread(&self.inputs, CALIBRATION_SLICES),
            self.settings.preprocessing,
            self.card(),
        )?;
        // The stem as it was when its maps were computed, to the bit.
        model.convs[..self.settings.frozen].clone_from_slice(&self.stem_convs);

        let inputs: Vec<Vec<u8>> = members.iter().map(|&i| self.inputs[i].clone()).collect();
        let units = agreement::of_engine_features(&model, &inputs, <[f32]>::to_vec)?.concat();
        let labels: Vec<bool> = members.iter().map(|&i| self.labels[i]).collect();
        let inverted: Vec<bool> = labels.iter().map(|l| !l).collect();
        let balanced = Problem::balanced_costs(&labels, self.settings.cost);
        model.haemorrhage = solve_standardised(&units, &labels, &balanced);
        let equal = vec![self.settings.cost; labels.len()];
        model.normal = solve_standardised(&units, &inverted, &equal);
        for (name, plane) in [
            ("haemorrhage", &model.haemorrhage),
            ("normal", &model.normal),
        ] {
            let weights = Tensor::new(plane.weights.as_slice(), &device)?.unsqueeze(0)?;
            tensors.insert(format!("{name}.weight"), weights);
            let bias = Tensor::new(&[plane.bias], &device)?;
            tensors.insert(format!("{name}.bias"), bias);
        }
        Ok(Fitted { model, tensors })
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
        for kind in ["weight", "bias"] {
            let fc6 = format!("fc6.{kind}");
            tensors.insert(fc6.clone(), tuned[&fc6].to_device(&Device::Cpu)?);
            let plane = tuned[&format!("svm.{kind}")].to_device(&Device::Cpu)?;
            tensors.insert(format!("normal.{kind}"), plane.neg()?);
            tensors.insert(format!("haemorrhage.{kind}"), plane);
        }
        Ok(tensors)
    }

    fn card(&self) -> ModelCard {
        ModelCard {
            name: "alexnet-svm".into(),
            version: self.settings.version.clone(),
            licence: self.settings.licence.clone(),
            data: format!(
                "{}; synthetic haemorrhage drawn into slices without",
                self.dataset.described(&self.settings.data_name)
            ),
            protocol: format!(
                "ImageNet convolutions, the last {} tuned with FC6 and SVM on all patients with \
                 the settings of the folds; calibration, threshold and figures from {} folds over \
                 patients, never slices",
                self.network.convs.len() - self.settings.frozen,
                self.settings.folds
            ),
            figures: BTreeMap::new(),
        }
    }

    fn keep(&self, table: &[Prediction], name: &str) -> Result<()> {
        match &self.places.predictions {
            Some(folder) => predictions::write(&folder.join(name), table),
            None => Ok(()),
        }
    }
}

/// Everything that the stem's maps depend on.
fn stem_key(settings: &Settings, convs: &[QuantConv]) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?} {:?}", settings.preprocessing, settings.copies).hash(&mut hasher);
    for conv in convs {
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
