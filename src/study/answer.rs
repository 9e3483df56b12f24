//! The answer for a study: one struct for JavaScript and for the command line's JSON.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::calibration::OperatingPoint;
use crate::classification::{KindScore, Label, ModelName};

/// What is said of an examination as a whole.
///
/// ```
/// use haemolens::phantom::{self, Kind};
///
/// let mut classifier = haemolens::Classifier::new()?;
/// let picture = phantom::draw(Kind::Intraparenchymal).to_bmp()?;
/// let answers = classifier.classify_study([("1.bmp", picture)]);
/// let [answer] = &answers[..] else {
///     panic!("one folder is one examination")
/// };
/// assert!(answer.in_distribution && answer.failed.is_empty());
/// let probability = answer.probability.expect("there is a slice of a head");
/// assert_eq!(answer.slices, 1);
/// // As JavaScript and the command line give it.
/// let json = serde_json::to_value(answer).expect("it has a form in JSON");
/// assert_eq!(json["probability"], probability);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StudyAnswer {
    /// The class on whose side of the threshold the margin lies; absent, as probability and margin
    /// are, where no slice is taken for a head CT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Calibrated probability, 0–1, that there is a haemorrhage anywhere in the study.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What its slices' margins come to, by the rule that [`StudyAnswer::basis`] names; larger =
    /// more like haemorrhage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The margin that separates the labels.
    pub threshold: f64,
    /// Which of the model's thresholds that is.
    pub operating_point: OperatingPoint,
    /// The share of studies with haemorrhage that the probabilities are for, 0–1; absent where the
    /// model does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
    /// Whether the margin lies inside the band around the threshold where answers are too often
    /// wrong.
    pub inconclusive: bool,
    /// How each kind of haemorrhage fares against the rest; empty where the model has not learned to
    /// tell kinds in studies, or no slice is taken for a head CT.
    pub kinds: Vec<KindScore>,
    /// Whether any of its series is taken for a CT of a head.
    pub in_distribution: bool,
    /// Why none is; absent when one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How slices became the answer.
    pub basis: Basis,
    /// How many slices the answer is made of: those of the used series that are taken for head CT.
    pub slices: usize,
    /// The few slices that carry the answer, highest margin first.
    pub leading: Vec<LeadingSlice>,
    /// All series by their numbers.
    pub series: Vec<SeriesAnswer>,
    /// Files that could not be read.
    pub failed: Vec<Failure>,
    /// The model that answered.
    pub model: ModelName,
}

/// How slices become the answer for a study.
///
/// ```
/// use haemolens::model::StoredModel;
/// use haemolens::phantom::{self, Kind};
/// use haemolens::study::Basis;
/// use haemolens::{ALEXNET_SVM, Classifier, Error};
///
/// let picture = phantom::draw(Kind::Subdural).to_bmp()?;
/// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
/// let basis = |model: &StoredModel| -> Result<Basis, Error> {
///     let mut classifier = Classifier::from_model(model.clone())?;
///     Ok(classifier.classify_study([("1.bmp", &picture)])[0].basis)
/// };
/// assert_eq!(basis(&model)?, Basis::StudyCalibration);
/// model.facts.study = None;
/// assert_eq!(basis(&model)?, Basis::HighestSlice);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// The mean of the highest margins, as many as the model's study calibration says, through that
    /// calibration, which was learned on whole held-out studies.
    StudyCalibration,
    /// The model has none: its slice with the highest margin answers for the study, through the
    /// calibration of slices. The more slices, the higher the probability, haemorrhage or not.
    HighestSlice,
}

/// A slice that carries the answer.
///
/// ```
/// use haemolens::phantom::{self, Kind};
///
/// let mut files = Vec::new();
/// for kind in [Kind::Normal, Kind::Subdural] {
///     files.push((format!("head/{}.bmp", kind.name()), phantom::draw(kind).to_bmp()?));
/// }
/// let answer = haemolens::Classifier::new()?.classify_study(files).remove(0);
/// let leading = &answer.leading[0];
/// assert_eq!(leading.file, "head/subdural.bmp");
/// // Where it is found among the slices of its series.
/// assert_eq!(answer.series[leading.series].slices[leading.slice].file, leading.file);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeadingSlice {
    /// Its file.
    pub file: String,
    /// Which slice of the file, from 0.
    pub frame: usize,
    /// Which of [`StudyAnswer::series`] it is in, from 0.
    pub series: usize,
    /// Its place in the series, from 0.
    pub slice: usize,
    /// Its margin.
    pub margin: f64,
    /// Its own probability of haemorrhage, by the calibration of slices.
    pub probability: f64,
}

/// What is said of a series.
///
/// ```
/// use haemolens::phantom::{self, Kind};
/// use haemolens::study::SeriesKind;
///
/// let picture = phantom::draw(Kind::Normal).to_bmp()?;
/// let files = [("1.bmp", &picture), ("2.bmp", &picture)];
/// let answer = haemolens::Classifier::new()?.classify_study(files).remove(0);
/// let series = &answer.series[0];
/// assert_eq!((series.kind, series.number), (SeriesKind::Pictures, None));
/// assert!(series.used && series.why.is_none());
/// assert_eq!(series.margin, answer.margin, "there is no other");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesAnswer {
    /// Series Number, where files say one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// What it is.
    pub kind: SeriesKind,
    /// Thickness of its slices in millimetres; the distance between them where files do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thickness: Option<f64>,
    /// Whether its slices count in the answer.
    pub used: bool,
    /// Why they do not; absent when they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What its own slices' margins come to; absent where none is taken for a head CT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Probability of haemorrhage by this series alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Files that hold a slice of this series once more, left out.
    pub duplicates: usize,
    /// Its slices along their normal (for axial ones towards the head); by instance number where
    /// positions are missing, else by name.
    pub slices: Vec<SliceAnswer>,
}

