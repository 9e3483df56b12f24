//! The figures that judged slices give.

use serde::Serialize;

use super::bootstrap::{Estimate, Resamplings, estimate};
use super::ranking::{Ranked, auc_of_ranked, sensitivity_at_specificity};
use super::reliability::{Bin, bins, calibration_error};
use super::{Judged, Scored};

/// What can be measured on judged slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Area under the ROC curve of the margins.
    Auc,
    /// Share of slices that are called what they are.
    Accuracy,
    /// Share of haemorrhages that are called so.
    Sensitivity,
    /// Share of normal slices that are called so.
    Specificity,
    /// Share of haemorrhages found where 90 % of the normal slices are passed.
    SensitivityAt90Specificity,
    /// Share of haemorrhages found where 80 % of the normal slices are passed.
    SensitivityAt80Specificity,
    /// Mean squared error of the network's own probability against 0 and 1.
    MeanSquaredError,
    /// Mean cross-entropy of the network's own probability, in nats.
    CrossEntropy,
    /// Mean squared error of the calibrated probability (Brier 1950).
    Brier,
    /// Expected calibration error of the calibrated probability over ten equal-count bins.
    CalibrationError,
    /// Share of slices whose answer is inconclusive.
    InconclusiveShare,
    /// Fraction of haemorrhages that are called normal and not inconclusive.
    MissedOutsideBand,
    /// Fraction of normal slices that are called haemorrhage and not inconclusive.
    FalseAlarmOutsideBand,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 13] = [
        Self::Auc,
        Self::Accuracy,
        Self::Sensitivity,
        Self::Specificity,
        Self::SensitivityAt90Specificity,
        Self::SensitivityAt80Specificity,
        Self::MeanSquaredError,
        Self::CrossEntropy,
        Self::Brier,
        Self::CalibrationError,
        Self::InconclusiveShare,
        Self::MissedOutsideBand,
        Self::FalseAlarmOutsideBand,
    ];

    /// Whether it is one of readings with an inconclusive band alone.
    pub fn needs_band(self) -> bool {
        matches!(
            self,
            Self::InconclusiveShare | Self::MissedOutsideBand | Self::FalseAlarmOutsideBand
        )
    }

    /// Its name in JSON and in a model's card.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auc => "auc",
            Self::Accuracy => "accuracy",
            Self::Sensitivity => "sensitivity",
            Self::Specificity => "specificity",
            Self::SensitivityAt90Specificity => "sensitivityAt90Specificity",
            Self::SensitivityAt80Specificity => "sensitivityAt80Specificity",
            Self::MeanSquaredError => "meanSquaredError",
            Self::CrossEntropy => "crossEntropy",
            Self::Brier => "brier",
            Self::CalibrationError => "calibrationError",
            Self::InconclusiveShare => "inconclusiveShare",
            Self::MissedOutsideBand => "missedOutsideBand",
            Self::FalseAlarmOutsideBand => "falseAlarmOutsideBand",
        }
    }

    /// Its name in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Auc => "AUC",
            Self::Accuracy => "accuracy",
            Self::Sensitivity => "sensitivity",
            Self::Specificity => "specificity",
            Self::SensitivityAt90Specificity => "sensitivity at 90 % specificity",
            Self::SensitivityAt80Specificity => "sensitivity at 80 % specificity",
            Self::MeanSquaredError => "mean squared error",
            Self::CrossEntropy => "cross-entropy",
            Self::Brier => "Brier score",
            Self::CalibrationError => "calibration error",
            Self::InconclusiveShare => "share of inconclusive answers",
            Self::MissedOutsideBand => "haemorrhages called normal outside the band",
            Self::FalseAlarmOutsideBand => "normal slices called haemorrhage outside the band",
        }
    }
}

/// How many slices of each class were called what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Confusion {
    /// Haemorrhages called haemorrhage.
    pub true_positive: usize,
    /// Haemorrhages called normal.
    pub false_negative: usize,
    /// Normal slices called haemorrhage.
    pub false_positive: usize,
    /// Normal slices called normal.
    pub true_negative: usize,
}

impl Confusion {
    /// Slices called what they are not.
    pub fn misclassified(&self) -> usize {
        self.false_negative + self.false_positive
    }

    /// All slices.
    pub fn slices(&self) -> usize {
        self.true_positive + self.true_negative + self.misclassified()
    }
}

/// Judged slices, sorted once so that resampled patients are measured quickly.
pub struct Assessment {
    by_margin: Vec<Judged>,
    by_probability: Vec<Judged>,
    patients: usize,
}

