//! What whole studies teach: what the mean of a study's highest margins says. Each patient is a study; it has a haemorrhage where one of its slices has.
//!
//! A fold that holds patients of one kind alone, as in a small data set, says nothing of how studies
//! differ, only where the margins of its own network lie; it is judged, and not learned from.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{ENOUGH, WRONG, share};
use super::dataset::Sources;
use super::evaluate::{
    Assessment, Estimate, Judged, Measure, Scored, auc_within_folds_estimate, conformal_band,
    operating_points,
};
use super::predictions::kinds::KindMargins;
use super::predictions::{self, Prediction};
use crate::calibration::{OperatingPoint, Platt, StudyCalibration, study_margin};
use crate::model::{Figure, StudyKind};

/// The fraction of a study's slices, those with the highest margins, whose mean is its margin. Between
/// 0.2 and 0.5 it hardly matters, and choosing it on 65 patients costs more than it gives
/// (`models/EXPERIMENTS.md`).
pub const FRACTION: f64 = 0.3;

/// A study's held-out margins with its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Index of its patient.
    pub patient: usize,
    /// Its fold.
    pub fold: usize,
    /// Whether any of its slices has a haemorrhage.
    pub haemorrhage: bool,
    /// Margins of its slices.
    pub margins: Vec<f64>,
}

/// The rows of sources that hold whole examinations: a patient of these is a study.
pub fn examinations(held_out: &[Prediction], sources: &Sources) -> Vec<Prediction> {
    predictions::of_sources(held_out, sources, |source| source.figures && source.studies)
}

/// The studies of a table of held-out margins, in the order of their patients' names.
pub fn scans(held_out: &[Prediction]) -> Vec<Scan> {
    let mut scans: BTreeMap<usize, Scan> = BTreeMap::new();
    for s in predictions::scored(held_out) {
        let scan = scans.entry(s.patient).or_insert_with(|| Scan {
            patient: s.patient,
            fold: s.fold,
            haemorrhage: false,
            margins: Vec::new(),
        });
        scan.haemorrhage |= s.haemorrhage;
        scan.margins.push(s.margin);
    }
    scans.into_values().collect()
}

impl Scan {
    /// The study with its margin.
    pub fn scored(&self) -> Scored {
        Scored {
            patient: self.patient,
            fold: self.fold,
            haemorrhage: self.haemorrhage,
            margin: study_margin(FRACTION, &self.margins),
        }
    }
}

/// The probability, threshold and band that the margins of studies give; `None` where no fold holds
/// studies of both kinds, or their margins do not rise with haemorrhage.
pub fn learn<'a>(scans: impl Iterator<Item = &'a Scan> + Clone) -> Option<StudyCalibration> {
    let kinds: BTreeSet<(usize, bool)> = scans.clone().map(|s| (s.fold, s.haemorrhage)).collect();
    let teaches = |s: &&Scan| kinds.contains(&(s.fold, !s.haemorrhage));
    let scored: Vec<Scored> = scans.filter(teaches).map(Scan::scored).collect();
    if scored.is_empty() {
        return None;
    }
    let margins: Vec<f64> = scored.iter().map(|s| s.margin).collect();
    let labels: Vec<bool> = scored.iter().map(|s| s.haemorrhage).collect();
    let threshold = operating_points(&scored, ENOUGH);
    let calibration = StudyCalibration {
        share: FRACTION,
        haemorrhage: Platt::fit(&margins, &labels),
        threshold,
        inconclusive: conformal_band(&scored, threshold.balanced, WRONG),
        prevalence: share(&labels),
    };
    (calibration.haemorrhage.slope < 0.0).then_some(calibration)
}

/// Studies judged by what the other folds teach.
pub struct CrossFitted {
    /// The studies; their margins are log-odds of the probability.
    pub assessment: Assessment,
    /// AUC over pairs of the same fold.
    pub auc_within_folds: Estimate,
    /// How many studies there are, and how many with haemorrhage.
    pub studies: [usize; 2],
}

/// Judges each fold's studies by the calibration that the others give, at an operating point; `None`
/// where these teach none.
pub fn cross_fit(scans: &[Scan], point: OperatingPoint) -> Option<CrossFitted> {
    let folds: BTreeSet<usize> = scans.iter().map(|s| s.fold).collect();
    let mut calibrations = BTreeMap::new();
    for fold in folds {
        let others = scans.iter().filter(|s| s.fold != fold);
        calibrations.insert(fold, learn(others)?);
    }
    let judge = |scan: &Scan| {
        let calibration = &calibrations[&scan.fold];
        let scored = scan.scored();
        let Platt { slope, offset } = calibration.haemorrhage;
        let probability = calibration.haemorrhage.probability(scored.margin);
        let [low, high] = calibration.inconclusive;
        Judged {
            scored: Scored {
                margin: -(slope * scored.margin + offset),
                ..scored
            },
            called: scored.margin >= calibration.threshold.at(point),
            probability,
            output: probability,
            inconclusive: low < scored.margin && scored.margin < high,
        }
    };
    let judged: Vec<Judged> = scans.iter().map(judge).collect();
    let scored: Vec<Scored> = judged.iter().map(|j| j.scored).collect();
    Some(CrossFitted {
        assessment: Assessment::new(judged),
        auc_within_folds: auc_within_folds_estimate(&scored),
        studies: [scans.len(), scans.iter().filter(|s| s.haemorrhage).count()],
    })
}

