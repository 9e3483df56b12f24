//! From the slices of an examination to its answer.

use super::answer::{Basis, Failure, LeadingSlice, SeriesAnswer, SliceAnswer, StudyAnswer};
use super::choice::{choose, commonest_cause};
use super::series::{self, Series};
use super::{Member, SeriesKind};
use crate::calibration::{StudyCalibration, most_telling, study_margin};
use crate::classification::{KindScore, Label, ModelName};
use crate::model::KindCalibration;
use crate::terms::Terms;

/// At most so many slices are said to carry an answer.
const LEADING: usize = 5;

/// How slices become an answer.
struct Rule {
    basis: Basis,
    calibration: StudyCalibration,
    /// What separates the labels.
    threshold: f64,
}

impl Rule {
    /// What the model has learned of studies, or else the calibration of slices for the highest.
    fn of(terms: &Terms) -> Self {
        /// Of however many slices, one.
        const HIGHEST: f64 = f64::MIN_POSITIVE;
        let of_slices = &terms.calibration;
        let (basis, calibration) = match terms.study {
            Some(calibration) => (Basis::StudyCalibration, calibration),
            None => (
                Basis::HighestSlice,
                StudyCalibration {
                    share: HIGHEST,
                    haemorrhage: of_slices.haemorrhage,
                    threshold: of_slices.threshold,
                    inconclusive: of_slices.inconclusive,
                    prevalence: of_slices.prevalence,
                },
            ),
        };
        Self {
            basis,
            calibration,
            threshold: calibration.threshold.at(terms.point),
        }
    }

    /// Margin and probability of some slices; `None` of none.
    fn read(&self, margins: &[f64]) -> Option<(f64, f64)> {
        let margin =
            (!margins.is_empty()).then(|| study_margin(self.calibration.share, margins))?;
        Some((margin, self.calibration.haemorrhage.probability(margin)))
    }
}

/// The answer for slices that come by name.
pub fn answer(
    terms: &Terms,
    model: &ModelName,
    members: Vec<&Member>,
    failed: Vec<Failure>,
) -> StudyAnswer {
    let rule = Rule::of(terms);
    let platt = &terms.calibration.haemorrhage;
    let series = series::sort(&members);
    let why = choose(&series);
    let mut carrying: Vec<LeadingSlice> = Vec::new();
    let mut counted: Vec<&Member> = Vec::new();
    for (number, of_series) in series.iter().enumerate().filter(|(i, _)| why[*i].is_none()) {
        for (slice, member) in of_series.members.iter().enumerate() {
            if member.accepted() {
                counted.push(member);
                carrying.push(LeadingSlice {
                    file: member.file.clone(),
                    frame: member.classification.frame,
                    series: number,
                    slice,
                    margin: member.margin(),
                    probability: platt.probability(member.margin()),
                });
            }
        }
    }
    let margins: Vec<f64> = carrying.iter().map(|slice| slice.margin).collect();
    carrying.sort_by(|a, b| b.margin.total_cmp(&a.margin));
    carrying.truncate(most_telling(rule.calibration.share, margins.len()).min(LEADING));

    let (margin, probability) = rule.read(&margins).unzip();
    let threshold = rule.threshold;
    let [low, high] = rule.calibration.inconclusive;
    StudyAnswer {
        label: margin.map(|margin| Label::of(margin, threshold)),
        probability,
        margin,
        threshold,
        operating_point: terms.point,
        prevalence: rule.calibration.prevalence,
        inconclusive: margin.is_some_and(|margin| low < margin && margin < high),
        kinds: kinds(terms, &counted),
        in_distribution: margin.is_some(),
        reason: margin.is_none().then(|| reason(&series)),
        basis: rule.basis,
        slices: margins.len(),
        leading: carrying,
        series: series
            .iter()
            .zip(why)
            .map(|(series, why)| of_series(series, why, &rule, terms))
            .collect(),
        failed,
        model: model.clone(),
    }
}

/// Each kind that the model has learned to tell in studies, from the slices that count.
fn kinds(terms: &Terms, counted: &[&Member]) -> Vec<KindScore> {
    let Some(StudyCalibration { share, .. }) = terms.study else {
        return Vec::new();
    };
    let score = |told: &KindCalibration| {
        let calibration = told.study?.calibration;
        let of_member = |member: &&Member| {
            let mut scores = member.classification.kinds.iter();
            scores
                .find(|score| score.kind == told.kind)
                .map(|s| s.margin)
        };
        let margins: Vec<f64> = counted.iter().filter_map(of_member).collect();
        (!margins.is_empty()).then(|| {
            let margin = study_margin(share, &margins);
            KindScore {
                kind: told.kind,
                probability: calibration.probability(margin),
                margin,
            }
        })
    };
    terms.kinds.iter().filter_map(score).collect()
}

fn of_series(series: &Series, why: Option<String>, rule: &Rule, terms: &Terms) -> SeriesAnswer {
    let heads = !matches!(series.kind, SeriesKind::Localiser | SeriesKind::NotHeadCt);
    let margins: Vec<f64> = series
        .accepted()
        .filter(|_| heads)
        .map(Member::margin)
        .collect();
    let (margin, probability) = rule.read(&margins).unzip();
    let platt = terms.calibration.haemorrhage;
    let threshold = terms.calibration.threshold.at(terms.point);
    let slice = |member: &&Member| SliceAnswer {
        file: member.file.clone(),
        frame: member.classification.frame,
        position: member.place.position,
        label: Label::of(member.margin(), threshold),
        margin: member.margin(),
        probability: platt.probability(member.margin()),
        in_distribution: member.accepted(),
        reason: member.classification.reason.clone(),
    };
    SeriesAnswer {
        number: series.number,
        kind: series.kind,
        thickness: series.thickness,
        used: why.is_none(),
        why,
        margin,
        probability,
        duplicates: series.duplicates,
        slices: series.members.iter().map(slice).collect(),
    }
}

/// Why a study is not taken for one of a head.
fn reason(series: &[Series]) -> String {
    let slices: usize = series.iter().map(|s| s.members.len()).sum();
    let accepted: usize = series.iter().map(|s| s.accepted().count()).sum();
    let few = match accepted {
        0 => "None",
        _ => "Too few",
    };
    let largest = series.iter().max_by_key(|s| s.members.len());
    let cause = largest.and_then(commonest_cause);
    let cause = cause.map_or(String::new(), |cause| format!(": {cause}"));
    match slices {
        0 => "No slice could be read.".into(),
        1 => format!("This does not look like a CT of a head{cause}."),
        _ => format!("{few} of the {slices} slices look like CT slices of a head{cause}."),
    }
}
