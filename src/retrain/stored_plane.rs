//! The small file that a plane of one's own is kept in: JSON, without any image.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Examples;
use crate::Classifier;
use crate::Error;
use crate::calibration::{Calibration, Platt};
use crate::model::{Facts, ModelCard, StoredModel};
use crate::svm::LinearSvm;

/// What the file says it is.
const FORMAT: &str = "haemolens-plane";
/// Version of the layout; a file of another is refused.
const VERSION: u32 = 1;
/// Largest magnitude of a weight; far above what solving gives.
const LARGEST: f32 = 1e6;

/// Which network's units a plane reads.
///
/// ```
/// use haemolens::Classifier;
///
/// let mut classifier = Classifier::new()?;
/// let network = classifier.network_name()?;
/// assert_eq!((&network.name[..], network.fingerprint.len()), ("alexnet-svm", 64));
/// assert_eq!(network.units, classifier.facts().architecture.units());
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkName {
    /// Its model's name.
    pub name: String,
    /// Its model's version.
    pub version: String,
    /// SHA-256, in hexadecimal, of the units that it gives for a fixed pattern: two networks that share
    /// it give every slice the same units.
    pub fingerprint: String,
    /// How many units those are.
    pub units: usize,
}

impl NetworkName {
    /// Of a network that gives these units for the fixed pattern.
    pub(crate) fn new(name: &str, version: &str, units: &[f32]) -> Self {
        let mut digest = Sha256::new();
        for unit in units {
            digest.update(unit.to_le_bytes());
        }
        Self {
            name: name.into(),
            version: version.into(),
            fingerprint: digest
                .finalize()
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect(),
            units: units.len(),
        }
    }
}

/// What a plane was learned from.
///
/// ```
/// use haemolens::retrain::{Examples, LearnedFrom, StoredPlane};
///
/// # let network = haemolens::Classifier::new()?.network_name()?;
/// let mut examples = Examples::default();
/// examples.add(&[1.0], true, 0)?;
/// examples.add(&[0.1], false, 0)?;
/// examples.add(&[0.0], false, 1)?;
/// // `network` is what Classifier::network_name gives.
/// let plane = StoredPlane::learn(network, &examples, 2)?;
/// let expected = LearnedFrom { haemorrhage: 1, normal: 2, groups: 2 };
/// assert_eq!(plane.learned_from, expected);
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnedFrom {
    /// Slices with haemorrhage.
    pub haemorrhage: usize,
    /// Slices without.
    pub normal: usize,
    /// Groups, such as patients, that they belong to.
    pub groups: usize,
}

impl LearnedFrom {
    /// The share of the slices that show haemorrhage.
    fn prevalence(&self) -> f64 {
        self.haemorrhage as f64 / (self.haemorrhage + self.normal) as f64
    }
}

/// A plane with what it takes to answer with it.
///
/// ```
/// use haemolens::retrain::{Examples, StoredPlane};
///
/// # let network = haemolens::Classifier::new()?.network_name()?;
/// let mut examples = Examples::default();
/// examples.add(&[1.0, 0.1], true, 0)?;
/// examples.add(&[0.1, 0.8], false, 1)?;
/// // `network` is what Classifier::network_name gives.
/// let plane = StoredPlane::learn(network, &examples, 2)?;
/// let json = String::from_utf8(plane.to_json()?).expect("JSON is text");
/// assert!(json.contains(r#""format": "haemolens-plane""#));
/// assert_eq!(plane.probability, None, "too few slices to hold any out");
/// # Ok::<(), haemolens::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPlane {
    format: String,
    version: u32,
    /// The network whose units it reads.
    pub network: NetworkName,
    /// What it was learned from.
    pub learned_from: LearnedFrom,
    /// Probability of haemorrhage from the margin, fitted to held-out margins; absent where too few
    /// slices could be held out, and the plain logistic function stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Platt>,
    weights: Vec<f32>,
    bias: f32,
}

