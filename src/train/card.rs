//! What a stored model's margins say: its calibration, and the figures on its card.

use std::collections::{BTreeMap, BTreeSet};

use super::dataset::{Dataset, Sources};
use super::evaluate::{self, Assessment, Band, Decision, Measure, Reading};
use super::predictions::kinds::KindMargins;
use super::predictions::{self, Prediction};
use super::studies::learn_kind;
use super::{Result, agreement};
use crate::HaemorrhageKind;
use crate::calibration::{Calibration, OperatingPoint, Platt};
use crate::model::{Figure, StoredModel};

/// Fraction of the haemorrhages that screening finds, and of the normal slices that confirming passes.
pub(super) const ENOUGH: f64 = 0.95;
/// Fraction of each class that may lie on the wrong side of the inconclusive band.
pub(super) const WRONG: f64 = 0.05;

/// Margins of every slice of labelled folders by a stored model.
///
/// # Errors
/// [`super::TrainError`] from the data or the engine.
pub fn predict(model: &StoredModel, dataset: Dataset) -> Result<Vec<Prediction>> {
    let inputs = dataset.inputs(model.facts.preprocessing)?;
    let margins = agreement::both_margins(model, &inputs)?;
    let rows = dataset.examples.into_iter().zip(margins);
    Ok(rows
        .map(|(example, (margin, normal_margin))| Prediction {
            haemorrhage: example.haemorrhage.into(),
            source: example.source,
            file: example.file,
            variant: 0,
            patient: example.patient,
            fold: None,
            margin,
            normal_margin,
        })
        .collect())
}

/// Platt's sigmoids, threshold and band from held-out margins of the sources that count, every slice
/// weighing the same.
pub fn calibrate(held_out: &[Prediction]) -> Calibration {
    let labels: Vec<bool> = held_out.iter().map(|p| p.haemorrhage == 1).collect();
    let inverted: Vec<bool> = labels.iter().map(|l| !l).collect();
    let margins: Vec<f64> = held_out.iter().map(|p| p.margin).collect();
    let normal: Vec<f64> = held_out.iter().map(|p| p.normal_margin).collect();
    let scored = predictions::scored(held_out);
    let threshold = evaluate::operating_points(&scored, ENOUGH);
    Calibration {
        haemorrhage: Platt::fit(&margins, &labels),
        normal: Platt::fit(&normal, &inverted),
        threshold,
        inconclusive: evaluate::conformal_band(&scored, threshold.balanced, WRONG),
        prevalence: share(&labels),
    }
}

/// The share that has it, where some have and some have not.
pub(super) fn share(shown: &[bool]) -> Option<f64> {
    let with = shown.iter().filter(|&&shown| shown).count();
    (with > 0 && with < shown.len()).then(|| with as f64 / shown.len() as f64)
}

/// Fits the probability of each kind that the model tells on held-out margins, of slices and of studies,
/// every slice of the sources that count weighing the same.
pub fn calibrate_kinds(model: &mut StoredModel, held_out: &[KindMargins], sources: &Sources) {
    let counts = |row: &&KindMargins| sources.get(&row.source).figures;
    let rows: Vec<&KindMargins> = held_out.iter().filter(counts).collect();
    let in_studies = |row: &&&KindMargins| sources.get(&row.source).studies;
    for told in &mut model.facts.kinds {
        let kinds = HaemorrhageKind::ALL.iter();
        for (at, _) in kinds.enumerate().filter(|(_, kind)| **kind == told.kind) {
            let margins: Vec<f64> = rows.iter().map(|row| row.margins[at]).collect();
            let shown: Vec<bool> = rows.iter().map(|row| row.shown[at]).collect();
            told.calibration = Platt::fit(&margins, &shown);
            told.prevalence = share(&shown);
            told.study = learn_kind(rows.iter().filter(in_studies).copied(), at);
        }
    }
}

/// Figures of the patient protocol, calls and probabilities cross-fitted; `held_out` holds the rows of
/// the sources that count.
///
/// # Errors
/// [`super::TrainError::Data`] when the margins are not of at least two folds.
pub fn patient_figures(
    held_out: &[Prediction],
    calibration: &Calibration,
) -> Result<BTreeMap<String, Figure>> {
    let reading = Reading {
        decision: Decision::CrossFitted(OperatingPoint::Balanced),
        platt: None,
        softmax: false,
        band: Band::Fixed(calibration.inconclusive),
    };
    let measures = [
        Measure::Auc,
        Measure::Sensitivity,
        Measure::Specificity,
        Measure::SensitivityAt90Specificity,
        Measure::CalibrationError,
        Measure::InconclusiveShare,
    ];
    let sources: BTreeSet<&str> = held_out.iter().map(|p| p.source.as_str()).collect();
    let sources: Vec<&str> = sources.into_iter().collect();
    let protocol = format!(
        "patient protocol: folds over patients, pooled held-out margins of {}",
        sources.join(", ")
    );
    let figures = card_figures(held_out, &reading, &measures, &protocol)?;
    Ok(figures
        .into_iter()
        .map(|(name, figure)| (format!("{name}Patient"), figure))
        .collect())
}

/// What figures of slices that nothing was trained on say of themselves.
pub const EXTERNAL_PROTOCOL: &str =
    "external images, nothing trained, tuned or calibrated on them; shipped model and threshold";

/// Figures of a finished model with its own threshold; `protocol` says what the slices are to it.
///
/// # Errors
/// None with a threshold and probabilities of its own.
pub fn stored_model_figures(
    predictions: &[Prediction],
    calibration: &Calibration,
    protocol: &str,
) -> Result<BTreeMap<String, Figure>> {
    let measures = [Measure::Auc, Measure::Sensitivity, Measure::Specificity];
    card_figures(
        predictions,
        &Reading::shipped(calibration),
        &measures,
        protocol,
    )
}

fn card_figures(
    predictions: &[Prediction],
    reading: &Reading,
    measures: &[Measure],
    protocol: &str,
) -> Result<BTreeMap<String, Figure>> {
    let assessment = Assessment::new(reading.judge(&predictions::scored(predictions))?);
    let estimates = assessment.estimates(measures);
    let named = measures.iter().zip(estimates);
    Ok(named
        .map(|(measure, estimate)| (measure.name().to_owned(), estimate.figure(protocol)))
        .collect())
}
