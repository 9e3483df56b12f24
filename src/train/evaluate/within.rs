//! AUC over pairs of the same fold.
//!
//! Each fold is judged by a network of its own, and networks differ in where their margins lie. Where
//! folds differ in how common haemorrhage is, as they do by study, pairs of different folds compare
//! the networks as well.

use std::collections::BTreeMap;

use super::Scored;
use super::bootstrap::{Estimate, Resamplings, estimate};
use super::ranking::auc_of_ranked;

/// Share of the (haemorrhage, normal) pairs of the same fold that are in the right order, ties
/// counting half; NaN when there is no pair.
fn auc_within_folds(scored: &[Scored]) -> f64 {
    let patients = scored.iter().map(|s| s.patient + 1).max().unwrap_or(0);
    weighed(&by_fold(scored), &vec![1; patients])
}

/// The same with its 95 % patient-bootstrap interval.
pub fn auc_within_folds_estimate(scored: &[Scored]) -> Estimate {
    let patients = scored.iter().map(|s| s.patient + 1).max().unwrap_or(0);
    let folds = by_fold(scored);
    let resampled = Resamplings::new(patients).figures(|weights| weighed(&folds, weights));
    estimate(auc_within_folds(scored), &resampled)
}

/// Each fold in order of its margins.
fn by_fold(scored: &[Scored]) -> Vec<Vec<Scored>> {
    let mut folds: BTreeMap<usize, Vec<Scored>> = BTreeMap::new();
    for s in scored {
        folds.entry(s.fold).or_default().push(*s);
    }
    for fold in folds.values_mut() {
        fold.sort_by(|a, b| a.margin.total_cmp(&b.margin));
    }
    folds.into_values().collect()
}

fn weighed(folds: &[Vec<Scored>], weights: &[u32]) -> f64 {
    let (mut right, mut all) = (0.0, 0.0);
    for fold in folds {
        let count = |haemorrhage: bool| -> f64 {
            let of = fold.iter().filter(|s| s.haemorrhage == haemorrhage);
            of.map(|s| f64::from(weights[s.patient])).sum()
        };
        let pairs = count(true) * count(false);
        if pairs > 0.0 {
            let ranked = fold.iter();
            let auc = auc_of_ranked(ranked.map(|s| (s.margin, s.haemorrhage, weights[s.patient])));
            right += auc * pairs;
            all += pairs;
        }
    }
    right / all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(fold: usize, margin: f64, haemorrhage: bool, patient: usize) -> Scored {
        Scored {
            patient,
            fold,
            haemorrhage,
            margin,
        }
    }

    #[test]
    fn only_pairs_of_a_fold_are_compared() {
        // Fold 1 lies far above fold 0; fold 2 has no pair.
        let all = [
            scored(0, 1.0, false, 0),
            scored(0, 2.0, true, 1),
            scored(1, 11.0, false, 2),
            scored(1, 12.0, true, 3),
            scored(1, 10.0, true, 4),
            scored(2, -5.0, true, 5),
        ];
        assert_eq!(auc_within_folds(&all), 2.0 / 3.0);
        let pooled = super::super::auc(&all);
        assert_eq!(pooled, 4.0 / 8.0);
        let estimate = auc_within_folds_estimate(&all);
        assert_eq!(estimate.value, 2.0 / 3.0);
        assert!(
            estimate.low.unwrap() <= estimate.value && estimate.high.unwrap() >= estimate.value
        );
        assert!(auc_within_folds(&all[5..]).is_nan() && auc_within_folds(&[]).is_nan());
    }
}