/// What a model's card says of whole studies, by name; nothing where it cannot be measured.
pub fn figures(held_out: &[Prediction]) -> BTreeMap<String, Figure> {
    const PROTOCOL: &str = "patient protocol, each patient a study: threshold and probability of \
                            a fold from the other folds; pairs of different folds compare their networks as well";
    let Some(fitted) = cross_fit(&scans(held_out), OperatingPoint::Balanced) else {
        return BTreeMap::new();
    };
    let measures = [
        Measure::Auc,
        Measure::SensitivityAt80Specificity,
        Measure::Sensitivity,
        Measure::Specificity,
        Measure::Brier,
    ];
    let estimates = fitted.assessment.estimates(&measures);
    let named = measures.iter().zip(estimates);
    let named = named.map(|(m, e)| (format!("{}Study", m.name()), e.figure(PROTOCOL)));
    let within = fitted.auc_within_folds.figure(PROTOCOL);
    named
        .chain([("aucWithinFoldsStudy".into(), within)])
        .collect()
}

/// Whether a study shows a kind: Platt scaling of the mean of its highest margins of that kind; `None`
/// where none or all show it, or margins do not rise with it. `at` is the kind's place in
/// [`HaemorrhageKind::ALL`](crate::HaemorrhageKind::ALL).
pub fn learn_kind<'a>(rows: impl Iterator<Item = &'a KindMargins>, at: usize) -> Option<StudyKind> {
    let mut studies: BTreeMap<&str, (bool, Vec<f64>)> = BTreeMap::new();
    for row in rows {
        let (shown, margins) = studies.entry(&row.patient).or_default();
        *shown |= row.shown[at];
        margins.push(row.margins[at]);
    }
    let of = |(_, margins): &(bool, Vec<f64>)| study_margin(FRACTION, margins);
    let margins: Vec<f64> = studies.values().map(of).collect();
    let shown: Vec<bool> = studies.values().map(|(shown, _)| *shown).collect();
    let prevalence = share(&shown)?;
    let calibration = Platt::fit(&margins, &shown);
    (calibration.slope < 0.0).then_some(StudyKind {
        calibration,
        prevalence,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Studies of twenty slices in five folds: four slices of bleeding ones have high margins, a few
    /// of every study are high by chance, and the others lie at a level of the study's own. Folds 0
    /// and 1 hold both kinds.
    fn drawn() -> Vec<Scan> {
        let mut state = 5u32;
        let mut draw = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 24)
        };
        let scan = |patient: usize| {
            let fold = patient % 5;
            let haemorrhage = fold > 1 || (patient / 5).is_multiple_of(2);
            let level = 3.0 * draw();
            let margin = |i: usize| {
                let chance = if draw() < 0.1 { 3.0 * draw() } else { 0.0 };
                let base = if haemorrhage && i < 4 { 1.2 } else { -level };
                draw() + chance + base
            };
            Scan {
                patient,
                fold,
                haemorrhage,
                margins: (0..20).map(margin).collect(),
            }
        };
        (0..200).map(scan).collect()
    }

    #[test]
    fn studies_with_blood_on_some_slices_are_told_from_others() {
        let scans = drawn();
        let learned = learn(scans.iter()).unwrap();
        assert_eq!(learned.share, FRACTION);
        let [low, high] = learned.inconclusive;
        assert!(low <= learned.threshold.balanced && learned.threshold.balanced <= high);
        let fitted = cross_fit(&scans, OperatingPoint::Balanced).unwrap();
        assert_eq!(fitted.studies, [200, 160]);
        assert!(fitted.assessment.value(Measure::Auc) > 0.9);
        assert!(fitted.auc_within_folds.value > 0.9);
    }

    #[test]
    fn a_fold_is_judged_by_the_others_and_folds_of_one_kind_teach_nothing() {
        let scans = drawn();
        let before = learn(scans.iter()).unwrap();
        let mut shifted = scans.clone();
        for scan in shifted.iter_mut().filter(|s| s.fold > 1) {
            scan.margins.iter_mut().for_each(|m| *m -= 100.0);
        }
        assert_eq!(learn(shifted.iter()).unwrap(), before);
        // What fold 0 holds changes the judgement of other folds, and not its own.
        let mut other = scans.clone();
        for scan in other.iter_mut().filter(|s| s.fold == 0) {
            scan.margins.iter_mut().for_each(|m| *m *= 2.0);
        }
        let of =
            |scans: &[Scan], fold: usize| learn(scans.iter().filter(|s| s.fold != fold)).unwrap();
        assert_eq!(of(&other, 0), of(&scans, 0));
        assert_ne!(of(&other, 1), of(&scans, 1));
        let one_kind = || scans.iter().filter(|s| s.fold > 1);
        assert!(learn(one_kind()).is_none());
        // Held out, the only fold of both kinds leaves nothing to learn from.
        let few: Vec<Scan> = scans.iter().filter(|s| s.fold != 1).cloned().collect();
        assert!(learn(few.iter()).is_some() && cross_fit(&few, OperatingPoint::Balanced).is_none());
    }

    #[test]
    fn margins_that_fall_with_haemorrhage_teach_nothing() {
        let mut scans = drawn();
        for scan in scans.iter_mut().filter(|s| s.haemorrhage) {
            scan.margins.iter_mut().for_each(|m| *m -= 10.0);
        }
        assert!(learn(scans.iter()).is_none());
    }
}