/// What a series is.
///
/// ```
/// use haemolens::slice::Slice;
/// use haemolens::slice::dicom::Place;
/// use haemolens::study::SeriesKind;
/// use haemolens::{Classifier, Study};
///
/// let mut classifier = Classifier::new()?;
/// let (answer, _) = classifier.classify_slice(&Slice::new(64, 64, vec![0; 64 * 64])?)?;
/// let mut study = Study::new();
/// study.add("IM0001", answer, Place { localiser: true, ..Place::default() });
/// let series = &classifier.answer_study(&study)[0].series[0];
/// assert_eq!(series.kind, SeriesKind::Localiser);
/// assert_eq!(series.why.as_deref(), Some("it is a localiser (scout)"));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SeriesKind {
    /// Axial slices for the brain, of the usual thickness.
    Standard,
    /// Pictures, which say nothing of themselves.
    Pictures,
    /// Axial slices for the brain, thinner than 2 mm: noisier.
    Thin,
    /// A kernel for bone: sharp and noisy.
    Bone,
    /// After a contrast agent: vessels are as bright as blood.
    Contrast,
    /// The same places again and again, as for perfusion or to watch a contrast agent arrive.
    Dynamic,
    /// Coronal or sagittal slices.
    Reformat,
    /// Localiser (scout) images.
    Localiser,
    /// Something else than CT slices of a head.
    NotHeadCt,
}

/// What is said of a slice in its series.
///
/// ```
/// use haemolens::phantom::{self, Kind};
///
/// let mut classifier = haemolens::Classifier::new()?;
/// let picture = phantom::draw(Kind::Subdural).to_bmp()?;
/// let margin = classifier.classify(&picture)?.margin;
/// let answer = classifier.classify_study([("1.bmp", picture)]).remove(0);
/// let slice = &answer.series[0].slices[0];
/// assert_eq!((&slice.file[..], slice.margin), ("1.bmp", margin));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SliceAnswer {
    /// Its file.
    pub file: String,
    /// Which slice of the file, from 0.
    pub frame: usize,
    /// Millimetres along the normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<f64>,
    /// Its own label.
    pub label: Label,
    /// Its margin.
    pub margin: f64,
    /// Its own probability of haemorrhage, by the calibration of slices.
    pub probability: f64,
    /// Whether it is taken for a CT slice of a head; where not, it counts for nothing.
    pub in_distribution: bool,
    /// Why it is not; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A file that could not be read.
///
/// ```
/// let files = [("head/1.png", b"no picture, this")];
/// let answer = haemolens::Classifier::new()?.classify_study(files).remove(0);
/// assert_eq!(answer.failed[0].file, "head/1.png");
/// assert_eq!(answer.reason.as_deref(), Some("No slice could be read."));
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its name.
    pub file: String,
    /// What is wrong with it.
    pub error: Complaint,
}

/// An error in words.
///
/// ```
/// use haemolens::Error;
/// use haemolens::study::Failure;
///
/// let complaint = Failure::new("head/1.png", &Error::EmptyInput).error;
/// assert_eq!(complaint.name, Error::EmptyInput.name());
/// assert_eq!(complaint.message, Error::EmptyInput.to_string());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The name of the [`Error`].
    pub name: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Failure {
    /// The failure of a file.
    ///
    /// ```
    /// use haemolens::slice::Slice;
    /// use haemolens::study::Failure;
    ///
    /// let error = Slice::from_bytes(b"no picture, this").unwrap_err();
    /// let failure = Failure::new("head/1.png", &error);
    /// assert_eq!(failure.file, "head/1.png");
    /// assert_eq!(failure.error.name, "UnsupportedFormat");
    /// ```
    pub fn new(file: impl Into<String>, error: &Error) -> Self {
        Self {
            file: file.into(),
            error: Complaint {
                name: error.name().into(),
                message: error.to_string(),
            },
        }
    }
}

impl SeriesKind {
    /// Its name in words.
    ///
    /// ```
    /// use haemolens::study::SeriesKind;
    ///
    /// assert_eq!(SeriesKind::Standard.words(), "brain");
    /// assert_eq!(SeriesKind::NotHeadCt.words(), "not a head CT");
    /// ```
    pub fn words(self) -> &'static str {
        match self {
            Self::Standard => "brain",
            Self::Pictures => "pictures",
            Self::Thin => "thin slices",
            Self::Bone => "bone kernel",
            Self::Contrast => "with contrast agent",
            Self::Dynamic => "repeated at the same places",
            Self::Reformat => "reformat",
            Self::Localiser => "localiser",
            Self::NotHeadCt => "not a head CT",
        }
    }
}