impl StoredPlane {
    /// Solves for `examples`, and calibrates on margins held out over `folds` folds (see
    /// [`Examples::held_out`]).
    ///
    /// ```
    /// use haemolens::retrain::{Examples, StoredPlane};
    ///
    /// # let network = haemolens::Classifier::new()?.network_name()?;
    /// let mut examples = Examples::default();
    /// for (patient, unit) in [0.1, 0.9, 0.2, 0.8, 0.3, 0.7].into_iter().enumerate() {
    ///     examples.add(&[unit], unit > 0.5, patient)?;
    /// }
    /// // `network` is what Classifier::network_name gives.
    /// let plane = StoredPlane::learn(network, &examples, 3)?;
    /// assert!(plane.probability.is_some_and(|platt| platt.slope < 0.0));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] while a class is missing.
    pub fn learn(network: NetworkName, examples: &Examples, folds: usize) -> Result<Self, Error> {
        let missing = "A plane parts two classes: add a slice with haemorrhage and one without.";
        let plane = examples.solve();
        let plane = plane.ok_or_else(|| Error::CorruptModel(missing.into()))?;
        let haemorrhage = examples.labels().iter().filter(|&&label| label).count();
        let stored = Self {
            format: FORMAT.into(),
            version: VERSION,
            network,
            learned_from: LearnedFrom {
                haemorrhage,
                normal: examples.len() - haemorrhage,
                groups: examples.groups(),
            },
            probability: calibrate(&examples.held_out(folds), examples.labels()),
            weights: plane.weights,
            bias: plane.bias,
        };
        stored.check()?;
        Ok(stored)
    }

