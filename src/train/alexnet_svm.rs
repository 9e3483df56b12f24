//! The whole run that makes a stored AlexNet-SVM.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

use super::augment::Copies;
use super::dataset::Dataset;
use super::evaluate::{self, Assessment, Decision, Measure, Reading};
use super::features::Features;
use super::fit::{Examples, Fc6, FitSettings};
use super::head::{Head, HeadSettings, units};
use super::predictions::{self, Prediction};
use super::trunk::FrozenTrunk;
use super::{Result, file_error, folds, write_atomically};
use crate::architecture::{Network, lrn};
use crate::calibration::{Calibration, Platt};
use crate::model::{FORMAT, Facts, Figure, ModelCard, QuantLinear, StoredModel};
use crate::network::Tensors;
use crate::preprocess::Preprocessing;
use crate::svm::LinearSvm;

/// Sensitivity and specificity that answers outside the inconclusive band reach.
const SURE: f64 = 0.95;

/// The finished network in f32, in the run's work folder.
pub const REFERENCE_FILE: &str = "reference.safetensors";

/// Everything that decides what a run gives.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How FC6 is trained.
    pub fit: FitSettings,
    /// How the head is finished.
    pub head: HeadSettings,
    /// LRN strength after conv1 and conv2.
    pub lrn_alpha: [f32; 2],
    /// What the network sees.
    pub preprocessing: Preprocessing,
    /// Altered copies of each slice.
    pub copies: Copies,
    /// Folds over patients.
    pub folds: usize,
    /// Version of the weights.
    pub version: String,
    /// What the data set is called and who made it, for the model's card.
    pub data_name: String,
    /// Licence of the weights and of what they come from, for the model's card.
    pub licence: String,
}

/// Where a run reads and writes.
#[derive(Debug, Clone)]
pub struct Places {
    /// Labelled slices with patients.
    pub data: PathBuf,
    /// ImageNet convolutions.
    pub init: PathBuf,
    /// Checkpoints and cached features.
    pub work: PathBuf,
    /// The stored model.
    pub out: PathBuf,
    /// Folder for the tables of margins, if wanted.
    pub predictions: Option<PathBuf>,
    /// Labelled slices that nothing is trained, tuned or calibrated on.
    pub external: Option<PathBuf>,
}

/// What a run has measured.
pub struct Outcome {
    /// Figures by name, as in the model's card.
    pub figures: BTreeMap<String, Figure>,
    /// Length of the stored model, bytes.
    pub bytes: usize,
}

/// Data and features that every fold shares.
struct Run<'a> {
    settings: &'a Settings,
    places: &'a Places,
    trunk: FrozenTrunk,
    dataset: Dataset,
    labels: Vec<bool>,
    features: Features,
}

/// Trains on the folds alone and gives the patient protocol's figures: for choosing settings.
///
/// # Errors
/// As [`train`].
pub fn cross_validate(settings: &Settings, places: &Places) -> Result<BTreeMap<String, Figure>> {
    let run = Run::prepare(settings, places)?;
    let held_out = run.held_out_predictions()?;
    patient_figures(&held_out, &calibrate(&held_out))
}

/// Trains, calibrates on held-out patients, stores, and measures.
///
/// # Errors
/// [`super::TrainError`] from any step; run again to go on from the last checkpoint.
pub fn train(settings: &Settings, places: &Places) -> Result<Outcome> {
    let run = Run::prepare(settings, places)?;
    let held_out = run.held_out_predictions()?;
    let calibration = calibrate(&held_out);
    let mut figures = patient_figures(&held_out, &calibration)?;

    let everyone: Vec<usize> = (0..run.labels.len()).collect();
    let (fc6, head) = run.fit_head(&everyone, "all patients")?;
    let model = run.store(&head, calibration);
    run.keep_reference(&fc6, &head)?;
    if let Some(folder) = &places.external {
        let external = measure_external(&model, folder, &mut figures)?;
        run.keep(&external, "alexnet-svm-best-external.csv")?;
    }
    run.keep(&held_out, "alexnet-svm-best-patient.csv")?;
    keep_model(model, figures, &places.out)
}

/// Margins of an external data set by a finished model, whose figures join `figures`.
///
/// # Errors
/// [`super::TrainError`] from the data or the engine.
pub fn measure_external(
    model: &StoredModel,
    folder: &Path,
    figures: &mut BTreeMap<String, Figure>,
) -> Result<Vec<Prediction>> {
    let external = predict(model, folder)?;
    let measured = stored_model_figures(&external, &model.facts.calibration, EXTERNAL_PROTOCOL)?;
    let named = measured.into_iter();
    figures.extend(named.map(|(name, figure)| (format!("{name}External"), figure)));
    Ok(external)
}

