//! The stored model: a safetensors file of int8 weights with its facts as JSON in the header.
//!
//! | tensor | type, shape | meaning |
//! |---|---|---|
//! | `conv1.weight`, … | i8, OIHW | quantised kernels; the first convolution has one input channel and reads grey levels 0–255, whatever normalisation it was trained with folded into it |
//! | `convN.weight_scale` | f32, O | accumulator → real value |
//! | `convN.bias` | f32, O | real value |
//! | `convN.output_scale` | f32, O | real value of one step of the 8-bit activation, per channel |
//! | `fc6.weight`, … | i8, units × inputs | the first fully connected layer's columns in channel, row, column order; where it is applied at every place, a column a channel |
//! | `fcN.weight_scale`, `fcN.bias` | f32, units | as above |
//! | `fcN.output_scale` | f32, units | as above; the last hidden layer has none, its units stay real values, unless it is applied at every place |
//! | `haemorrhage.weight`, `normal.weight` | f32, features ([`Network::units`]) | the two one-vs-rest planes; of a softmax of two classes, the difference of its logits and the same negated |
//! | `haemorrhage.bias`, `normal.bias` | f32, 1 | their offsets |
//! | `EDH.weight`, `EDH.bias`, … | as above | a linear SVM for each kind of haemorrhage that the header lists |
//!
//! A fully connected layer whose weights are mostly zero is stored in compressed sparse rows: then
//! `fcN.weight` (i8) holds those that are not, `fcN.column` (u32) the column of each, and
//! `fcN.start` (u32, units + 1) where each unit's begin.
//!
//! Layers are named as in the header's architecture ([`Network`]). Beside the facts the header holds
//! the SHA-256 of all tensors' bytes.
//!
//! ```
//! use haemolens::model::StoredModel;
//!
//! let model = StoredModel::from_bytes(haemolens::ALEXNET_SVM)?;
//! assert_eq!(model.facts.preprocessing.side, 227);
//! assert!(model.facts.card.figures.contains_key("aucPatient"));
//! let written = model.to_bytes()?;
//! assert_eq!(StoredModel::from_bytes(&written)?, model);
//! # Ok::<(), haemolens::Error>(())
//! ```

mod file;
mod kernels;
mod sparse;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::kernels::Kernels;
pub(crate) use self::sparse::SparseRows;
use crate::Error;
use crate::HaemorrhageKind;
use crate::architecture::Network;
use crate::calibration::{Calibration, Platt, StudyCalibration};
use crate::preprocess::Preprocessing;
use crate::svm::LinearSvm;

/// Version of this layout; a file of another is refused.
pub const FORMAT: u32 = 3;
/// Largest activation: eight bits.
pub const ACTIVATION_MAX: u8 = 255;
/// Largest magnitude of a scale, a bias or a plane's weight; far above what training gives, and small
/// enough that no sum of an accepted model can leave the range of `f32`.
const LARGEST: f32 = 1e6;
/// Smallest step of an activation.
const SMALLEST_STEP: f32 = 1e-9;

/// A measured figure with its 95 % interval and the protocol it was measured under.
///
/// ```
/// use haemolens::Classifier;
///
/// let classifier = Classifier::new()?;
/// for (name, figure) in &classifier.card().figures {
///     if let (Some(low), Some(high)) = (figure.low, figure.high) {
///         assert!((low..=high).contains(&figure.value), "{name}");
///     }
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Lower end of the 95 % patient-bootstrap interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What it was measured on and how.
    pub protocol: String,
}

/// What the page and the command line say about a model.
///
/// ```
/// use haemolens::Classifier;
///
/// let classifier = Classifier::new()?;
/// let card = classifier.card();
/// assert_eq!(card.name, "alexnet-svm");
/// assert!(card.licence.starts_with("CC-BY"));
/// assert!(card.figures.contains_key("sensitivityPatient"));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelCard {
    /// Name, such as `alexnet-svm`.
    pub name: String,
    /// Version of the weights.
    pub version: String,
    /// Licence of the weights.
    pub licence: String,
    /// What it was trained on.
    pub data: String,
    /// How it was trained and split.
    pub protocol: String,
    /// Measured figures by name.
    pub figures: BTreeMap<String, Figure>,
}

