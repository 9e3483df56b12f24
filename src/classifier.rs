//! Bytes in, answer out: ties the rooms together.

use web_time::Instant;

use crate::Error;
use crate::classification::{Classification, Elapsed, Label, ModelName, Scores};
use crate::engine::Engine;
use crate::explain::Explanation;
use crate::guard::{self, Guard, Verdict};
use crate::model::{Facts, ModelCard, StoredModel};
use crate::preprocess::Crop;
use crate::retrain::{NetworkName, StoredPlane};
use crate::slice::{Content, Slice};
use crate::svm::LinearSvm;
use crate::walk::{self, Walk};

/// The trained AlexNet-SVM that every build carries (see `models/README.md`).
pub static ALEXNET_SVM: &[u8] = include_bytes!("../models/alexnet-svm.safetensors");

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
    guard: Guard,
    engine: Engine,
    haemorrhage: LinearSvm,
    normal: LinearSvm,
}

/// An answer with what it was read from.
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
            facts: model.facts,
            haemorrhage: model.haemorrhage,
            normal: model.normal,
        })
    }

    /// Classifies the one slice that `bytes` hold.
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
        if let Some(cause) = content.unlike(frame) {
            classification.in_distribution = false;
            classification.reason = Some(guard::reason(cause));
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
        let total = milliseconds(start);
        let elapsed_ms = Elapsed {
            decode: 0.0,
            preprocess,
            inference: total - preprocess,
            total,
        };
        let answer = self.answer(margin, normal_margin, verdict, elapsed_ms);
        Ok((answer, crop))
    }

    /// Classifies one of the slices that a file holds, counted from 0, and says where in it the
    /// margin comes from. That takes no longer than [`Classifier::examine_slice`] but for less than
    /// a millisecond with AlexNet-SVM, and about three in a browser with AlexNet's two dense layers.
    ///
    /// # Errors
    /// Those of [`Content::slice`].
    pub fn explain(&mut self, content: &Content, frame: usize) -> Result<Explanation, Error> {
        let examination = self.examine_slice(content, frame)?;
        Ok(self.explanation(examination.classification, examination.crop))
    }

    /// Classifies a decoded slice, and says where in it the margin comes from.
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
    pub fn unit_contributions(&mut self, layer: usize, unit: usize) -> Option<Vec<f32>> {
        self.engine.unit_contributions(layer, unit)
    }

    /// Of the answer that the engine gave last.
    fn explanation(&mut self, classification: Classification, crop: Crop) -> Explanation {
        let attribution = self.engine.attribution(&self.haemorrhage);
        Explanation::new(attribution, &self.facts.architecture, crop, classification)
    }

    /// What is known about the model.
    pub fn card(&self) -> &ModelCard {
        &self.facts.card
    }

    /// Everything in the model's header.
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
        let calibration = &self.facts.calibration;
        let probability = calibration.haemorrhage.probability(margin);
        Classification {
            label: if margin >= calibration.threshold {
                Label::Haemorrhage
            } else {
                Label::Normal
            },
            probability,
            margin,
            threshold: calibration.threshold,
            inconclusive: calibration.is_inconclusive(margin),
            scores: Scores {
                haemorrhage: probability,
                normal: calibration.normal.probability(normal_margin),
            },
            in_distribution: verdict.in_distribution(),
            distance: verdict.distance,
            reason: verdict.reason,
            frame: 0,
            model: ModelName {
                name: self.facts.card.name.clone(),
                version: self.facts.card.version.clone(),
            },
            elapsed_ms,
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
