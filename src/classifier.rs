//! Bytes in, answer out: ties the rooms together.

use web_time::Instant;

use crate::calibration::OperatingPoint;
use crate::classification::{Classification, Elapsed, KindScore, Label, ModelName, Scores};
use crate::engine::Engine;
use crate::explain::Explanation;
use crate::guard::{self, Guard, Verdict};
use crate::model::{Facts, ModelCard, StoredModel};
use crate::preprocess::Crop;
use crate::retrain::{NetworkName, StoredPlane};
use crate::slice::{Content, Slice};
use crate::svm::LinearSvm;
use crate::terms::Terms;
use crate::walk::{self, Walk};
use crate::{Error, HaemorrhageKind};

/// The trained AlexNet-SVM that this build carries (see `models/README.md`): the better one, or with
/// the feature `open-model` the one whose weights anyone may use.
#[cfg(not(feature = "open-model"))]
pub static ALEXNET_SVM: &[u8] = include_bytes!("../models/alexnet-svm.safetensors");
/// The trained AlexNet-SVM that this build carries (see `models/README.md`): the one whose weights
/// anyone may use.
#[cfg(feature = "open-model")]
pub static ALEXNET_SVM: &[u8] = include_bytes!("../models/alexnet-svm-open.safetensors");

/// A model ready to answer.
///
/// Takes `&mut self` to classify because its buffers are allocated once and used again.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
/// use haemolens::slice::Content;
///
/// let mut classifier = Classifier::new()?;
/// // A file of any kind that is read, opened once; DICOM files and archives hold several slices.
/// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
/// for index in 0..content.slices() {
///     let examination = classifier.examine_slice(&content, index)?;
///     assert!(examination.classification.in_distribution);
///     assert_eq!(examination.slice.width(), phantom::SIDE);
/// }
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug)]
pub struct Classifier {
    facts: Facts,
    terms: Terms,
    guard: Guard,
    engine: Engine,
    haemorrhage: LinearSvm,
    normal: LinearSvm,
    /// One for each of the header's kinds.
    kinds: Vec<LinearSvm>,
}

/// An answer with what it was read from.
///
/// ```
/// use haemolens::Classifier;
/// use haemolens::phantom::{self, Kind};
///
/// let examination = Classifier::new()?.examine(&phantom::draw(Kind::Normal).to_bmp()?)?;
/// assert!(examination.classification.in_distribution);
/// // The network saw the head, which is smaller than the slice.
/// assert!(examination.crop.side < examination.slice.width());
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Examination {
    /// The answer.
    pub classification: Classification,
    /// The decoded slice.
    pub slice: Slice,
    /// The square of the slice that the network saw.
    pub crop: Crop,
}

impl Classifier {
    /// The embedded AlexNet-SVM.
    ///
    /// ```
    /// use haemolens::Classifier;
    ///
    /// let classifier = Classifier::new()?;
    /// assert_eq!(classifier.card().name, "alexnet-svm");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the embedded bytes are damaged.
    pub fn new() -> Result<Self, Error> {
        Self::from_model(StoredModel::from_program(ALEXNET_SVM)?)
    }

    /// A classifier from any stored model.
    ///
    /// ```
    /// use haemolens::model::StoredModel;
    /// use haemolens::{ALEXNET_SVM, Classifier};
    ///
    /// let bytes = ALEXNET_SVM; // or what std::fs::read gives of another file
    /// let classifier = Classifier::from_model(StoredModel::from_bytes(bytes)?)?;
    /// assert_eq!(classifier.card().name, "alexnet-svm");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when its layers do not fit each other.
    pub fn from_model(model: StoredModel) -> Result<Self, Error> {
        Ok(Self {
            guard: Guard::new()?,
            engine: Engine::new(&model)?,
            terms: Terms::learned(&model.facts),
            facts: model.facts,
            haemorrhage: model.haemorrhage,
            normal: model.normal,
            kinds: model.kinds,
        })
    }