/// A kind of haemorrhage that a model tells, and how its margin becomes a probability.
///
/// ```
/// use haemolens::Classifier;
///
/// for told in &Classifier::new()?.facts().kinds {
///     assert!(told.calibration.probability(3.0) > told.calibration.probability(-3.0));
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KindCalibration {
    /// The kind.
    pub kind: HaemorrhageKind,
    /// Margin → probability that a slice shows it.
    pub calibration: Platt,
    /// The share of slices that show it for which that probability is, 0–1; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// Whether a study shows it; absent where that was not learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyKind>,
}

/// How the margins of a kind become the probability that a study shows it: the mean of the highest,
/// as many as for the study's answer ([`StudyCalibration::share`]), through Platt scaling.
///
/// ```
/// use haemolens::Classifier;
///
/// for told in &Classifier::new()?.facts().kinds {
///     let study = told.study.expect("it has learned of studies");
///     assert!((0.0..1.0).contains(&study.prevalence));
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StudyKind {
    /// Mean of the highest margins → probability.
    pub calibration: Platt,
    /// The share of studies that show it for which that probability is, 0–1.
    pub prevalence: f64,
}

impl KindCalibration {
    /// The same where slices with the kind are so many times as common, and studies.
    pub(crate) fn as_common(self, of_slices: Option<f64>, of_studies: Option<f64>) -> Self {
        /// However common, not all show it.
        const HIGHEST: f64 = 0.999;
        let more = |share: f64, times: f64| (share * times).min(HIGHEST);
        let slices = self.prevalence.zip(of_slices);
        let moved = |calibration: Platt, share: f64, times: f64| {
            calibration.at_prevalence(share, more(share, times))
        };
        Self {
            calibration: slices.map_or(self.calibration, |(share, times)| {
                moved(self.calibration, share, times)
            }),
            prevalence: slices.map(|(share, times)| more(share, times)),
            study: self.study.map(|study| match of_studies {
                Some(times) if study.prevalence > 0.0 => StudyKind {
                    calibration: moved(study.calibration, study.prevalence, times),
                    prevalence: more(study.prevalence, times),
                },
                _ => study,
            }),
            ..self
        }
    }
}

/// Everything in the header.
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::model::{FORMAT, StoredModel};
///
/// let facts = StoredModel::from_program(ALEXNET_SVM)?.facts;
/// assert_eq!(facts.format, FORMAT);
/// let [low, high] = facts.calibration.inconclusive;
/// assert!(low <= facts.calibration.threshold.balanced);
/// assert!(facts.calibration.threshold.balanced <= high);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Layout version, [`FORMAT`].
    pub format: u32,
    /// Name, data, protocol, figures.
    pub card: ModelCard,
    /// Shape of the network.
    pub architecture: Network,
    /// What its input must look like.
    pub preprocessing: Preprocessing,
    /// Margin → answer.
    pub calibration: Calibration,
    /// Margins of a study's slices → answer for the study; absent where it was not learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyCalibration>,
    /// The kinds of haemorrhage that it tells, each at most once; none in a model that was not
    /// taught them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindCalibration>,
}

/// A layer in int8.
///
/// ```
/// use haemolens::model::QuantLayer;
///
/// // Two outputs of three inputs each.
/// let layer = QuantLayer {
///     weight: vec![127, 0, -64, 5, -127, 0],
///     weight_scale: vec![0.01, 0.002],
///     bias: vec![0.5, -0.5],
/// };
/// let input = [1, 2, 3];
/// let sum: i32 = layer.weight[..3].iter().zip(input).map(|(&w, x)| i32::from(w) * x).sum();
/// let output = sum as f32 * layer.weight_scale[0] + layer.bias[0];
/// assert!((output + 0.15).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuantLayer {
    /// Row-major weights, one row an output.
    pub weight: Vec<i8>,
    /// Accumulator → real value, one an output.
    pub weight_scale: Vec<f32>,
    /// Real value, one an output.
    pub bias: Vec<f32>,
}

