//! From margins to calls and probabilities.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scored, conformal_band, operating_points};
use crate::calibration::{Calibration, OperatingPoint, Platt};
use crate::train::card::{ENOUGH, WRONG};
use crate::train::{Result, TrainError};

/// Which margins are called haemorrhage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The network's own: margins of zero and more, where a softmax says one half.
    Own,
    /// Margins from the threshold on that the other folds choose for an operating point
    /// ([`operating_points`]).
    CrossFitted(OperatingPoint),
    /// Margins from this threshold on, chosen elsewhere.
    Fixed(f64),
}

/// How margins are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which margins are called haemorrhage.
    pub decision: Decision,
    /// Margin → probability; `None` fits it for each fold on the margins of the others.
    pub platt: Option<Platt>,
    /// Whether the margin is a difference of logits, so that the network has a probability of its
    /// own.
    pub softmax: bool,
    /// Margins between which the answer is inconclusive.
    pub band: Band,
}

/// Margins between which an answer is inconclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Band {
    /// No answer is.
    None,
    /// Between these, chosen elsewhere.
    Fixed([f64; 2]),
    /// Between those that the other folds choose ([`conformal_band`]) around the threshold.
    CrossFitted,
}

/// A slice with what a [`Reading`] made of its margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The slice.
    pub scored: Scored,
    /// Whether it is called haemorrhage.
    pub called: bool,
    /// Calibrated probability of haemorrhage.
    pub probability: f64,
    /// The network's own probability of haemorrhage: its softmax's, or the calibrated one of an
    /// SVM, which has none.
    pub output: f64,
    /// Whether the answer is inconclusive.
    pub inconclusive: bool,
}

/// The softmax's probability from the difference of its logits.
const SOFTMAX: Platt = Platt {
    slope: -1.0,
    offset: 0.0,
};

impl Reading {
    /// As a finished SVM reads: threshold, probability and band of its calibration.
    pub fn shipped(calibration: &Calibration) -> Self {
        Self {
            decision: Decision::Fixed(calibration.threshold.balanced),
            platt: Some(calibration.haemorrhage),
            softmax: false,
            band: Band::Fixed(calibration.inconclusive),
        }
    }

    /// Reads every margin, fitting on the margins themselves.
    ///
    /// # Errors
    /// [`TrainError::Data`] when something is to be fitted on other folds and there are none.
    pub fn judge(&self, scored: &[Scored]) -> Result<Vec<Judged>> {
        self.judge_by(scored, scored)
    }

    /// Reads every margin; what a fold takes from others it takes from those of `teaching`.
    ///
    /// # Errors
    /// [`TrainError::Data`] when something is to be fitted on other folds and there are none.
    pub fn judge_by(&self, teaching: &[Scored], scored: &[Scored]) -> Result<Vec<Judged>> {
        let taught: BTreeSet<usize> = teaching.iter().map(|s| s.fold).collect();
        let fits = self.platt.is_none()
            || matches!(self.decision, Decision::CrossFitted(_))
            || self.band == Band::CrossFitted;
        if fits && taught.len() < 2 {
            return Err(TrainError::Data(format!(
                "thresholds and probabilities of a fold are fitted on the others, and these \
                 margins are of {} fold(s): give a table of held-out margins, which `haemolens \
                 train` writes",
                taught.len()
            )));
        }
        let folds: BTreeSet<usize> = scored.iter().map(|s| s.fold).collect();
        let of_others: BTreeMap<usize, Vec<Scored>> = folds
            .into_iter()
            .map(|fold| {
                let others = teaching.iter().filter(|s| s.fold != fold);
                (fold, others.copied().collect())
            })
            .collect();
        let thresholds: BTreeMap<usize, f64> = of_others
            .iter()
            .map(|(&fold, others)| match self.decision {
                Decision::Own => (fold, 0.0),
                Decision::CrossFitted(point) => (fold, operating_points(others, ENOUGH).at(point)),
                Decision::Fixed(threshold) => (fold, threshold),
            })
            .collect();
        let platts: BTreeMap<usize, Platt> = of_others
            .iter()
            .map(|(&fold, others)| (fold, self.platt.unwrap_or_else(|| fit(others))))
            .collect();
        let bands: BTreeMap<usize, Option<[f64; 2]>> = of_others
            .iter()
            .map(|(&fold, others)| {
                let band = match self.band {
                    Band::None => None,
                    Band::Fixed(band) => Some(band),
                    Band::CrossFitted => Some(conformal_band(others, thresholds[&fold], WRONG)),
                };
                (fold, band)
            })
            .collect();
        let judge = |s: &Scored| {
            let probability = platts[&s.fold].probability(s.margin);
            Judged {
                scored: *s,
                called: s.margin >= thresholds[&s.fold],
                probability,
                output: if self.softmax {
                    SOFTMAX.probability(s.margin)
                } else {
                    probability
                },
                inconclusive: bands[&s.fold]
                    .is_some_and(|[low, high]| low < s.margin && s.margin < high),
            }
        };
        Ok(scored.iter().map(judge).collect())
    }
}