    /// Classifies the one slice that `bytes` hold.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::{Classifier, Label};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let answer = classifier.classify(&phantom::draw(Kind::Intraparenchymal).to_bmp()?)?;
    /// assert_eq!(answer.label, Label::Haemorrhage);
    /// let error = classifier.classify(b"no picture, this").unwrap_err();
    /// assert_eq!(error.name(), "UnsupportedFormat");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Every [`Error`] that bytes can cause.
    pub fn classify(&mut self, bytes: &[u8]) -> Result<Classification, Error> {
        Ok(self.examine(bytes)?.classification)
    }

    /// One answer for each slice in `bytes`.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let picture = phantom::draw(Kind::Subdural).to_bmp()?;
    /// let answers = Classifier::new()?.classify_all(&picture)?;
    /// assert_eq!(answers.len(), 1);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Classifier::classify`], but that there may be several slices.
    pub fn classify_all(&mut self, bytes: &[u8]) -> Result<Vec<Classification>, Error> {
        let mut read = Instant::now();
        let content = Content::open(bytes)?;
        let mut answers = Vec::with_capacity(content.slices());
        for frame in 0..content.slices() {
            // What reading the header takes counts with the first slice.
            answers.push(self.examine_frame(&content, frame, read)?.classification);
            read = Instant::now();
        }
        Ok(answers)
    }

    /// Classifies the one slice that `bytes` hold, and gives it back to show.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let phantom = phantom::draw(Kind::Subdural);
    /// let examination = Classifier::new()?.examine(&phantom.to_bmp()?)?;
    /// assert_eq!(examination.slice, phantom.into_slice());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Classifier::classify`].
    pub fn examine(&mut self, bytes: &[u8]) -> Result<Examination, Error> {
        let start = Instant::now();
        let content = Content::open(bytes)?;
        content.only_one()?;
        self.examine_frame(&content, 0, start)
    }

    /// Classifies one of the slices that a file holds, counted from 0.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let mut classifier = Classifier::new()?;
    /// let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
    /// let examination = classifier.examine_slice(&content, 0)?;
    /// assert_eq!(examination.classification.frame, 0);
    /// assert!(classifier.examine_slice(&content, 1).is_err(), "a picture is one slice");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::slice`].
    pub fn examine_slice(&mut self, content: &Content, frame: usize) -> Result<Examination, Error> {
        self.examine_frame(content, frame, Instant::now())
    }

    fn examine_frame(
        &mut self,
        content: &Content,
        frame: usize,
        start: Instant,
    ) -> Result<Examination, Error> {
        let slice = content.slice(frame)?;
        let decode = milliseconds(start);
        let (mut classification, crop) = self.classify_slice(&slice)?;
        let named = content.other_part(frame);
        let doubt = || self.guard.doubt(classification.distance, named);
        if let Some(cause) = content.unlike(frame).map(str::to_owned).or_else(doubt) {
            classification.in_distribution = false;
            classification.reason = Some(guard::reason(&cause));
        }
        classification.frame = frame;
        classification.elapsed_ms.decode = decode;
        classification.elapsed_ms.total = milliseconds(start);
        Ok(Examination {
            classification,
            slice,
            crop,
        })
    }

    /// Classifies a decoded slice.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::slice::Slice;
    ///
    /// // A slice from elsewhere than a file: here one that shows nothing.
    /// let slice = Slice::new(64, 64, vec![0; 64 * 64])?;
    /// let (answer, crop) = Classifier::new()?.classify_slice(&slice)?;
    /// assert!(!answer.in_distribution);
    /// assert_eq!((crop.x, crop.y, crop.side), (0, 0, 64));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when model and engine disagree.
    pub fn classify_slice(&mut self, slice: &Slice) -> Result<(Classification, Crop), Error> {
        let verdict = self.guard.judge(slice);
        let start = Instant::now();
        let (grey, crop) = self.facts.preprocessing.apply(slice);
        let preprocess = milliseconds(start);
        let features = self.engine.features(&grey)?;
        let margin = f64::from(self.haemorrhage.margin(features));
        let normal_margin = f64::from(self.normal.margin(features));
        let kinds = self.terms.kinds.iter().zip(&self.kinds);
        let kinds = kinds.map(|(told, svm)| {
            let margin = f64::from(svm.margin(features));
            KindScore {
                kind: told.kind,
                probability: told.calibration.probability(margin),
                margin,
            }
        });
        let kinds = kinds.collect();
        let total = milliseconds(start);
        let elapsed_ms = Elapsed {
            decode: 0.0,
            preprocess,
            inference: total - preprocess,
            total,
        };
        let answer = Classification {
            kinds,
            ..self.answer(margin, normal_margin, verdict, elapsed_ms)
        };
        Ok((answer, crop))
    }