    /// Reads and checks a file.
    ///
    /// ```
    /// use haemolens::retrain::StoredPlane;
    ///
    /// let error = StoredPlane::from_json(br#"{"format": "a shopping list", "version": 1}"#);
    /// let error = error.unwrap_err();
    /// assert_eq!(error.name(), "CorruptModel");
    /// assert!(error.to_string().contains("a shopping list"));
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] saying what is wrong with it.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let kind: Kind = serde_json::from_slice(json)
            .map_err(|_| corrupt("it is no file of a plane".to_owned()))?;
        if kind.format != FORMAT {
            return Err(corrupt(format!("it is a file of “{}”", kind.format)));
        }
        if kind.version != VERSION {
            return Err(corrupt(format!(
                "it is of version {}, this program reads version {VERSION}",
                kind.version
            )));
        }
        let plane: Self = serde_json::from_slice(json).map_err(|e| corrupt(e.to_string()))?;
        plane.check()?;
        Ok(plane)
    }

    /// The file's content.
    ///
    /// ```
    /// use haemolens::retrain::{Examples, StoredPlane};
    ///
    /// # let network = haemolens::Classifier::new()?.network_name()?;
    /// let mut examples = Examples::default();
    /// examples.add(&[1.0, 0.1], true, 0)?;
    /// examples.add(&[0.1, 0.8], false, 1)?;
    /// // `network` is what Classifier::network_name gives.
    /// let plane = StoredPlane::learn(network, &examples, 2)?;
    /// assert_eq!(StoredPlane::from_json(&plane.to_json()?)?, plane);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Internal`] never, unless memory runs out.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec_pretty(self).map_err(|e| Error::Internal(e.to_string()))
    }

    /// The plane of haemorrhage against normal, and the contrary one.
    ///
    /// ```
    /// use haemolens::retrain::{Examples, StoredPlane};
    ///
    /// # let network = haemolens::Classifier::new()?.network_name()?;
    /// # let mut examples = Examples::default();
    /// # examples.add(&[1.0, 0.1], true, 0)?;
    /// # examples.add(&[0.1, 0.8], false, 1)?;
    /// let plane = StoredPlane::learn(network, &examples, 2)?;
    /// let (haemorrhage, normal) = plane.planes();
    /// let units = [0.7, 0.2];
    /// assert_eq!(haemorrhage.margin(&units), -normal.margin(&units));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn planes(&self) -> (LinearSvm, LinearSvm) {
        let plane = |sign: f32| LinearSvm {
            weights: self.weights.iter().map(|w| sign * w).collect(),
            bias: sign * self.bias,
        };
        (plane(1.0), plane(-1.0))
    }

    /// How its margins become answers: the plane itself divides the classes, there is no band around
    /// it, and the paper's second score is the first one's contrary.
    ///
    /// ```
    /// use haemolens::retrain::{Examples, StoredPlane};
    ///
    /// # let network = haemolens::Classifier::new()?.network_name()?;
    /// # let mut examples = Examples::default();
    /// # examples.add(&[1.0, 0.1], true, 0)?;
    /// # examples.add(&[0.1, 0.8], false, 1)?;
    /// let plane = StoredPlane::learn(network, &examples, 2)?;
    /// let calibration = plane.calibration();
    /// assert_eq!(calibration.threshold.balanced, 0.0);
    /// let haemorrhage = calibration.haemorrhage.probability(0.5);
    /// let normal = calibration.normal.probability(-0.5);
    /// assert!((haemorrhage + normal - 1.0).abs() < 1e-12);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn calibration(&self) -> Calibration {
        let learned_from = self.learned_from;
        let haemorrhage = self
            .probability
            .unwrap_or(Calibration::UNCALIBRATED.haemorrhage);
        Calibration {
            haemorrhage,
            normal: Platt {
                offset: -haemorrhage.offset,
                ..haemorrhage
            },
            prevalence: self.probability.map(|_| learned_from.prevalence()),
            ..Calibration::UNCALIBRATED
        }
    }

    /// Puts the plane into a model whose units it reads, in place of the model's own.
    ///
    /// ```
    /// use haemolens::model::StoredModel;
    /// use haemolens::retrain::{Examples, StoredPlane};
    /// use haemolens::{ALEXNET_SVM, Classifier};
    ///
    /// let network = Classifier::new()?.network_name()?;
    /// let mut examples = Examples::default();
    /// // In earnest these come from Classifier::describe.
    /// examples.add(&vec![1.0; network.units], true, 0)?;
    /// examples.add(&vec![0.0; network.units], false, 1)?;
    /// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
    /// StoredPlane::learn(network, &examples, 2)?.put_into(&mut model)?;
    /// assert_eq!(model.facts.card.name, "alexnet-svm-own");
    /// model.to_bytes()?; // a model file of its own
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when it reads another network's units.
    pub fn put_into(&self, model: &mut StoredModel) -> Result<(), Error> {
        self.check_network(&Classifier::from_model(model.clone())?.network_name()?)?;
        (model.haemorrhage, model.normal) = self.planes();
        self.tell(&mut model.facts);
        Ok(())
    }

    /// Whether it reads the units of this network.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when it does not.
    pub(crate) fn check_network(&self, network: &NetworkName) -> Result<(), Error> {
        if self.network.fingerprint == network.fingerprint && self.weights.len() == network.units {
            return Ok(());
        }
        Err(Error::CorruptModel(format!(
            "The plane reads the network {} {}, this is {} {}, or other weights of that name. Use \
             it with the network that it was solved on.",
            self.network.name, self.network.version, network.name, network.version
        )))
    }

    /// Says in a model's facts that it answers by this plane.
    pub(crate) fn tell(&self, facts: &mut Facts) {
        let LearnedFrom {
            haemorrhage,
            normal,
            groups,
        } = self.learned_from;
        facts.calibration = self.calibration();
        facts.study = None;
        facts.card = ModelCard {
            name: format!("{}-own", self.network.name),
            version: self.network.version.clone(),
            data: format!(
                "{haemorrhage} slices with haemorrhage and {normal} without, of {groups} groups"
            ),
            protocol: "a plane of one's own on the network's units".into(),
            ..ModelCard::default()
        };
    }

    fn check(&self) -> Result<(), Error> {
        let is_usable = |w: &f32| w.is_finite() && w.abs() <= LARGEST;
        if self.weights.is_empty() || !self.weights.iter().chain([&self.bias]).all(is_usable) {
            return Err(corrupt("its weights are not usable numbers".to_owned()));
        }
        if self.probability.is_some_and(|p| !p.is_usable()) {
            return Err(corrupt("its probabilities are not usable".to_owned()));
        }
        Ok(())
    }
}

/// Platt's sigmoid, where slices of both classes were held out and their margins rise with the class.
fn calibrate(held_out: &[Option<f64>], labels: &[bool]) -> Option<Platt> {
    let known = held_out.iter().zip(labels);
    let (margins, labels): (Vec<f64>, Vec<bool>) = known
        .filter_map(|(m, &label)| m.map(|m| (m, label)))
        .unzip();
    if !labels.contains(&true) || !labels.contains(&false) {
        return None;
    }
    Some(Platt::fit(&margins, &labels)).filter(|fit| fit.slope < 0.0)
}