/// A convolution in int8 with the scale of its activations.
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::model::StoredModel;
///
/// let model = StoredModel::from_program(ALEXNET_SVM)?;
/// let (shape, stored) = (&model.facts.architecture.convs[0], &model.convs[0]);
/// assert_eq!(stored.layer.weight.len(), shape.filters * shape.row(1));
/// assert_eq!(stored.output_scale.len(), shape.filters);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuantConv {
    /// Kernels, OIHW.
    pub layer: QuantLayer,
    /// Real value of one activation step after normalisation, one a channel.
    pub output_scale: Vec<f32>,
}

/// A fully connected layer in int8 with the scale of its activations.
///
/// ```
/// use haemolens::ALEXNET_SVM;
/// use haemolens::model::StoredModel;
///
/// let model = StoredModel::from_program(ALEXNET_SVM)?;
/// // The planes read real values; whatever is read by other layers, or averaged, has eight bits.
/// for (layer, linear) in model.linears.iter().enumerate() {
///     let rounds = model.facts.architecture.rounds_units(layer);
///     assert_eq!(linear.output_scale.is_some(), rounds);
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QuantLinear {
    /// Units × inputs.
    pub layer: QuantLayer,
    /// Real value of one activation step, one a unit; none in a last layer whose units the planes
    /// read, for those stay real values.
    pub output_scale: Option<Vec<f32>>,
}

/// The stored model.
///
/// ```
/// use haemolens::model::StoredModel;
/// use haemolens::{ALEXNET_SVM, Classifier};
///
/// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
/// // A model that calls a slice haemorrhage by less.
/// model.facts.calibration.threshold.balanced -= 0.1;
/// let classifier = Classifier::from_model(model.clone())?;
/// assert_eq!(classifier.facts(), &model.facts);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StoredModel {
    /// The header.
    pub facts: Facts,
    /// The architecture's convolutions.
    pub convs: Vec<QuantConv>,
    /// Its fully connected layers.
    pub linears: Vec<QuantLinear>,
    /// Haemorrhage against the rest: the margin of the answer.
    pub haemorrhage: LinearSvm,
    /// Normal against the rest: the paper's second score.
    pub normal: LinearSvm,
    /// Each kind of [`Facts::kinds`] against the rest, in that order.
    pub kinds: Vec<LinearSvm>,
}

impl StoredModel {
    /// Whether the engine can run it: every part fits the architecture, and every number is one.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
    /// model.check()?;
    /// model.convs[2].layer.bias.pop();
    /// assert!(model.check().unwrap_err().to_string().contains("conv3 does not fit"));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] naming what does not fit.
    pub fn check(&self) -> Result<(), Error> {
        self.facts.check()?;
        let network = &self.facts.architecture;
        check_convs(network, &self.convs)?;
        let mut inputs = network.linear_inputs().unwrap_or(0);
        let pairs = same_number("linear", &network.linears, &self.linears)?;
        for (i, (linear, stored)) in pairs.enumerate() {
            stored.layer.check(&linear.name, linear.units, inputs)?;
            match &stored.output_scale {
                Some(scale) if network.rounds_units(i) => {
                    check_scale(&linear.name, scale, linear.units)?;
                }
                None if !network.rounds_units(i) => {}
                Some(_) => {
                    let what = "has activations in eight bits, which the last layer must not have";
                    return Err(corrupt(&format!("{} {what}", linear.name)));
                }
                None => {
                    let what = "must have activations in eight bits";
                    return Err(corrupt(&format!("{} {what}", linear.name)));
                }
            }
            inputs = linear.units;
        }
        if self.kinds.len() != self.facts.kinds.len() {
            return Err(corrupt(
                &"its kinds of haemorrhage and their SVMs differ in number",
            ));
        }
        for (name, plane) in self.planes() {
            if plane.weights.len() != network.units() {
                return Err(misfit(name));
            }
            check_numbers(&format!("{name}.weight"), &plane.weights)?;
            check_numbers(&format!("{name}.bias"), &[plane.bias])?;
        }
        Ok(())
    }

    /// All linear SVMs with the names of their tensors.
    fn planes(&self) -> impl Iterator<Item = (&'static str, &LinearSvm)> {
        let two = [("haemorrhage", &self.haemorrhage), ("normal", &self.normal)];
        let kinds = self.facts.kinds.iter().map(|told| told.kind.code());
        two.into_iter().chain(kinds.zip(&self.kinds))
    }
}