    /// Classifies one of the slices that a file holds, counted from 0, and says where in it the
    /// margin comes from. That takes no longer than [`Classifier::examine_slice`] but for less than
    /// a millisecond with AlexNet-SVM, and about three in a browser with AlexNet's two dense layers.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let content = Content::open(phantom::draw(Kind::Intraparenchymal).to_bmp()?)?;
    /// let explanation = Classifier::new()?.explain(&content, 0)?;
    /// // The haematoma is around this pixel.
    /// let (column, row) = explanation.place_at(318.0, 252.0);
    /// assert!(explanation.contributions[row * explanation.columns + column] > 0.0);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::slice`].
    pub fn explain(&mut self, content: &Content, frame: usize) -> Result<Explanation, Error> {
        let examination = self.examine_slice(content, frame)?;
        Ok(self.explanation(examination.classification, examination.crop))
    }

    /// Classifies a decoded slice, and says where in it the margin comes from.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let slice = phantom::draw(Kind::Normal).into_slice();
    /// let explanation = Classifier::new()?.explain_slice(&slice)?;
    /// assert_eq!(explanation.margin, explanation.classification.margin);
    /// let places = explanation.columns * explanation.rows;
    /// assert_eq!(explanation.contributions.len(), places);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Classifier::classify_slice`].
    pub fn explain_slice(&mut self, slice: &Slice) -> Result<Explanation, Error> {
        let (classification, crop) = self.classify_slice(slice)?;
        Ok(self.explanation(classification, crop))
    }

    /// Classifies one of the slices that a file holds, counted from 0, and keeps what every layer made of
    /// it. For looking into a network: it allocates the maps, and convolves once more what is normalised.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
    /// let walk = Classifier::new()?.walk(&content, 0)?;
    /// assert_eq!(walk.input.len(), walk.network.input_side.pow(2));
    /// assert_eq!(walk.layers.convs.len(), walk.network.convs.len());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::slice`].
    pub fn walk(&mut self, content: &Content, frame: usize) -> Result<Walk, Error> {
        let examination = self.examine_slice(content, frame)?;
        let (input, crop) = self.facts.preprocessing.apply(&examination.slice);
        let network = self.facts.architecture.clone();
        Ok(Walk {
            slice: examination.slice,
            input,
            layers: self.engine.layers(),
            fields: walk::fields(&network, crop),
            network,
            plane: self.haemorrhage.clone(),
            explanation: self.explanation(examination.classification, crop),
            calibration: self.facts.calibration,
        })
    }

    /// Classifies one of the slices that a file holds, counted from 0, and gives the units that the
    /// margin reads: what a plane of one's own is learned from (see [`crate::retrain`]).
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let mut classifier = Classifier::new()?;
    /// let content = Content::open(phantom::draw(Kind::Normal).to_bmp()?)?;
    /// let (answer, units) = classifier.describe(&content, 0)?;
    /// assert!(answer.in_distribution);
    /// assert_eq!(units.len(), classifier.facts().architecture.units());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::slice`].
    pub fn describe(
        &mut self,
        content: &Content,
        frame: usize,
    ) -> Result<(Classification, Vec<f32>), Error> {
        let classification = self.examine_slice(content, frame)?.classification;
        Ok((classification, self.engine.units().to_vec()))
    }