impl Assessment {
    /// Takes slices whose patients are numbered from 0.
    pub fn new(mut judged: Vec<Judged>) -> Self {
        let patients = judged.iter().map(|j| j.scored.patient + 1).max();
        judged.sort_by(|a, b| a.scored.margin.total_cmp(&b.scored.margin));
        let mut by_probability = judged.clone();
        by_probability.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        Self {
            by_margin: judged,
            by_probability,
            patients: patients.unwrap_or(0),
        }
    }

    /// Patients, numbered from 0.
    pub fn patients(&self) -> usize {
        self.patients
    }

    /// A measure on all slices; NaN where it is not defined, as when a class is missing.
    pub fn value(&self, measure: Measure) -> f64 {
        self.weighed(measure, &vec![1; self.patients])
    }

    /// A measure with its 95 % patient-bootstrap interval.
    pub fn estimate(&self, measure: Measure) -> Estimate {
        self.estimates(&[measure])[0]
    }

    /// Several measures on the same resamplings.
    pub fn estimates(&self, measures: &[Measure]) -> Vec<Estimate> {
        let resamplings = Resamplings::new(self.patients);
        let of = |&measure: &Measure| {
            let resampled = resamplings.figures(|weights| self.weighed(measure, weights));
            estimate(self.value(measure), &resampled)
        };
        measures.iter().map(of).collect()
    }

    /// How many slices of each class were called what.
    pub fn confusion(&self) -> Confusion {
        let count = |truth: bool, called: bool| {
            let is = |j: &&Judged| j.scored.haemorrhage == truth && j.called == called;
            self.by_margin.iter().filter(is).count()
        };
        Confusion {
            true_positive: count(true, true),
            false_negative: count(true, false),
            false_positive: count(false, true),
            true_negative: count(false, false),
        }
    }

    /// The reliability curve of the calibrated probabilities.
    pub fn reliability(&self) -> Vec<Bin> {
        bins(self.by_probability.iter(), &vec![1; self.patients])
    }

    /// A measure where each patient counts as often as its weight says.
    pub(super) fn weighed(&self, measure: Measure, weights: &[u32]) -> f64 {
        let is_haemorrhage = |j: &Judged| j.scored.haemorrhage;
        let mean = |of: &dyn Fn(&Judged) -> bool, figure: &dyn Fn(&Judged) -> f64| {
            let (mut sum, mut count) = (0.0, 0.0);
            for judged in self.by_margin.iter().filter(|j| of(j)) {
                let weight = f64::from(weights[judged.scored.patient]);
                sum += weight * figure(judged);
                count += weight;
            }
            sum / count
        };
        let ranked = self.by_margin.iter().map(|j| -> Ranked {
            let Scored {
                margin,
                haemorrhage,
                patient,
                ..
            } = j.scored;
            (margin, haemorrhage, weights[patient])
        });
        let squared_error = |said: f64, j: &Judged| (said - truth(j)).powi(2);
        match measure {
            Measure::Auc => auc_of_ranked(ranked),
            Measure::Accuracy => mean(&|_| true, &|j| {
                f64::from(u8::from(j.called == j.scored.haemorrhage))
            }),
            Measure::Sensitivity => mean(&is_haemorrhage, &|j| f64::from(u8::from(j.called))),
            Measure::Specificity => {
                mean(&|j| !is_haemorrhage(j), &|j| f64::from(u8::from(!j.called)))
            }
            Measure::SensitivityAt90Specificity => sensitivity_at_specificity(ranked, 0.9),
            Measure::SensitivityAt80Specificity => sensitivity_at_specificity(ranked, 0.8),
            Measure::MeanSquaredError => mean(&|_| true, &|j| squared_error(j.output, j)),
            Measure::CrossEntropy => mean(&|_| true, &cross_entropy),
            Measure::Brier => mean(&|_| true, &|j| squared_error(j.probability, j)),
            Measure::CalibrationError => {
                calibration_error(&bins(self.by_probability.iter(), weights))
            }
            Measure::InconclusiveShare => mean(&|_| true, &|j| f64::from(u8::from(j.inconclusive))),
            Measure::MissedOutsideBand => mean(&is_haemorrhage, &|j| {
                f64::from(u8::from(!j.called && !j.inconclusive))
            }),
            Measure::FalseAlarmOutsideBand => mean(&|j| !is_haemorrhage(j), &|j| {
                f64::from(u8::from(j.called && !j.inconclusive))
            }),
        }
    }
}

