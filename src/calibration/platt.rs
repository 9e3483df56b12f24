//! Platt scaling: from a margin to a probability.

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

    /// Whether its numbers are numbers, and probabilities rise with the margin: with a slope of the
    /// other sign a haemorrhage would be called the less likely the clearer it is.
    pub(crate) fn is_usable(&self) -> bool {
        self.slope.is_finite() && self.slope < 0.0 && self.offset.is_finite()
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn extreme_margins_do_not_overflow() {
        let platt = Platt {
            slope: -2.0,
            offset: 0.0,
        };
        assert_eq!(platt.probability(1e6), 1.0);
        assert_eq!(platt.probability(-1e6), 0.0);
    }
}