fn corrupt(what: String) -> Error {
    Error::CorruptModel(format!(
        "The plane cannot be used: {what}. Save it again from the page that solved it."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> NetworkName {
        NetworkName {
            name: "alexnet-svm".into(),
            version: "0.1.0".into(),
            fingerprint: "ab".repeat(32),
            units: 3,
        }
    }

    fn examples() -> Examples {
        let mut examples = Examples::default();
        for i in 0..24u8 {
            let units = [f32::from(i % 7), f32::from(i % 5), f32::from(i)];
            examples.add(&units, i >= 10, usize::from(i)).unwrap();
        }
        examples
    }

    #[test]
    fn a_plane_reads_back_as_it_was_written() {
        let plane = StoredPlane::learn(network(), &examples(), 5).unwrap();
        let json = plane.to_json().unwrap();
        assert_eq!(StoredPlane::from_json(&json).unwrap(), plane);
        let text = String::from_utf8(json).unwrap();
        assert!(text.contains("\"learnedFrom\": {\n    \"haemorrhage\": 14,\n    \"normal\": 10"));
        assert_eq!(Some(plane.planes().0), examples().solve());
        let calibration = plane.calibration();
        let [low, high] = [-1.0, 1.0].map(|m| calibration.haemorrhage.probability(m));
        assert!(low < 0.5 && high > 0.5, "{low} {high}");
    }

    #[test]
    fn the_second_score_is_the_contrary_of_the_first() {
        let calibration = StoredPlane::learn(network(), &examples(), 5)
            .unwrap()
            .calibration();
        for margin in [-2.0, -0.1, 0.0, 0.7] {
            // The normal plane's margin is the other one's, negated.
            let normal = calibration.normal.probability(-margin);
            let both = normal + calibration.haemorrhage.probability(margin);
            assert!((both - 1.0).abs() < 1e-12, "{both}");
        }
    }

    #[test]
    fn files_that_are_no_planes_are_refused_by_name() {
        let plane = StoredPlane::learn(network(), &examples(), 5).unwrap();
        let text = String::from_utf8(plane.to_json().unwrap()).unwrap();
        let first = text.split("\"weights\": [").nth(1).unwrap();
        let first = first.trim_start().split(',').next().unwrap();
        for (wrong, said) in [
            (String::new(), "no file of a plane"),
            ("{}".into(), "no file of a plane"),
            (text.replace(FORMAT, "recipe"), "“recipe”"),
            (
                text.replace("\"version\": 1,", "\"version\": 9,"),
                "version 9",
            ),
            (text.replace(first, "1e300"), "plane cannot be used"),
            (text.replace(first, "1e7"), "usable numbers"),
            (text.replace(first, "null"), "plane cannot be used"),
            (text.replace("\"bias\"", "\"base\""), "bias"),
        ] {
            let error = StoredPlane::from_json(wrong.as_bytes()).unwrap_err();
            assert_eq!(error.name(), "CorruptModel");
            assert!(error.to_string().contains(said), "{error} for {wrong}");
        }
    }

    #[test]
    fn a_plane_whose_probabilities_fall_with_the_margin_is_refused() {
        let plane = StoredPlane::learn(network(), &examples(), 5).unwrap();
        let turned = StoredPlane {
            probability: plane.probability.map(|p| Platt {
                slope: -p.slope,
                ..p
            }),
            ..plane
        };
        let error = StoredPlane::from_json(&turned.to_json().unwrap()).unwrap_err();
        assert!(error.to_string().contains("probabilities"), "{error}");
    }

    #[test]
    fn one_class_makes_no_plane_and_two_slices_no_calibration() {
        let mut few = Examples::default();
        few.add(&[1.0], true, 0).unwrap();
        let error = StoredPlane::learn(network(), &few, 5).unwrap_err();
        assert!(error.to_string().contains("one without"), "{error}");
        few.add(&[0.0], false, 1).unwrap();
        let plane = StoredPlane::learn(network(), &few, 5).unwrap();
        assert_eq!(plane.probability, None);
        assert_eq!(plane.calibration(), Calibration::UNCALIBRATED);
    }
}
