//! From a margin to a probability and a verdict.
//!
//! ```
//! use haemolens::calibration::Platt;
//!
//! let margins = [-2.0, -1.0, 0.5, -0.5, 1.0, 2.0];
//! let platt = Platt::fit(&margins, &[false, false, false, true, true, true]);
//! assert!(platt.probability(2.0) > 0.5 && platt.probability(-2.0) < 0.5);
//! ```

use serde::{Deserialize, Serialize};

/// Platt scaling: `probability = 1 / (1 + exp(slope * margin + offset))`, slope negative.
///
/// ```
/// use haemolens::calibration::Platt;
///
/// let platt = Platt { slope: -2.0, offset: 1.0 };
/// // Even odds where slope and offset cancel out.
/// assert_eq!(platt.probability(0.5), 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Factor of the margin.
    pub slope: f64,
    /// Constant.
    pub offset: f64,
}

impl Platt {
    /// Calibrated probability (0–1) of the positive class.
    ///
    /// ```
    /// use haemolens::calibration::Platt;
    ///
    /// let platt = Platt { slope: -2.0, offset: 0.0 };
    /// assert!(platt.probability(1.0) > platt.probability(0.9));
    /// // No margin is too large for it.
    /// assert_eq!((platt.probability(-1e9), platt.probability(1e9)), (0.0, 1.0));
    /// ```
    pub fn probability(&self, margin: f64) -> f64 {
        // Not the platform's own exponential, which differs in the last bit between machines.
        self.sigmoid(margin, libm::exp)
    }

    fn sigmoid(&self, margin: f64, exp: impl Fn(f64) -> f64) -> f64 {
        // The form that cannot overflow, whichever the sign.
        let z = self.slope * margin + self.offset;
        if z >= 0.0 {
            let e = exp(-z);
            e / (1.0 + e)
        } else {
            1.0 / (1.0 + exp(z))
        }
    }

    /// Fits slope and offset to held-out margins by maximum likelihood with Platt's smoothed
    /// targets, by Newton's method with backtracking (Lin, Lin and Weng 2007).
    ///
    /// ```
    /// use haemolens::calibration::Platt;
    ///
    /// let platt = Platt::fit(&[-1.0, -0.5, 0.5, 1.0], &[false, false, true, true]);
    /// assert!(platt.slope < 0.0);
    /// // Few margins, and not one mistake among them: nothing is called certain for that.
    /// assert!((0.6..0.9).contains(&platt.probability(1.0)));
    /// ```
    pub fn fit(margins: &[f64], labels: &[bool]) -> Self {
        let positives = labels.iter().filter(|&&l| l).count() as f64;
        let negatives = labels.len() as f64 - positives;
        let targets = [
            1.0 / (negatives + 2.0),
            (positives + 1.0) / (positives + 2.0),
        ];
        let target = |label: bool| targets[usize::from(label)];
        let loss = |p: &Platt| -> f64 {
            margins
                .iter()
                .zip(labels)
                .map(|(&m, &label)| {
                    let z = p.slope * m + p.offset;
                    // −log-likelihood of the target, written so that it cannot overflow.
                    target(label) * z + (-z.abs()).exp().ln_1p() + (-z).max(0.0)
                })
                .sum()
        };
        let mut fit = Platt {
            slope: 0.0,
            offset: ((negatives + 1.0) / (positives + 1.0)).ln(),
        };
        let mut current = loss(&fit);
        for _ in 0..MOST_NEWTON_STEPS {
            let (mut g, mut h) = ([0.0; 2], [RIDGE, 0.0, RIDGE]);
            for (&m, &label) in margins.iter().zip(labels) {
                let p = fit.sigmoid(m, f64::exp);
                let (d1, d2) = (target(label) - p, p * (1.0 - p));
                g[0] += m * d1;
                g[1] += d1;
                h[0] += m * m * d2;
                h[1] += m * d2;
                h[2] += d2;
            }
            if g[0].abs() < GRADIENT_IS_ZERO && g[1].abs() < GRADIENT_IS_ZERO {
                break;
            }
            let det = h[0] * h[2] - h[1] * h[1];
            let step = [
                -(h[2] * g[0] - h[1] * g[1]) / det,
                -(h[0] * g[1] - h[1] * g[0]) / det,
            ];
            let slope_of_loss = g[0] * step[0] + g[1] * step[1];
            let mut length = 1.0;
            loop {
                let next = Platt {
                    slope: fit.slope + length * step[0],
                    offset: fit.offset + length * step[1],
                };
                let value = loss(&next);
                if value < current + SUFFICIENT_DECREASE * length * slope_of_loss {
                    (fit, current) = (next, value);
                    break;
                }
                length *= 0.5;
                if length < SHORTEST_STEP {
                    return fit;
                }
            }
        }
        fit
    }
}

