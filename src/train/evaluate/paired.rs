//! Two networks on the same slices.

use libm::erfc;
use serde::Serialize;

use super::bootstrap::{RESAMPLINGS, Resamplings, estimate};
use super::{Assessment, Estimate, Judged, Measure};

/// Below this number of slices that only one network has right, McNemar's test counts its p-value
/// exactly.
const FEW_DISCORDANT: u64 = 25;

/// McNemar's test of whether two networks are wrong equally often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct McNemar {
    /// Slices that only the first has right.
    pub only_first: u64,
    /// Slices that only the second has right.
    pub only_second: u64,
    /// χ² with continuity correction (Edwards 1948); `None` where the p-value is the binomial's.
    pub chi_square: Option<f64>,
    /// Two-sided p-value.
    pub p: f64,
}

/// McNemar's test: the exact binomial one when few slices divide the networks, else χ² with one
/// degree of freedom and continuity correction.
pub fn mcnemar(only_first: u64, only_second: u64) -> McNemar {
    let discordant = only_first + only_second;
    let (chi_square, p) = if discordant < FEW_DISCORDANT {
        (
            None,
            two_sided_binomial(discordant, only_first.min(only_second)),
        )
    } else {
        let distance = only_first.abs_diff(only_second) as f64 - 1.0;
        let chi_square = distance.max(0.0).powi(2) / discordant as f64;
        (Some(chi_square), erfc((chi_square / 2.0).sqrt()))
    };
    McNemar {
        only_first,
        only_second,
        chi_square,
        p,
    }
}

/// Chance of at most `fewer` or at least `n − fewer` heads in `n` tosses of a fair coin.
fn two_sided_binomial(n: u64, fewer: u64) -> f64 {
    let (mut ways, mut tail) = (1.0, 0.0);
    for k in 0..=fewer {
        tail += ways;
        ways *= (n - k) as f64 / (k + 1) as f64;
    }
    (2.0 * tail / 2f64.powi(n as i32)).min(1.0)
}

/// A difference of two networks with its 95 % patient-bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// First minus second.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Two-sided p-value: twice the share of resampled differences on the rarer side of zero,
    /// zero and the figure itself counted in (Davison and Hinkley 1997, section 4.2).
    pub p: f64,
}

/// What comparing two networks gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Slices that both judged.
    pub slices: usize,
    /// McNemar's test on the calls, slice by slice.
    pub mcnemar: McNemar,
    /// Difference of accuracy.
    pub accuracy: Difference,
    /// Difference of AUC.
    pub auc: Difference,
}

/// Compares two networks; `pairs` holds each slice as the first and as the second judged it, its
/// patients numbered from 0.
pub fn compare(pairs: Vec<(Judged, Judged)>) -> Comparison {
    let right = |j: &Judged| j.called == j.scored.haemorrhage;
    let count = |first: bool| {
        let only = |(a, b): &&(Judged, Judged)| right(a) == first && right(b) != first;
        pairs.iter().filter(only).count() as u64
    };
    let mcnemar = mcnemar(count(true), count(false));
    let slices = pairs.len();
    let (first, second) = pairs.into_iter().unzip();
    let (first, second) = (Assessment::new(first), Assessment::new(second));
    Comparison {
        slices,
        mcnemar,
        accuracy: difference(&first, &second, Measure::Accuracy),
        auc: difference(&first, &second, Measure::Auc),
    }
}

/// The difference of a measure, first minus second, on the same resamplings of the patients, who
/// are numbered alike in both.
pub fn difference(first: &Assessment, second: &Assessment, measure: Measure) -> Difference {
    let patients = first.patients().max(second.patients());
    let resampled = Resamplings::new(patients)
        .figures(|weights| first.weighed(measure, weights) - second.weighed(measure, weights));
    Difference {
        estimate: estimate(first.value(measure) - second.value(measure), &resampled),
        p: p_of_zero(&resampled),
    }
}

fn p_of_zero(resampled: &[f64]) -> f64 {
    let not_above = resampled.iter().filter(|&&d| d <= 0.0).count();
    let not_below = resampled.iter().filter(|&&d| d >= 0.0).count();
    let rarer = not_above.min(not_below) as f64;
    (2.0 * (rarer + 1.0) / (RESAMPLINGS as f64 + 1.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::Scored;
    use super::*;

    #[test]
    fn few_discordant_slices_are_counted_exactly() {
        // 1 head or fewer of 5: 2 · (1 + 5) / 32.
        assert_eq!(mcnemar(4, 1).p, 0.375);
        assert_eq!(mcnemar(1, 4).p, 0.375);
        assert_eq!(mcnemar(3, 3).p, 1.0);
        assert_eq!(mcnemar(0, 0).p, 1.0);
        assert_eq!(mcnemar(0, 0).chi_square, None);
    }

    #[test]
    fn many_discordant_slices_take_the_corrected_chi_square() {
        let test = mcnemar(30, 10);
        assert_eq!(test.chi_square, Some(19.0 * 19.0 / 40.0));
        assert_eq!(mcnemar(20, 20).p, 1.0);
    }

    fn judged(patient: usize, haemorrhage: bool, margin: f64) -> Judged {
        Judged {
            scored: Scored {
                patient,
                fold: 0,
                haemorrhage,
                margin,
            },
            called: margin >= 0.0,
            probability: 0.5,
            output: 0.5,
            inconclusive: false,
        }
    }

    #[test]
    fn a_network_does_not_differ_from_itself() {
        let slices: Vec<Judged> = (0..40)
            .map(|i| judged(i / 2, i % 3 == 0, (i as f64 * 0.7).sin()))
            .collect();
        let pairs = slices.iter().map(|j| (*j, *j)).collect();
        let same = compare(pairs);
        assert_eq!((same.mcnemar.only_first, same.mcnemar.only_second), (0, 0));
        assert_eq!((same.auc.estimate.value, same.auc.p), (0.0, 1.0));
        assert_eq!((same.accuracy.estimate.value, same.accuracy.p), (0.0, 1.0));
    }

    #[test]
    fn a_much_better_network_is_told_from_chance() {
        let pairs: Vec<(Judged, Judged)> = (0..80)
            .map(|i| {
                let haemorrhage = i % 2 == 0;
                let good = if haemorrhage { 1.0 } else { -1.0 } + 0.01 * i as f64;
                let chance = (i as f64 * 2.3).sin();
                (
                    judged(i / 2, haemorrhage, good),
                    judged(i / 2, haemorrhage, chance),
                )
            })
            .collect();
        let swapped = pairs.iter().map(|&(a, b)| (b, a)).collect();
        let found = compare(pairs);
        assert_eq!(found.slices, 80);
        assert!(found.auc.estimate.low.unwrap() > 0.2, "{found:?}");
        assert!(found.auc.p < 0.002 && found.accuracy.p < 0.01, "{found:?}");
        assert!(found.mcnemar.p < 0.01, "{found:?}");
        let back = compare(swapped);
        assert_eq!(back.auc.estimate.value, -found.auc.estimate.value);
        assert_eq!(back.mcnemar.only_second, found.mcnemar.only_first);
    }
}