fn fit(scored: &[Scored]) -> Platt {
    let margins: Vec<f64> = scored.iter().map(|s| s.margin).collect();
    let labels: Vec<bool> = scored.iter().map(|s| s.haemorrhage).collect();
    Platt::fit(&margins, &labels)
}

#[cfg(test)]
mod tests {
    use super::super::drawn::scored;
    use super::*;

    const READING: Reading = Reading {
        decision: Decision::CrossFitted(OperatingPoint::Balanced),
        platt: None,
        softmax: false,
        band: Band::None,
    };

    /// Two folds whose margins are shifted against each other, so that it shows which is fitted on.
    fn two_folds() -> Vec<Scored> {
        let mut slices = scored(&[(-1.0, false), (1.0, true)].repeat(20));
        for s in &mut slices {
            s.margin += 10.0 * s.fold as f64;
        }
        slices
    }

    #[test]
    fn a_fold_is_judged_by_what_the_others_choose() {
        let judged = READING.judge(&two_folds()).unwrap();
        for j in judged {
            // Fold 0 takes the threshold 10 of fold 1 and the other way about.
            assert_eq!(j.called, j.scored.fold == 1);
            assert!(if j.scored.fold == 1 {
                j.probability > 0.9
            } else {
                j.probability < 0.1
            });
            assert_eq!(j.output, j.probability);
        }
    }

    #[test]
    fn an_own_decision_and_a_softmax_need_no_fit() {
        let reading = Reading {
            decision: Decision::Own,
            platt: Some(Platt {
                slope: -2.0,
                offset: 0.0,
            }),
            softmax: true,
            band: Band::Fixed([-0.5, 0.5]),
        };
        let judged = reading
            .judge(&scored(&[(0.0, true), (-(3f64.ln()), false)]))
            .unwrap();
        assert!(judged[0].called && judged[0].inconclusive && judged[0].output == 0.5);
        assert!(!judged[1].called && !judged[1].inconclusive);
        assert!((judged[1].output - 0.25).abs() < 1e-12);
        assert!((judged[1].probability - 0.1).abs() < 1e-12);
    }

    #[test]
    fn margins_that_do_not_teach_are_read_by_those_that_do() {
        let teaching = two_folds();
        // Margins that would move every threshold, if they were fitted on.
        let aside = scored(&[(7.0, false), (-7.0, true)].repeat(20));
        let both: Vec<Scored> = teaching.iter().chain(&aside).copied().collect();
        let reading = Reading {
            band: Band::CrossFitted,
            ..READING
        };
        let judged = reading.judge_by(&teaching, &both).unwrap();
        assert_eq!(judged[..40], reading.judge(&teaching).unwrap());
        for j in &judged[40..] {
            // Fold 0 takes the threshold 10 of fold 1, fold 1 the threshold 0 of fold 0.
            let threshold = if j.scored.fold == 1 { 0.0 } else { 10.0 };
            assert_eq!(j.called, j.scored.margin >= threshold);
        }
        assert!(reading.judge_by(&teaching[..1], &both).is_err());
    }

    #[test]
    fn one_fold_alone_cannot_be_cross_fitted() {
        let one = &scored(&[(0.0, true), (1.0, false)]);
        assert!(READING.judge(one).is_err());
    }
}
