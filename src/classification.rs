//! The answer for one slice: one struct for JavaScript and for the command line's JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::HaemorrhageKind;
use crate::calibration::OperatingPoint;

/// What the classifier says.
///
/// ```
/// use haemolens::Label;
/// use haemolens::phantom::{self, Kind};
///
/// let mut classifier = haemolens::Classifier::new()?;
/// let answer = classifier.classify(&phantom::draw(Kind::Normal).to_bmp()?)?;
/// assert_eq!(answer.label, Label::Normal);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Label {
    /// Blood of any kind inside the skull.
    Haemorrhage,
    /// None seen.
    Normal,
}

impl Label {
    /// The class on whose side of the threshold a margin lies.
    ///
    /// ```
    /// use haemolens::Label;
    ///
    /// assert_eq!(Label::of(0.3, 0.3), Label::Haemorrhage);
    /// assert_eq!(Label::of(0.2, 0.3), Label::Normal);
    /// ```
    pub fn of(margin: f64, threshold: f64) -> Self {
        if margin >= threshold {
            Self::Haemorrhage
        } else {
            Self::Normal
        }
    }
}

/// The name that it has in JSON.
///
/// ```
/// assert_eq!(haemolens::Label::Haemorrhage.to_string(), "haemorrhage");
/// ```
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Haemorrhage => "haemorrhage",
            Self::Normal => "normal",
        })
    }
}

/// The answer for one slice.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let answer = Classifier::new()?.classify(&phantom::draw(Kind::Subdural).to_bmp()?)?;
/// assert!(answer.in_distribution && answer.reason.is_none());
/// assert!(answer.margin > answer.threshold);
/// // As JavaScript and the command line give it.
/// let json = serde_json::to_value(&answer).expect("it has a form in JSON");
/// assert_eq!(json["label"], "haemorrhage");
/// assert_eq!(json["inDistribution"], true);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Classification {
    /// The class on whose side of the threshold the margin lies.
    pub label: Label,
    /// Calibrated probability of haemorrhage, 0–1.
    pub probability: f64,
    /// Signed distance score of the SVM before calibration; positive = haemorrhage.
    pub margin: f64,
    /// The margin that separates the labels.
    pub threshold: f64,
    /// Which of the model's thresholds that is.
    #[serde(default)]
    pub operating_point: OperatingPoint,
    /// The share of slices with haemorrhage that the probabilities are for, 0–1; absent where the
    /// model does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// Whether the margin lies inside the band around the threshold where answers are too often
    /// wrong.
    pub inconclusive: bool,
    /// The paper's two scores (its Figure 6), each calibrated on its own; they need not sum to one.
    pub scores: Scores,
    /// How each kind of haemorrhage fares against the rest, in the order of
    /// [`HaemorrhageKind::ALL`]; empty for a model that was not taught kinds. A slice may show
    /// several, so they need not sum to anything.
    #[serde(default)]
    pub kinds: Vec<KindScore>,
    /// Whether the guard takes the input for a CT slice of a head; where it does not, the rest of
    /// the answer means little.
    pub in_distribution: bool,
    /// The guard's distance: 0 for a typical head CT, more than 1 out of distribution.
    pub distance: f64,
    /// Why the input is out of distribution; absent when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which slice of the file, from 0.
    pub frame: usize,
    /// The model that answered.
    pub model: ModelName,
    /// How long it took.
    pub elapsed_ms: Elapsed,
}

/// One-vs-rest scores, 0–1.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let answer = Classifier::new()?.classify(&phantom::draw(Kind::Subdural).to_bmp()?)?;
/// let scores = answer.scores;
/// assert_eq!(scores.haemorrhage, answer.probability);
/// assert!((0.0..=1.0).contains(&scores.normal));
/// assert_ne!(scores.haemorrhage + scores.normal, 1.0, "each is calibrated on its own");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Haemorrhage against the rest.
    pub haemorrhage: f64,
    /// Normal against the rest.
    pub normal: f64,
}

/// Whether a slice shows one kind of haemorrhage.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let answer = Classifier::new()?.classify(&phantom::draw(Kind::Subdural).to_bmp()?)?;
/// for score in &answer.kinds {
///     println!("{}: {:.0} %", score.kind, score.probability * 100.0);
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KindScore {
    /// The kind.
    pub kind: HaemorrhageKind,
    /// Calibrated probability that the slice shows it, 0–1.
    pub probability: f64,
    /// Signed distance score of its SVM; positive = the kind.
    pub margin: f64,
}

/// Which model answered.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let mut classifier = Classifier::new()?;
/// let answer = classifier.classify(&phantom::draw(Kind::Normal).to_bmp()?)?;
/// assert_eq!(answer.model.name, "alexnet-svm");
/// assert_eq!(answer.model.version, classifier.card().version);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelName {
    /// Such as `alexnet-svm`.
    pub name: String,
    /// Version of the weights.
    pub version: String,
}

/// Milliseconds.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let answer = Classifier::new()?.classify(&phantom::draw(Kind::Normal).to_bmp()?)?;
/// let elapsed = answer.elapsed_ms;
/// // The total holds what the guard takes as well.
/// assert!(elapsed.total >= elapsed.decode + elapsed.preprocess + elapsed.inference);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Elapsed {
    /// Bytes → slice.
    pub decode: f64,
    /// Slice → the network's input.
    pub preprocess: f64,
    /// Input → margin.
    pub inference: f64,
    /// All of it.
    pub total: f64,
}