    /// Which network this is, for planes that read its units. What was classified last is forgotten.
    ///
    /// ```
    /// use haemolens::model::StoredModel;
    /// use haemolens::{ALEXNET_SVM, Classifier};
    ///
    /// let name = Classifier::new()?.network_name()?;
    /// // Other weights under the same name are told apart.
    /// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
    /// model.linears[0].layer.bias[0] += 1.0;
    /// let other = Classifier::from_model(model)?.network_name()?;
    /// assert_eq!((&other.name, &other.version), (&name.name, &name.version));
    /// assert_ne!(other.fingerprint, name.fingerprint);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] when model and engine disagree.
    pub fn network_name(&mut self) -> Result<NetworkName, Error> {
        let side = self.facts.architecture.input_side;
        let pattern: Vec<u8> = (0..side * side)
            .map(|i| ((i / side) * (i % side) / 64 % 256) as u8)
            .collect();
        let card = &self.facts.card;
        let units = self.engine.features(&pattern)?;
        Ok(NetworkName::new(&card.name, &card.version, units))
    }

    /// Answers with a plane of one's own from now on, in place of the model's. The model's card goes
    /// with the model's plane: what stays of it is the name, and what the plane was learned from.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::retrain::{Examples, StoredPlane};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let network = classifier.network_name()?;
    /// let mut examples = Examples::default();
    /// // In earnest these come from Classifier::describe.
    /// examples.add(&vec![1.0; network.units], true, 0)?;
    /// examples.add(&vec![0.0; network.units], false, 1)?;
    /// classifier.use_plane(&StoredPlane::learn(network, &examples, 2)?)?;
    /// assert_eq!(classifier.card().name, "alexnet-svm-own");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the plane reads another network's units.
    pub fn use_plane(&mut self, own: &StoredPlane) -> Result<(), Error> {
        own.check_network(&self.network_name()?)?;
        (self.haemorrhage, self.normal) = own.planes();
        own.tell(&mut self.facts);
        Ok(())
    }