impl Facts {
    fn check(&self) -> Result<(), Error> {
        self.architecture.check().map_err(|e| corrupt(&e))?;
        if self.preprocessing.side != self.architecture.input_side {
            return Err(corrupt(&"preprocessing and network differ in input size"));
        }
        if self
            .study
            .is_some_and(|s| !(s.share > 0.0 && s.share <= 1.0))
        {
            return Err(corrupt(&"its studies average no share of their slices"));
        }
        let slices = [self.calibration.haemorrhage, self.calibration.normal];
        let studies = self.study.map(|study| study.haemorrhage);
        let kinds = self.kinds.iter().flat_map(|told| {
            let study = told.study.map(|study| study.calibration);
            [told.calibration].into_iter().chain(study)
        });
        let mut all = slices.into_iter().chain(studies).chain(kinds);
        if !all.all(|platt| platt.is_usable()) {
            return Err(corrupt(&"its probabilities do not rise with the margin"));
        }
        let shares = [
            self.calibration.prevalence,
            self.study.and_then(|s| s.prevalence),
        ];
        if shares
            .into_iter()
            .flatten()
            .any(|share| !(share > 0.0 && share < 1.0))
        {
            return Err(corrupt(&"its share of haemorrhage is none"));
        }
        let times = |kind| self.kinds.iter().filter(|told| told.kind == kind).count();
        if let Some(told) = self.kinds.iter().find(|told| times(told.kind) > 1) {
            return Err(corrupt(&format!("it tells {} twice", told.kind)));
        }
        Ok(())
    }
}

impl QuantLayer {
    fn check(&self, name: &str, outputs: usize, row: usize) -> Result<(), Error> {
        let lengths = [self.weight_scale.len(), self.bias.len()];
        if self.weight.len() != outputs * row || lengths != [outputs; 2] {
            return Err(misfit(name));
        }
        check_numbers(&format!("{name}.weight_scale"), &self.weight_scale)?;
        check_numbers(&format!("{name}.bias"), &self.bias)
    }
}

/// Whether stored convolutions fit a network that [`Network::check`] has passed.
///
/// # Errors
/// [`Error::CorruptModel`] naming the layer that does not.
pub(crate) fn check_convs(network: &Network, convs: &[QuantConv]) -> Result<(), Error> {
    let mut channels = 1;
    for (conv, stored) in same_number("conv", &network.convs, convs)? {
        let row = conv.row(channels);
        stored.layer.check(&conv.name, conv.filters, row)?;
        check_scale(&conv.name, &stored.output_scale, conv.filters)?;
        channels = conv.filters;
    }
    Ok(())
}

/// Pairs a network's layers with the stored ones.
fn same_number<'a, A, B>(
    kind: &str,
    shapes: &'a [A],
    stored: &'a [B],
) -> Result<impl Iterator<Item = (&'a A, &'a B)>, Error> {
    if shapes.len() != stored.len() {
        return Err(corrupt(&format!(
            "it has {} {kind} layers where its architecture has {}",
            stored.len(),
            shapes.len()
        )));
    }
    Ok(shapes.iter().zip(stored))
}

/// Activation steps are divided by: none may be nearly zero.
fn check_scale(name: &str, scale: &[f32], outputs: usize) -> Result<(), Error> {
    let usable = scale.iter().all(|s| (SMALLEST_STEP..=LARGEST).contains(s));
    if scale.len() != outputs || !usable {
        return Err(corrupt(&format!("{name}.output_scale is unusable")));
    }
    Ok(())
}

/// Whether all are numbers, and none is absurdly large.
fn check_numbers(name: &str, values: &[f32]) -> Result<(), Error> {
    match values.iter().find(|v| v.is_nan() || v.abs() > LARGEST) {
        None => Ok(()),
        Some(value) => Err(corrupt(&format!(
            "{name} holds {value:e}; at most {LARGEST:e} makes sense"
        ))),
    }
}

