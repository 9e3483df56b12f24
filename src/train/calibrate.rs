//! Gives a model what its held-out margins teach: calibrations of slices, studies and kinds, and the
//! figures on its card. Its weights stay as they are.

use std::collections::BTreeMap;
use std::path::Path;

use super::card::{calibrate, calibrate_kinds, patient_figures};
use super::dataset::Sources;
use super::predictions::kinds::{self, KindMargins};
use super::predictions::{self, Prediction, TableName};
use super::studies;
use super::{Result, TrainError};
use crate::model::{Figure, StoredModel};

/// A network's margins of held-out slices.
pub struct HeldOut {
    /// Which network, by which protocol.
    pub name: TableName,
    /// Of haemorrhage.
    pub slices: Vec<Prediction>,
    /// Of its kinds; none where they were not measured.
    pub kinds: Vec<KindMargins>,
}

impl HeldOut {
    /// Reads a table, and the table of kinds beside it where there is one.
    ///
    /// # Errors
    /// [`TrainError`] when a file cannot be read, or its name is that of no table.
    pub fn read(path: &Path) -> Result<Self> {
        let file = path.file_name().and_then(|name| name.to_str());
        let name = file.and_then(TableName::of_file).ok_or_else(|| {
            TrainError::Data(format!(
                "{} is not called as a table of margins is, <network>-<preset>-<protocol>.csv",
                path.display()
            ))
        })?;
        let beside = path.with_file_name(kinds::file(name));
        Ok(Self {
            name,
            slices: predictions::read(path)?,
            kinds: match beside.is_file() {
                true => kinds::read(&beside)?,
                false => Vec::new(),
            },
        })
    }
}

/// Whether a table is of the network that a model is of.
///
/// # Errors
/// [`TrainError::Data`] where it is not.
pub fn check(model: &StoredModel, held_out: &HeldOut) -> Result<()> {
    let (stored, wanted) = (&model.facts.card.name, held_out.name.model());
    if *stored == wanted {
        return Ok(());
    }
    Err(TrainError::Data(format!(
        "{} holds margins of {wanted}, and the model is {stored}: give the table of held-out margins \
         that it was calibrated on",
        held_out.name.file()
    )))
}

/// Calibrates a model on the sources that count, its studies on those that hold whole examinations, and
/// gives the figures of the patient protocol.
///
/// # Errors
/// [`TrainError::Data`] when the margins are not of at least two folds.
pub fn calibrate_model(
    model: &mut StoredModel,
    held_out: &HeldOut,
    sources: &Sources,
) -> Result<BTreeMap<String, Figure>> {
    let counting = predictions::counting(&held_out.slices, sources);
    let examinations = studies::examinations(&held_out.slices, sources);
    model.facts.calibration = calibrate(&counting);
    model.facts.study = studies::learn(studies::scans(&examinations).iter());
    if !model.kinds.is_empty() && !held_out.kinds.is_empty() {
        calibrate_kinds(model, &held_out.kinds, sources);
    }
    let mut figures = patient_figures(&counting, &model.facts.calibration)?;
    figures.extend(studies::figures(&examinations));
    Ok(figures)
}
