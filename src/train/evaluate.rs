//! Figures from margins: AUC, sensitivity, specificity, calibration, with intervals over patients.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::calibration::Platt;
use crate::model::Figure;

/// Resamplings of the patients behind an interval.
pub const RESAMPLINGS: usize = 2_000;
const BOOTSTRAP_SEED: u64 = 20_201_214;

/// One slice's margin with its truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Index of its patient.
    pub patient: usize,
    /// Its fold; 0 where there are none.
    pub fold: usize,
    /// The truth.
    pub haemorrhage: bool,
    /// The margin.
    pub margin: f64,
}

/// Area under the ROC curve: the share of (haemorrhage, normal) pairs in the right order, ties
/// counting half; NaN when a class is missing.
pub fn auc(scored: &[Scored]) -> f64 {
    let mut order: Vec<&Scored> = scored.iter().collect();
    order.sort_by(|a, b| a.margin.total_cmp(&b.margin));
    let (mut below, mut pairs, mut positives) = (0usize, 0.0, 0usize);
    for tied in order.chunk_by(|a, b| a.margin == b.margin) {
        let positive = tied.iter().filter(|s| s.haemorrhage).count();
        let negative = tied.len() - positive;
        pairs += positive as f64 * (below as f64 + negative as f64 / 2.0);
        below += negative;
        positives += positive;
    }
    pairs / (positives as f64 * below as f64)
}

/// Share of haemorrhages at or above the threshold.
pub fn sensitivity(scored: &[Scored], threshold: impl Fn(&Scored) -> f64) -> f64 {
    share(scored.iter().filter(|s| s.haemorrhage), |s| {
        s.margin >= threshold(s)
    })
}

/// Share of normal slices below the threshold.
pub fn specificity(scored: &[Scored], threshold: impl Fn(&Scored) -> f64) -> f64 {
    share(scored.iter().filter(|s| !s.haemorrhage), |s| {
        s.margin < threshold(s)
    })
}

fn share<'a>(of: impl Iterator<Item = &'a Scored>, holds: impl Fn(&Scored) -> bool) -> f64 {
    let (mut all, mut held) = (0usize, 0usize);
    for scored in of {
        all += 1;
        held += usize::from(holds(scored));
    }
    held as f64 / all as f64
}

/// Sensitivity where the given share of normal slices is passed.
pub fn sensitivity_at_specificity(scored: &[Scored], wanted: f64) -> f64 {
    let mut normal: Vec<f64> = scored
        .iter()
        .filter(|s| !s.haemorrhage)
        .map(|s| s.margin)
        .collect();
    normal.sort_by(f64::total_cmp);
    let passed = ((wanted * normal.len() as f64).ceil() as usize).min(normal.len());
    let Some(&last) = passed.checked_sub(1).and_then(|i| normal.get(i)) else {
        return f64::NAN;
    };
    share(scored.iter().filter(|s| s.haemorrhage), |s| s.margin > last)
}

/// The threshold with the largest sum of sensitivity and specificity (Youden), midway between the
/// margins that it parts.
pub fn best_threshold(scored: &[Scored]) -> f64 {
    let mut order: Vec<&Scored> = scored.iter().collect();
    order.sort_by(|a, b| a.margin.total_cmp(&b.margin));
    let positives = order.iter().filter(|s| s.haemorrhage).count() as f64;
    let negatives = order.len() as f64 - positives;
    let (mut best, mut threshold) = (f64::NEG_INFINITY, 0.0);
    let (mut missed, mut passed) = (0.0, 0.0);
    for pair in order.windows(2) {
        if pair[0].haemorrhage {
            missed += 1.0;
        } else {
            passed += 1.0;
        }
        let youden = passed / negatives - missed / positives;
        if youden > best && pair[0].margin < pair[1].margin {
            best = youden;
            threshold = (pair[0].margin + pair[1].margin) / 2.0;
        }
    }
    threshold
}

/// For each slice the threshold that the other folds would have chosen, by fold.
pub fn cross_fitted_thresholds(scored: &[Scored]) -> BTreeMap<usize, f64> {
    let folds: std::collections::BTreeSet<usize> = scored.iter().map(|s| s.fold).collect();
    folds
        .into_iter()
        .map(|fold| {
            let others: Vec<Scored> = scored.iter().filter(|s| s.fold != fold).copied().collect();
            (fold, best_threshold(&others))
        })
        .collect()
}

/// The narrowest band `[low, high]` around the threshold, by share of slices inside, outside which
/// sensitivity and specificity reach `wanted`; ends are taken from 100 quantiles of the margins.
pub fn inconclusive_band(scored: &[Scored], threshold: f64, wanted: f64) -> [f64; 2] {
    let mut margins: Vec<f64> = scored.iter().map(|s| s.margin).collect();
    margins.sort_by(f64::total_cmp);
    let quantile = |q: usize| margins[q * (margins.len() - 1) / 100];
    let ends: Vec<f64> = (0..=100).map(quantile).chain([threshold]).collect();
    let mut best = (usize::MAX, [quantile(0), quantile(100)]);
    for &low in ends.iter().filter(|&&e| e <= threshold) {
        for &high in ends.iter().filter(|&&e| e >= threshold) {
            let outside: Vec<Scored> = scored
                .iter()
                .filter(|s| s.margin <= low || s.margin >= high)
                .copied()
                .collect();
            let inside = scored.len() - outside.len();
            if inside < best.0
                && sensitivity(&outside, |_| threshold) >= wanted
                && specificity(&outside, |_| threshold) >= wanted
            {
                best = (inside, [low, high]);
            }
        }
    }
    best.1
}