/// The error of a model that cannot be used.
fn corrupt(cause: &dyn std::fmt::Display) -> Error {
    Error::CorruptModel(format!(
        "The model file cannot be used: {cause}. Load it again, or get a fresh copy."
    ))
}

fn misfit(name: &str) -> Error {
    corrupt(&format!("{name} does not fit its architecture"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ALEXNET_SVM;
    use crate::architecture::{Pool, Readout};
    use crate::engine::Engine;

    /// The embedded model with another head: FC6 with 48 units on the whole map, or at every place.
    fn with_head(readout: Readout) -> StoredModel {
        let mut model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        let network = &mut model.facts.architecture;
        let flattened = readout.is_flatten();
        network.convs[4].pool = flattened.then_some(Pool { size: 3, stride: 2 });
        network.readout = readout;
        network.linears[0].units = 48;
        let inputs = network.linear_inputs().unwrap();
        let weight = |i: usize| (i * 31 % 255) as u8 as i8;
        model.linears[0] = QuantLinear {
            layer: QuantLayer {
                weight: (0..48 * inputs).map(weight).collect(),
                weight_scale: vec![1e-3; 48],
                bias: vec![0.1; 48],
            },
            output_scale: (!flattened).then(|| vec![0.02; 48]),
        };
        let features = network.units();
        for plane in [&mut model.haemorrhage, &mut model.normal] {
            plane.weights = (0..features).map(|i| i as f32 / 96.0 - 0.5).collect();
        }
        model.facts.kinds.clear();
        model.kinds.clear();
        model
    }

    /// Applies `change` to a sound model; the engine must refuse it by the name of `part`.
    fn refused(part: &str, change: impl FnOnce(&mut StoredModel)) {
        let mut model = with_head(Readout::Flatten);
        change(&mut model);
        let written = model.to_bytes().unwrap_err();
        let error = Engine::new(&model).unwrap_err();
        assert_eq!(written, error);
        assert!(matches!(error, Error::CorruptModel(_)), "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    }

    #[test]
    fn embedded_model_is_written_back_byte_for_byte() {
        let model = StoredModel::from_bytes(ALEXNET_SVM).unwrap();
        assert_eq!(model.to_bytes().unwrap(), ALEXNET_SVM);
    }

    #[test]
    fn a_part_that_does_not_fit_is_refused_by_name() {
        refused("2 linear layers", |m| {
            m.linears.push(m.linears[0].clone());
        });
        refused("4 conv layers", |m| {
            m.convs.pop();
        });
        refused("conv3", |m| {
            m.convs[2].layer.weight.pop();
        });
        refused("conv2.output_scale", |m| m.convs[1].output_scale[7] = 0.0);
        refused("conv2.output_scale", |m| {
            m.convs[1].output_scale[7] = 1e-45;
        });
        refused("conv3.output_scale", |m| m.convs[2].output_scale[0] = 1e30);
        refused("conv4.bias holds NaN", |m| {
            m.convs[3].layer.bias[0] = f32::NAN
        });
        refused("fc6.weight_scale holds 1e30", |m| {
            m.linears[0].layer.weight_scale[3] = 1e30;
        });
        refused("fc6", |m| m.linears[0].output_scale = Some(vec![1.0; 48]));
        refused("normal", |m| m.normal.weights.truncate(5));
        refused("haemorrhage.bias holds inf", |m| {
            m.haemorrhage.bias = f32::INFINITY;
        });
        refused("haemorrhage.weight holds -1e7", |m| {
            m.haemorrhage.weights[0] = -1e7
        });
        refused("no share", |m| {
            m.facts.study = Some(StudyCalibration {
                share: 0.0,
                haemorrhage: m.facts.calibration.haemorrhage,
                threshold: 0.0.into(),
                inconclusive: [0.0; 2],
                prevalence: None,
            });
        });
        refused("do not rise", |m| {
            m.facts.calibration.haemorrhage.slope = 1.0
        });
        refused("do not rise", |m| {
            m.facts.calibration.normal.slope = f64::NAN
        });
        refused("do not rise", |m| {
            m.facts.study.as_mut().unwrap().haemorrhage.slope = 0.0;
        });
        refused("share of haemorrhage", |m| {
            m.facts.calibration.prevalence = Some(1.0)
        });
        refused("input size", |m| m.facts.preprocessing.side = 226);
        refused("too many weights", |m| {
            m.facts.architecture.linears[0].units = 1 << 16;
        });
    }

    #[test]
    fn a_model_with_places_comes_back_from_its_file() {
        let mut model = with_head(Readout::MeanAndTop { top: 4 });
        for sparse in [false, true] {
            if sparse {
                model.linears[0].layer.weight.fill(0);
                model.linears[0].layer.weight[700] = -9;
            }
            let bytes = model.to_bytes().unwrap();
            assert_eq!(StoredModel::from_bytes(&bytes).unwrap(), model);
            let found = Engine::new(&model).unwrap();
            assert_eq!(found.units().len(), 96);
        }
    }

    #[test]
    fn a_part_of_a_model_with_places_that_does_not_fit_is_refused_by_name() {
        let refused = |part: &str, change: fn(&mut StoredModel)| {
            let mut model = with_head(Readout::MeanAndTop { top: 4 });
            change(&mut model);
            let error = Engine::new(&model).unwrap_err();
            assert_eq!(model.to_bytes().unwrap_err(), error);
            assert!(error.to_string().contains(part), "{error}");
        };
        refused("fc6 must have activations", |m| {
            m.linears[0].output_scale = None
        });
        refused("fc6.output_scale", |m| {
            m.linears[0].output_scale.as_mut().unwrap()[47] = 0.0;
        });
        refused("fc6 does not fit", |m| {
            m.linears[0].layer.weight.pop();
        });
        refused("haemorrhage", |m| m.haemorrhage.weights.truncate(48));
        refused("normal", |m| m.normal.weights.push(0.0));
        refused("170 highest of 169", |m| {
            m.facts.architecture.readout = Readout::MeanAndTop { top: 170 };
        });
    }

    #[test]
    fn kinds_come_back_from_the_file_and_must_fit_their_svms() {
        let told = |kind| KindCalibration {
            kind,
            calibration: Platt {
                slope: -2.0,
                offset: 0.5,
            },
            prevalence: Some(0.02),
            study: None,
        };
        let mut model = with_head(Readout::MeanAndTop { top: 4 });
        let plane = model.normal.clone();
        model.facts.kinds = vec![
            told(HaemorrhageKind::Subdural),
            told(HaemorrhageKind::Epidural),
        ];
        model.kinds = vec![plane.clone(), model.haemorrhage.clone()];
        let bytes = model.to_bytes().unwrap();
        assert_eq!(StoredModel::from_bytes(&bytes).unwrap(), model);
        let refused = |part: &str, change: &dyn Fn(&mut StoredModel)| {
            let mut model = model.clone();
            change(&mut model);
            let error = model.to_bytes().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        refused("differ in number", &|m| m.kinds.truncate(1));
        refused("SDH does not fit", &|m| m.kinds[0].weights.truncate(9));
        refused("EDH.bias holds NaN", &|m| m.kinds[1].bias = f32::NAN);
        refused("tells SDH twice", &|m| {
            m.facts.kinds[1].kind = HaemorrhageKind::Subdural;
        });
    }

    #[test]
    fn files_of_another_format_say_so() {
        let text = String::from_utf8_lossy(ALEXNET_SVM);
        let at = text.find("format").unwrap();
        let mut bytes = ALEXNET_SVM.to_vec();
        let digit = bytes[at..].iter().position(|b| *b == b'3').unwrap();
        bytes[at + digit] = b'1';
        let error = StoredModel::from_bytes(&bytes).unwrap_err();
        assert!(error.to_string().contains("format 1"), "{error}");
    }

    #[test]
    fn weights_that_were_changed_since_they_were_stored_are_refused() {
        let mut bytes = ALEXNET_SVM.to_vec();
        let at = bytes.len() - 1_000_000;
        bytes[at] ^= 1;
        let error = StoredModel::from_bytes(&bytes).unwrap_err();
        assert!(matches!(error, Error::CorruptModel(_)), "{error:?}");
        assert!(
            error.to_string().contains("not those that were stored"),
            "{error}"
        );
    }
}