// Constants of Lin, Lin and Weng 2007.
const MOST_NEWTON_STEPS: usize = 100;
const RIDGE: f64 = 1e-12;
const GRADIENT_IS_ZERO: f64 = 1e-5;
const SUFFICIENT_DECREASE: f64 = 1e-4;
const SHORTEST_STEP: f64 = 1e-10;

/// How a model's margins become answers; chosen on held-out patients.
///
/// ```
/// use haemolens::calibration::Calibration;
///
/// let calibration = Calibration {
///     threshold: 0.3,
///     inconclusive: [0.1, 0.6],
///     ..Calibration::UNCALIBRATED
/// };
/// // This margin is on the side of haemorrhage, but not by enough to count on.
/// let margin = 0.5;
/// assert!(margin >= calibration.threshold && calibration.is_inconclusive(margin));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Probability of haemorrhage from the haemorrhage plane's margin.
    pub haemorrhage: Platt,
    /// The paper's second score, from the normal plane's own margin.
    pub normal: Platt,
    /// Margin from which a slice is called haemorrhage.
    pub threshold: f64,
    /// Margins between which the answer is inconclusive, `[low, high]`.
    pub inconclusive: [f64; 2],
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
/// assert_eq!(decision.threshold, 0.5);
/// let [low, high] = decision.inconclusive;
/// assert!(low < 0.3 && high > 0.7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decision {
    /// From here on a slice is called haemorrhage.
    pub threshold: f64,
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
            threshold: 0.0,
            inconclusive: [0.0, 0.0],
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
    /// assert_eq!(answer.probability >= decision.threshold, answer.label == Label::Haemorrhage);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    pub fn decision(&self) -> Decision {
        let probability = |margin| self.haemorrhage.probability(margin);
        Decision {
            threshold: probability(self.threshold),
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
}

/// How the margins of a study's slices become an answer for the study; chosen on whole held-out
/// patients.
///
/// ```
/// use haemolens::calibration::{Platt, StudyCalibration, study_margin};
///
/// let study = StudyCalibration {
///     share: 0.4,
///     haemorrhage: Platt { slope: -1.0, offset: 0.0 },
///     threshold: 0.0,
///     inconclusive: [-0.5, 0.5],
/// };
/// // Two of five slices speak for the study.
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
    /// Average from which a study is called haemorrhage.
    pub threshold: f64,
    /// Averages between which the answer is inconclusive, `[low, high]`.
    pub inconclusive: [f64; 2],
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

    #[test]
    fn fit_recovers_the_sigmoid_that_drew_the_labels() {
        // At each margin the share of positives is what the sigmoid says.
        let truth = Platt {
            slope: -2.0,
            offset: 0.7,
        };
        let (mut margins, mut labels) = (Vec::new(), Vec::new());
        for i in -20..=20 {
            let margin = f64::from(i) / 10.0;
            let positives = (truth.probability(margin) * 1000.0).round() as usize;
            for k in 0..1000 {
                margins.push(margin);
                labels.push(k < positives);
            }
        }
        let fit = Platt::fit(&margins, &labels);
        assert!((fit.slope - truth.slope).abs() < 0.01, "{fit:?}");
        assert!((fit.offset - truth.offset).abs() < 0.01, "{fit:?}");
    }

    #[test]
    fn separable_margins_stay_finite_and_ordered() {
        let margins = [-3.0, -2.0, 2.0, 3.0];
        let fit = Platt::fit(&margins, &[false, false, true, true]);
        let p = margins.map(|m| fit.probability(m));
        assert!(p.windows(2).all(|w| w[0] < w[1]), "{p:?}");
        assert!(p[0] > 0.0 && p[3] < 1.0);
    }

    #[test]
    fn decision_is_the_calibration_on_the_scale_of_probability() {
        let platt = Platt {
            slope: -1.5,
            offset: 1.0,
        };
        let calibration = Calibration {
            haemorrhage: platt,
            normal: platt,
            threshold: -0.3,
            inconclusive: [-1.0, 0.4],
        };
        let decision = calibration.decision();
        assert_eq!(decision.threshold, platt.probability(-0.3));
        let [low, high] = decision.inconclusive;
        assert!(low < decision.threshold && decision.threshold < high);
    }

    #[test]
    fn extreme_margins_do_not_overflow() {
        let platt = Platt {
            slope: -2.0,
            offset: 0.0,
        };
        assert_eq!(platt.probability(1e6), 1.0);
        assert_eq!(platt.probability(-1e6), 0.0);
    }
}
