//! From the margins of a study's slices to an answer for the study.

use serde::{Deserialize, Serialize};

use super::{Platt, Thresholds, check_prevalence, known};
use crate::Error;

/// How the margins of a study's slices become an answer for the study; chosen on whole held-out
/// patients.
///
/// ```
/// use haemolens::calibration::{Platt, StudyCalibration, study_margin};
///
/// let study = StudyCalibration {
///     share: 0.4,
///     haemorrhage: Platt { slope: -1.0, offset: 0.0 },
///     threshold: 0.0.into(),
///     inconclusive: [-0.5, 0.5],
///     prevalence: Some(0.4),
/// };
/// // Two of five slices are averaged.
/// let margin = study_margin(study.share, &[-1.0, 2.0, 1.0, -3.0, -2.0]);
/// assert_eq!(margin, 1.5);
/// assert!(study.haemorrhage.probability(margin) > 0.8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StudyCalibration {
    /// The share of the slices that is averaged, above 0 up to 1: those with the highest margins.
    pub share: f64,
    /// Probability of haemorrhage from the average.
    pub haemorrhage: Platt,
    /// Averages from which a study is called haemorrhage.
    pub threshold: Thresholds,
    /// Averages between which the answer is inconclusive, `[low, high]`.
    pub inconclusive: [f64; 2],
    /// The share of studies with haemorrhage that the probability is for, 0–1; absent where it is not
    /// known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevalence: Option<f64>,
}

impl StudyCalibration {
    /// The same where another share of studies shows haemorrhage, by Bayes' rule.
    ///
    /// ```
    /// use haemolens::Classifier;
    ///
    /// let classifier = Classifier::new()?;
    /// let learned = classifier.facts().study.expect("it has learned of studies");
    /// let rarer = learned.at_prevalence(0.05)?;
    /// assert!(rarer.haemorrhage.probability(0.0) < learned.haemorrhage.probability(0.0));
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Calibration::at_prevalence`](super::Calibration::at_prevalence).
    pub fn at_prevalence(&self, wanted: f64) -> Result<Self, Error> {
        let learned = known(self.prevalence)?;
        Ok(Self {
            haemorrhage: self
                .haemorrhage
                .at_prevalence(learned, check_prevalence(wanted)?),
            prevalence: Some(wanted),
            ..*self
        })
    }
}

/// How many of `slices` slices a share is: at least one.
///
/// ```
/// use haemolens::calibration::most_telling;
///
/// assert_eq!(most_telling(0.1, 30), 3);
/// assert_eq!(most_telling(0.1, 2), 1);
/// ```
pub fn most_telling(share: f64, slices: usize) -> usize {
    ((share * slices as f64).round() as usize).clamp(1, slices.max(1))
}

/// A study's margin: the mean of the highest margins of its slices, as many as the share says.
///
/// ```
/// use haemolens::calibration::study_margin;
///
/// let margins = [1.0, 3.0, -2.0, 0.0];
/// assert_eq!(study_margin(0.5, &margins), 2.0);
/// assert_eq!(study_margin(1.0, &margins), 0.5);
/// ```
pub fn study_margin(share: f64, margins: &[f64]) -> f64 {
    let mut highest = margins.to_vec();
    highest.sort_by(|a, b| b.total_cmp(a));
    highest.truncate(most_telling(share, margins.len()));
    highest.iter().sum::<f64>() / highest.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_has_the_mean_of_its_highest_margins() {
        let margins = [-1.0, 3.0, 0.0, 1.0, -2.0];
        assert_eq!(study_margin(0.4, &margins), 2.0);
        assert_eq!(study_margin(0.01, &margins), 3.0);
        assert_eq!(study_margin(1.0, &margins), 0.2);
        assert_eq!(most_telling(0.2, 34), 7);
        assert_eq!(most_telling(0.2, 0), 1);
    }
}
