//! From a margin to a probability and a verdict.
//!
//! [`Platt`] makes a probability of a margin, for a share of haemorrhage that may be moved
//! (`prevalence`); [`Calibration`] holds what is known of slices, [`StudyCalibration`] what is known of
//! whole studies, each with a threshold for every [`OperatingPoint`].
//!
//! ```
//! use haemolens::calibration::Platt;
//!
//! let margins = [-2.0, -1.0, 0.5, -0.5, 1.0, 2.0];
//! let platt = Platt::fit(&margins, &[false, false, false, true, true, true]);
//! assert!(platt.probability(2.0) > 0.5 && platt.probability(-2.0) < 0.5);
//! ```

mod operating_point;
mod platt;
mod prevalence;
mod study;

use serde::{Deserialize, Serialize};

pub use self::operating_point::{OperatingPoint, Thresholds};
pub use self::platt::Platt;
pub use self::prevalence::{check_prevalence, predictive_values};
pub use self::study::{StudyCalibration, most_telling, study_margin};
use crate::Error;

/// How a model's margins become answers; chosen on held-out patients.
///
/// ```
/// use haemolens::calibration::Calibration;
///
/// let calibration = Calibration {
///     threshold: 0.3.into(),
///     inconclusive: [0.1, 0.6],
///     ..Calibration::UNCALIBRATED
/// };
/// // This margin is on the side of haemorrhage, but not by enough to count on.
/// let margin = 0.5;
/// assert!(margin >= calibration.threshold.balanced && calibration.is_inconclusive(margin));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Probability of haemorrhage from the haemorrhage plane's margin.
    pub haemorrhage: Platt,
    /// The paper's second score, from the normal plane's own margin.
    pub normal: Platt,
    /// Margins from which a slice is called haemorrhage.
    pub threshold: Thresholds,
    /// Margins between which the answer is inconclusive, `[low, high]`.
    pub inconclusive: [f64; 2],
    /// The share of slices with haemorrhage that the probabilities are for, 0–1; absent where it is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
}

/// Where the answers change, on the scale of calibrated probability.
///
/// ```
/// use haemolens::calibration::Calibration;
///
/// let calibration = Calibration {
///     inconclusive: [-1.0, 1.0],
///     ..Calibration::UNCALIBRATED
/// };
/// let decision = calibration.decision();
/// assert_eq!(decision.threshold.balanced, 0.5);
/// let [low, high] = decision.inconclusive;
/// assert!(low < 0.3 && high > 0.7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decision {
    /// From here on a slice is called haemorrhage.
    pub threshold: Thresholds,
    /// Between these the answer is inconclusive, `[low, high]`.
    pub inconclusive: [f64; 2],
}

impl Calibration {
    /// The plain logistic of the margin, which is a softmax's own probability; threshold at one
    /// half, no band. What a model has before it is calibrated on held-out patients.
    pub const UNCALIBRATED: Self = {
        let logistic = Platt {
            slope: -1.0,
            offset: 0.0,
        };
        Self {
            haemorrhage: logistic,
            normal: logistic,
            threshold: Thresholds {
                screening: 0.0,
                balanced: 0.0,
                confirming: 0.0,
            },
            inconclusive: [0.0, 0.0],
            prevalence: None,
        }
    };