    /// What each place of the last map contributes to one unit of a fully connected layer, both counted
    /// from 0, for the slice that was classified last: row-major, in the unit's own values. `None` where
    /// there is no such unit.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    ///
    /// let mut classifier = Classifier::new()?;
    /// let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
    /// let (_, units) = classifier.describe(&content, 0)?;
    /// for (unit, value) in units.iter().enumerate() {
    ///     let places = classifier.unit_contributions(0, unit).expect("there is such a unit");
    ///     // Nothing contributes to a unit that is silent.
    ///     assert_eq!(*value > 0.0, places.iter().any(|place| *place != 0.0));
    /// }
    /// assert_eq!(classifier.unit_contributions(0, units.len()), None);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn unit_contributions(&mut self, layer: usize, unit: usize) -> Option<Vec<f32>> {
        self.engine.unit_contributions(layer, unit)
    }

    /// Of the answer that the engine gave last.
    fn explanation(&mut self, classification: Classification, crop: Crop) -> Explanation {
        let attribution = self.engine.attribution(&self.haemorrhage);
        Explanation::new(attribution, &self.facts.architecture, crop, classification)
    }

    /// As [`Classifier::explain`], of the margin of one kind of haemorrhage.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::slice::Content;
    /// use haemolens::{Classifier, HaemorrhageKind};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let content = Content::open(phantom::draw(Kind::Subdural).to_bmp()?)?;
    /// let kind = HaemorrhageKind::Subdural;
    /// match classifier.explain_kind(&content, 0, kind) {
    ///     Ok(explanation) => assert_eq!(explanation.kind, Some(kind)),
    ///     // A model that was not taught kinds.
    ///     Err(e) => assert_eq!(e.name(), "UnknownKind"),
    /// }
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Content::slice`], and [`Error::UnknownKind`] when the model does not tell the kind.
    pub fn explain_kind(
        &mut self,
        content: &Content,
        frame: usize,
        kind: HaemorrhageKind,
    ) -> Result<Explanation, Error> {
        let mut kinds = self.facts.kinds.iter();
        let Some(at) = kinds.position(|told| told.kind == kind) else {
            let model = &self.facts.card.name;
            return Err(Error::UnknownKind(format!(
                "The model {model} does not tell {kind} from other kinds of haemorrhage. Choose a \
                 model that does, or ask for haemorrhage as a whole."
            )));
        };
        let examination = self.examine_slice(content, frame)?;
        let attribution = self.engine.attribution(&self.kinds[at]);
        let margin = examination.classification.kinds[at].margin;
        let network = &self.facts.architecture;
        let whole = Explanation::new(
            attribution,
            network,
            examination.crop,
            examination.classification,
        );
        Ok(Explanation {
            kind: Some(kind),
            margin,
            ..whole
        })
    }

    /// Calls slices and studies haemorrhage from another threshold on; at first it is balanced.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::calibration::OperatingPoint;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let mut classifier = Classifier::new()?;
    /// classifier.set_operating_point(OperatingPoint::Screening);
    /// let answer = classifier.classify(&phantom::draw(Kind::Subdural).to_bmp()?)?;
    /// assert_eq!(answer.operating_point, OperatingPoint::Screening);
    /// assert_eq!(answer.threshold, classifier.facts().calibration.threshold.screening);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn set_operating_point(&mut self, point: OperatingPoint) {
        self.terms.point = point;
    }

    /// Gives probabilities for another share of slices (of studies, for studies) with haemorrhage,
    /// 0–1, or for the one that the model learned from.
    ///
    /// ```
    /// use haemolens::Classifier;
    /// use haemolens::phantom::{self, Kind};
    ///
    /// let picture = phantom::draw(Kind::Subdural).to_bmp()?;
    /// let mut classifier = Classifier::new()?;
    /// let learned = classifier.classify(&picture)?;
    /// classifier.set_prevalence(Some(0.01))?;
    /// let rare = classifier.classify(&picture)?;
    /// assert!(rare.probability < learned.probability);
    /// assert_eq!((rare.margin, rare.prevalence), (learned.margin, Some(0.01)));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] where it is no share, or the model does not say for which share its
    /// probabilities are; then all stays as it was.
    pub fn set_prevalence(&mut self, prevalence: Option<f64>) -> Result<(), Error> {
        let terms = match prevalence {
            None => Terms::learned(&self.facts),
            Some(share) => Terms::at_prevalence(&self.facts, share)?,
        };
        self.terms = Terms {
            point: self.terms.point,
            ..terms
        };
        Ok(())
    }

    /// The model that answers.
    pub(crate) fn model_name(&self) -> ModelName {
        ModelName {
            name: self.facts.card.name.clone(),
            version: self.facts.card.version.clone(),
        }
    }

    /// The terms on which it answers.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What is known about the model.
    ///
    /// ```
    /// use haemolens::Classifier;
    ///
    /// let classifier = Classifier::new()?;
    /// let auc = &classifier.card().figures["aucPatient"];
    /// assert!(auc.low < Some(auc.value) && Some(auc.value) < auc.high);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn card(&self) -> &ModelCard {
        &self.facts.card
    }

    /// Everything in the model's header.
    ///
    /// ```
    /// use haemolens::Classifier;
    ///
    /// let classifier = Classifier::new()?;
    /// let facts = classifier.facts();
    /// assert_eq!(facts.preprocessing.side, facts.architecture.input_side);
    /// assert!(facts.study.is_some(), "it has learned to answer for studies");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    fn answer(
        &self,
        margin: f64,
        normal_margin: f64,
        verdict: Verdict,
        elapsed_ms: Elapsed,
    ) -> Classification {
        let Terms {
            point, calibration, ..
        } = &self.terms;
        let threshold = calibration.threshold.at(*point);
        let probability = calibration.haemorrhage.probability(margin);
        Classification {
            label: Label::of(margin, threshold),
            probability,
            margin,
            threshold,
            operating_point: *point,
            prevalence: calibration.prevalence,
            inconclusive: calibration.is_inconclusive(margin),
            scores: Scores {
                haemorrhage: probability,
                normal: calibration.normal.probability(normal_margin),
            },
            kinds: Vec::new(),
            in_distribution: verdict.in_distribution(),
            distance: verdict.distance,
            reason: verdict.reason,
            frame: 0,
            model: self.model_name(),
            elapsed_ms,
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
