//! The terms on which a classifier answers: its operating point, and how common haemorrhage is.

use crate::Error;
use crate::calibration::{Calibration, OperatingPoint, StudyCalibration};
use crate::model::{Facts, KindCalibration};

/// What makes answers of margins: a model's calibrations, moved to the share of haemorrhage that was
/// asked for.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub point: OperatingPoint,
    pub calibration: Calibration,
    pub study: Option<StudyCalibration>,
    pub kinds: Vec<KindCalibration>,
}

impl Terms {
    /// The model's own: balanced, for the share of haemorrhage that it learned from.
    pub fn learned(facts: &Facts) -> Self {
        Self {
            point: OperatingPoint::default(),
            calibration: facts.calibration,
            study: facts.study,
            kinds: facts.kinds.clone(),
        }
    }

    /// The same for another share of slices with haemorrhage, and of studies with it; the kinds keep
    /// their shares of all haemorrhages.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] where it is no share, or the model does not say for which share its
    /// probabilities are.
    pub fn at_prevalence(facts: &Facts, wanted: f64) -> Result<Self, Error> {
        let learned = Self::learned(facts);
        let times = |share: Option<f64>| share.map(|share| wanted / share);
        let of_slices = times(facts.calibration.prevalence);
        let of_studies = times(facts.study.and_then(|study| study.prevalence));
        Ok(Self {
            calibration: facts.calibration.at_prevalence(wanted)?,
            study: match facts.study {
                Some(study) => Some(study.at_prevalence(wanted)?),
                None => None,
            },
            kinds: facts
                .kinds
                .iter()
                .map(|told| told.as_common(of_slices, of_studies))
                .collect(),
            ..learned
        })
    }
}