    /// Threshold and band as calibrated probabilities.
    ///
    /// ```
    /// use haemolens::phantom::{self, Kind};
    /// use haemolens::{Classifier, Label};
    ///
    /// let mut classifier = Classifier::new()?;
    /// let (answer, _) = classifier.classify_slice(&phantom::draw(Kind::Subdural).into_slice())?;
    /// // Where a scale of probability is to show where the label changes.
    /// let decision = classifier.facts().calibration.decision();
    /// assert_eq!(answer.probability >= decision.threshold.balanced, answer.label == Label::Haemorrhage);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn decision(&self) -> Decision {
        let probability = |margin| self.haemorrhage.probability(margin);
        Decision {
            threshold: self.threshold.map(probability),
            inconclusive: self.inconclusive.map(probability),
        }
    }

    /// Whether the margin lies inside the inconclusive band.
    ///
    /// ```
    /// use haemolens::calibration::Calibration;
    ///
    /// let calibration = Calibration {
    ///     inconclusive: [-0.2, 0.4],
    ///     ..Calibration::UNCALIBRATED
    /// };
    /// assert!(calibration.is_inconclusive(0.0));
    /// assert!(!calibration.is_inconclusive(0.4), "its ends are outside of the band");
    /// ```
    pub fn is_inconclusive(&self, margin: f64) -> bool {
        let [low, high] = self.inconclusive;
        low < margin && margin < high
    }

    /// The same where another share of slices shows haemorrhage, by Bayes' rule. Threshold and band
    /// are margins, and stay.
    ///
    /// ```
    /// use haemolens::Classifier;
    ///
    /// let classifier = Classifier::new()?;
    /// let learned = classifier.facts().calibration;
    /// let rarer = learned.at_prevalence(0.01)?;
    /// assert!(rarer.haemorrhage.probability(1.0) < learned.haemorrhage.probability(1.0));
    /// assert!(learned.at_prevalence(10.0).is_err());
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] where it is no share, or the model does not say for which share its
    /// probabilities are.
    pub fn at_prevalence(&self, wanted: f64) -> Result<Self, Error> {
        let learned = known(self.prevalence)?;
        let wanted = check_prevalence(wanted)?;
        Ok(Self {
            haemorrhage: self.haemorrhage.at_prevalence(learned, wanted),
            normal: self.normal.at_prevalence(1.0 - learned, 1.0 - wanted),
            prevalence: Some(wanted),
            ..*self
        })
    }
}

/// The share that a model's probabilities are for.
fn known(prevalence: Option<f64>) -> Result<f64, Error> {
    prevalence.ok_or_else(|| {
        Error::InvalidSetting(
            "This model does not say for which share of haemorrhage its probabilities are, so they \
             cannot be given for another. Leave the share out, or choose another model."
                .into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decision_is_the_calibration_on_the_scale_of_probability() {
        let platt = Platt {
            slope: -1.5,
            offset: 1.0,
        };
        let calibration = Calibration {
            haemorrhage: platt,
            normal: platt,
            threshold: Thresholds {
                screening: -0.9,
                balanced: -0.3,
                confirming: 0.2,
            },
            inconclusive: [-1.0, 0.4],
            prevalence: None,
        };
        let decision = calibration.decision();
        assert_eq!(decision.threshold.balanced, platt.probability(-0.3));
        assert_eq!(decision.threshold.confirming, platt.probability(0.2));
        let [low, high] = decision.inconclusive;
        assert!(low < decision.threshold.screening && decision.threshold.confirming < high);
    }

    #[test]
    fn another_prevalence_moves_probabilities_and_nothing_else() {
        let platt = Platt {
            slope: -1.5,
            offset: 1.0,
        };
        let learned = Calibration {
            haemorrhage: platt,
            normal: platt,
            threshold: (-0.3).into(),
            inconclusive: [-1.0, 0.4],
            prevalence: Some(0.2),
        };
        let rarer = learned.at_prevalence(0.02).unwrap();
        assert_eq!(rarer.threshold, learned.threshold);
        assert_eq!(rarer.inconclusive, learned.inconclusive);
        assert!(rarer.haemorrhage.probability(0.0) < learned.haemorrhage.probability(0.0));
        assert!(rarer.normal.probability(0.0) > learned.normal.probability(0.0));
        let unknown = Calibration {
            prevalence: None,
            ..learned
        };
        assert_eq!(
            unknown.at_prevalence(0.1).unwrap_err().name(),
            "InvalidSetting"
        );
    }
}