/// Puts the figures into the model's card and writes the model.
///
/// # Errors
/// [`super::TrainError`] naming the file.
pub fn keep_model(
    mut model: StoredModel,
    figures: BTreeMap<String, Figure>,
    out: &Path,
) -> Result<Outcome> {
    model.facts.card.figures.clone_from(&figures);
    let bytes = model.to_bytes()?;
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    write_atomically(out, &bytes)?;
    Ok(Outcome {
        figures,
        bytes: bytes.len(),
    })
}

impl<'a> Run<'a> {
    fn prepare(settings: &'a Settings, places: &'a Places) -> Result<Self> {
        std::fs::create_dir_all(&places.work).map_err(file_error(&places.work))?;
        let network = Network::alexnet_svm(settings.head.units, settings.lrn_alpha.map(lrn));
        let dataset = Dataset::open(&places.data)?;
        let inputs = dataset.inputs(settings.preprocessing)?;
        let preprocessing = settings.preprocessing;
        let trunk = FrozenTrunk::open(&places.init, network, preprocessing, &inputs)?;
        let features = trunk.features(&inputs, settings.copies, &places.work)?;
        Ok(Self {
            labels: dataset.labels(),
            settings,
            places,
            trunk,
            dataset,
            features,
        })
    }

    /// Margins of every slice by a head that never saw its patient.
    fn held_out_predictions(&self) -> Result<Vec<Prediction>> {
        let fold_of = folds::assign(&self.dataset.examples, self.settings.folds);
        let mut predictions: Vec<Option<Prediction>> = vec![None; fold_of.len()];
        for fold in 0..self.settings.folds {
            let (held, members): (Vec<usize>, Vec<usize>) =
                (0..fold_of.len()).partition(|&i| fold_of[i] == fold);
            let name = format!("fold {} of {}", fold + 1, self.settings.folds);
            let (_, head) = self.fit_head(&members, &name)?;
            let rows: Vec<(usize, usize)> = held.iter().map(|&i| (0, i)).collect();
            let units = units(&head.fc6, &self.features, &rows);
            for (&i, units) in held.iter().zip(units.chunks_exact(head.kept.len())) {
                let example = &self.dataset.examples[i];
                predictions[i] = Some(Prediction {
                    file: example.file.clone(),
                    variant: 0,
                    patient: example.patient.clone(),
                    fold: Some(fold),
                    haemorrhage: example.haemorrhage.into(),
                    margin: head.haemorrhage.margin(units).into(),
                    normal_margin: head.normal.margin(units).into(),
                });
            }
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    fn fit_head(&self, members: &[usize], name: &str) -> Result<(Fc6, Head)> {
        let examples = Examples {
            features: &self.features,
            members,
            labels: &self.labels,
        };
        let mut hasher = DefaultHasher::new();
        (members, self.trunk.key(self.settings.copies)).hash(&mut hasher);
        let checkpoint = format!("fc6-{:016x}.safetensors", hasher.finish());
        let fc6 = self
            .settings
            .fit
            .fit(&examples, &self.places.work.join(checkpoint), name)?;
        let head = self.settings.head.finish(&fc6, &examples)?;
        Ok((fc6, head))
    }

    fn store(&self, head: &Head, calibration: Calibration) -> StoredModel {
        StoredModel {
            facts: Facts {
                format: FORMAT,
                card: ModelCard {
                    name: "alexnet-svm".into(),
                    version: self.settings.version.clone(),
                    licence: self.settings.licence.clone(),
                    data: self.dataset.described(&self.settings.data_name),
                    protocol: format!(
                        "Frozen ImageNet convolutions; FC6 and SVM fitted on all patients with \
                         the settings of the folds; calibration, threshold and figures from {} \
                         folds over patients, never slices",
                        self.settings.folds
                    ),
                    figures: BTreeMap::new(),
                },
                architecture: self.trunk.network.clone(),
                preprocessing: self.settings.preprocessing,
                calibration,
            },
            convs: self.trunk.convs.clone(),
            linears: vec![QuantLinear {
                layer: head.fc6.clone(),
                output_scale: None,
            }],
            haemorrhage: head.haemorrhage.clone(),
            normal: head.normal.clone(),
        }
    }

    /// Stores the same network with the trunk's and FC6's own f32 weights, to hold the engine
    /// against.
    fn keep_reference(&self, fc6: &Fc6, head: &Head) -> Result<()> {
        let last = self.trunk.convs.last().map_or(&[][..], |c| &c.output_scale);
        let row = fc6.weight.len() / fc6.bias.len();
        let places = row / last.len();
        let largest = f32::from(crate::model::ACTIVATION_MAX);
        let weight: Vec<f32> = head
            .kept
            .iter()
            .flat_map(|&u| fc6.weight[u * row..][..row].iter().enumerate())
            .map(|(column, w)| w / (largest * last[column / places]))
            .collect();
        let bias: Vec<f32> = head.kept.iter().map(|&u| fc6.bias[u]).collect();
        let count = head.kept.len();
        let mut tensors: Tensors = self.trunk.weights.tensors().clone();
        let mut insert = |name: &str, values: Vec<f32>, shape: &[usize]| {
            Tensor::from_vec(values, shape, &Device::Cpu)
                .map(|t| tensors.insert(name.to_owned(), t))
        };
        insert("fc6.weight", weight, &[count, row])?;
        insert("fc6.bias", bias, &[count])?;
        for (name, plane) in [("haemorrhage", &head.haemorrhage), ("normal", &head.normal)] {
            let weights = plane.weights.clone();
            insert(&format!("{name}.weight"), weights, &[1, count])?;
            insert(&format!("{name}.bias"), vec![plane.bias], &[1])?;
        }
        let path = self.places.work.join(REFERENCE_FILE);
        Ok(candle_core::safetensors::save(&tensors, path)?)
    }

    fn keep(&self, table: &[Prediction], name: &str) -> Result<()> {
        match &self.places.predictions {
            Some(folder) => predictions::write(&folder.join(name), table),
            None => Ok(()),
        }
    }
}

/// Margins of every slice in a labelled folder by a stored model.
///
/// # Errors
/// [`super::TrainError`] from the data or the engine.
pub fn predict(model: &StoredModel, folder: &Path) -> Result<Vec<Prediction>> {
    let dataset = Dataset::open(folder)?;
    let inputs = dataset.inputs(model.facts.preprocessing)?;
    let margins = super::agreement::of_engine_features(model, &inputs, |units| {
        let margin = |plane: &LinearSvm| f64::from(plane.margin(units));
        (margin(&model.haemorrhage), margin(&model.normal))
    })?;
    let rows = dataset.examples.into_iter().zip(margins);
    Ok(rows
        .map(|(example, (margin, normal_margin))| Prediction {
            haemorrhage: example.haemorrhage.into(),
            file: example.file,
            variant: 0,
            patient: example.patient,
            fold: None,
            margin,
            normal_margin,
        })
        .collect())
}

/// Platt's sigmoids, threshold and band from held-out margins.
pub fn calibrate(held_out: &[Prediction]) -> Calibration {
    let labels: Vec<bool> = held_out.iter().map(|p| p.haemorrhage == 1).collect();
    let inverted: Vec<bool> = labels.iter().map(|l| !l).collect();
    let margins: Vec<f64> = held_out.iter().map(|p| p.margin).collect();
    let normal: Vec<f64> = held_out.iter().map(|p| p.normal_margin).collect();
    let scored = predictions::scored(held_out);
    let threshold = evaluate::best_threshold(&scored);
    Calibration {
        haemorrhage: Platt::fit(&margins, &labels),
        normal: Platt::fit(&normal, &inverted),
        threshold,
        inconclusive: evaluate::inconclusive_band(&scored, threshold, SURE),
    }
}

/// Figures of the patient protocol, calls and probabilities cross-fitted.
///
/// # Errors
/// [`super::TrainError::Data`] when the margins are not of at least two folds.
pub fn patient_figures(
    held_out: &[Prediction],
    calibration: &Calibration,
) -> Result<BTreeMap<String, Figure>> {
    let reading = Reading {
        decision: Decision::CrossFitted,
        platt: None,
        softmax: false,
        band: Some(calibration.inconclusive),
    };
    let measures = [
        Measure::Auc,
        Measure::Sensitivity,
        Measure::Specificity,
        Measure::SensitivityAt90Specificity,
        Measure::CalibrationError,
        Measure::InconclusiveShare,
    ];
    let protocol = "patient protocol: folds over patients, pooled held-out margins";
    let figures = card_figures(held_out, &reading, &measures, protocol)?;
    Ok(figures
        .into_iter()
        .map(|(name, figure)| (format!("{name}Patient"), figure))
        .collect())
}

/// What figures of slices that nothing was trained on say of themselves.
pub const EXTERNAL_PROTOCOL: &str =
    "external images, nothing trained, tuned or calibrated on them; shipped model and threshold";

/// Figures of a finished model with its own threshold; `protocol` says what the slices are to it.
///
/// # Errors
/// None with a threshold and probabilities of its own.
pub fn stored_model_figures(
    predictions: &[Prediction],
    calibration: &Calibration,
    protocol: &str,
) -> Result<BTreeMap<String, Figure>> {
    let measures = [Measure::Auc, Measure::Sensitivity, Measure::Specificity];
    card_figures(
        predictions,
        &Reading::shipped(calibration),
        &measures,
        protocol,
    )
}

fn card_figures(
    predictions: &[Prediction],
    reading: &Reading,
    measures: &[Measure],
    protocol: &str,
) -> Result<BTreeMap<String, Figure>> {
    let assessment = Assessment::new(reading.judge(&predictions::scored(predictions))?);
    let estimates = assessment.estimates(measures);
    let named = measures.iter().zip(estimates);
    Ok(named
        .map(|(measure, estimate)| (measure.name().to_owned(), estimate.figure(protocol)))
        .collect())
}