fn truth(judged: &Judged) -> f64 {
    f64::from(u8::from(judged.scored.haemorrhage))
}

/// −ln of the probability of what the slice is; a probability that rounds to 0 counts as the
/// smallest there is, so that one slice cannot make it infinite.
fn cross_entropy(judged: &Judged) -> f64 {
    let right = if judged.scored.haemorrhage {
        judged.output
    } else {
        1.0 - judged.output
    };
    -right.max(f64::EPSILON).ln()
}

#[cfg(test)]
mod tests {
    use super::super::drawn::scored;
    use super::*;

    fn assessment() -> Assessment {
        let points = [
            (-2.0, false, 0.1),
            (-1.0, true, 0.2),
            (0.5, true, 0.7),
            (1.0, false, 0.6),
            (2.0, true, 0.9),
        ];
        let scored = scored(&points.map(|(m, h, _)| (m, h)));
        let judged = scored.into_iter().zip(points);
        Assessment::new(
            judged
                .map(|(scored, (margin, _, probability))| Judged {
                    scored,
                    called: margin >= 0.0,
                    probability,
                    output: 0.5 * probability,
                    inconclusive: margin == 0.5,
                })
                .collect(),
        )
    }

    #[test]
    fn every_measure_agrees_with_a_count_by_hand() {
        let a = assessment();
        let expected = [
            (Measure::Auc, 4.0 / 6.0),
            (Measure::Accuracy, 3.0 / 5.0),
            (Measure::Sensitivity, 2.0 / 3.0),
            (Measure::Specificity, 1.0 / 2.0),
            (Measure::SensitivityAt90Specificity, 1.0 / 3.0),
            (Measure::SensitivityAt80Specificity, 1.0 / 3.0),
            (
                Measure::MeanSquaredError,
                (0.0025 + 0.81 + 0.4225 + 0.09 + 0.3025) / 5.0,
            ),
            (
                Measure::CrossEntropy,
                -(0.95f64 * 0.1 * 0.35 * 0.7 * 0.45).ln() / 5.0,
            ),
            (Measure::Brier, (0.01 + 0.64 + 0.09 + 0.36 + 0.01) / 5.0),
            (
                Measure::CalibrationError,
                (0.1 + 0.8 + 0.3 + 0.6 + 0.1) / 5.0,
            ),
            (Measure::InconclusiveShare, 0.2),
            (Measure::MissedOutsideBand, 1.0 / 3.0),
            (Measure::FalseAlarmOutsideBand, 1.0 / 2.0),
        ];
        assert_eq!(expected.map(|(measure, _)| measure), Measure::ALL);
        for (measure, by_hand) in expected {
            let found = a.value(measure);
            assert!((found - by_hand).abs() < 1e-12, "{measure:?}: {found}");
        }
    }

    #[test]
    fn the_confusion_counts_every_slice_once() {
        let confusion = assessment().confusion();
        let expected = Confusion {
            true_positive: 2,
            false_negative: 1,
            false_positive: 1,
            true_negative: 1,
        };
        assert_eq!(confusion, expected);
        assert_eq!((confusion.slices(), confusion.misclassified()), (5, 2));
    }

    #[test]
    fn intervals_hold_the_figure() {
        let points: Vec<(f64, bool)> = (0..200)
            .map(|i| (f64::from(i * 37 % 100), i * 37 % 100 > 30 + i % 40))
            .collect();
        let judged = scored(&points).into_iter().map(|scored| Judged {
            scored,
            called: scored.margin > 45.0,
            probability: scored.margin / 100.0,
            output: scored.margin / 100.0,
            inconclusive: false,
        });
        let a = Assessment::new(judged.collect());
        for e in a.estimates(&[Measure::Auc, Measure::Sensitivity, Measure::Brier]) {
            assert!(e.low.unwrap() < e.value && e.value < e.high.unwrap());
        }
    }

    #[test]
    fn a_missing_class_leaves_no_figure_and_no_interval() {
        let one_class: Vec<Judged> = assessment()
            .by_margin
            .into_iter()
            .filter(|j| j.scored.haemorrhage)
            .collect();
        let e = Assessment::new(one_class).estimate(Measure::Auc);
        assert!(e.value.is_nan() && e.low.is_none() && e.high.is_none());
    }

    #[test]
    fn a_sure_mistake_costs_much_but_not_everything() {
        let sure = Judged {
            output: 1.0,
            ..assessment().by_margin[0]
        };
        assert!((cross_entropy(&sure) - 36.04).abs() < 0.01);
    }
}