/// Expected calibration error over ten bins of equally many slices.
pub fn calibration_error(scored: &[Scored], platt: &Platt) -> f64 {
    const BINS: usize = 10;
    let mut points: Vec<(f64, bool)> = scored
        .iter()
        .map(|s| (platt.probability(s.margin), s.haemorrhage))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = points.len();
    (0..BINS)
        .map(|b| {
            let bin = &points[b * n / BINS..(b + 1) * n / BINS];
            let said: f64 = bin.iter().map(|p| p.0).sum();
            let true_ones = bin.iter().filter(|p| p.1).count() as f64;
            (said - true_ones).abs() / n as f64
        })
        .sum()
}

/// A figure with its 95 % interval: patients drawn with replacement [`RESAMPLINGS`] times.
pub fn with_interval(
    scored: &[Scored],
    protocol: &str,
    figure: impl Fn(&[Scored]) -> f64,
) -> Figure {
    let mut by_patient: BTreeMap<usize, Vec<Scored>> = BTreeMap::new();
    for s in scored {
        by_patient.entry(s.patient).or_default().push(*s);
    }
    let patients: Vec<Vec<Scored>> = by_patient.into_values().collect();
    let mut rng = ChaCha8Rng::seed_from_u64(BOOTSTRAP_SEED);
    let mut drawn: Vec<f64> = (0..RESAMPLINGS)
        .map(|_| {
            let sample: Vec<Scored> = (0..patients.len())
                .flat_map(|_| {
                    patients[rng.random_range(0..patients.len())]
                        .iter()
                        .copied()
                })
                .collect();
            figure(&sample)
        })
        .filter(|f| f.is_finite())
        .collect();
    drawn.sort_by(f64::total_cmp);
    let quantile = |q: f64| {
        drawn
            .get(((drawn.len().max(1) - 1) as f64 * q).round() as usize)
            .copied()
    };
    Figure {
        value: figure(scored),
        low: quantile(0.025),
        high: quantile(0.975),
        protocol: protocol.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(margins: &[(f64, bool)]) -> Vec<Scored> {
        margins
            .iter()
            .enumerate()
            .map(|(i, &(margin, haemorrhage))| Scored {
                patient: i / 2,
                fold: i % 2,
                haemorrhage,
                margin,
            })
            .collect()
    }

    #[test]
    fn auc_counts_pairs_and_halves_ties() {
        let s = scored(&[
            (1.0, false),
            (2.0, true),
            (2.0, false),
            (3.0, true),
            (0.0, true),
        ]);
        // Pairs: 2>1, 2=2, 3>1, 3>2, 0<1, 0<2.
        assert!((auc(&s) - 3.5 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn thresholds_and_rates_agree_with_a_count_by_hand() {
        let s = scored(&[
            (-2.0, false),
            (-1.0, false),
            (0.5, true),
            (1.0, false),
            (2.0, true),
        ]);
        let t = best_threshold(&s);
        assert_eq!(t, -0.25);
        assert_eq!(sensitivity(&s, |_| t), 1.0);
        assert!((specificity(&s, |_| t) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(sensitivity_at_specificity(&s, 0.9), 0.5);
    }

    #[test]
    fn the_band_leaves_out_just_the_doubtful_slices() {
        let mut points: Vec<(f64, bool)> =
            (0..400).map(|i| (f64::from(i) / 100.0, i >= 200)).collect();
        // Between 1.8 and 2.2 the labels alternate.
        for (i, point) in points.iter_mut().enumerate().take(220).skip(180) {
            point.1 = i % 2 == 0;
        }
        let s = scored(&points);
        let [low, high] = inconclusive_band(&s, 2.0, 0.99);
        assert!(
            (1.6..=1.84).contains(&low) && (2.16..=2.4).contains(&high),
            "{low} {high}"
        );
    }

    #[test]
    fn intervals_hold_the_figure() {
        let points: Vec<(f64, bool)> = (0..200)
            .map(|i| (f64::from(i * 37 % 100), i * 37 % 100 > 30 + i % 40))
            .collect();
        let figure = with_interval(&scored(&points), "test", auc);
        assert!(figure.low.unwrap() < figure.value && figure.value < figure.high.unwrap());
    }

    #[test]
    fn perfect_calibration_has_no_error() {
        let platt = Platt {
            slope: -1.0,
            offset: 0.0,
        };
        let sure = scored(&[(50.0, true), (-50.0, false), (60.0, true), (-60.0, false)].repeat(10));
        assert!(calibration_error(&sure, &platt) < 1e-9);
    }
}
