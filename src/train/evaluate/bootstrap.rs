//! Intervals from resampled patients.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::model::Figure;

/// Resamplings of the patients behind an interval.
pub const RESAMPLINGS: usize = 2_000;
const BOOTSTRAP_SEED: u64 = 20_201_214;

/// A figure with its 95 % interval over patients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure on all slices.
    pub value: f64,
    /// Lower end; `None` where no resampling gave a figure.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Estimate {
    /// For a model's card.
    pub fn figure(self, protocol: &str) -> Figure {
        Figure {
            value: self.value,
            low: self.low,
            high: self.high,
            protocol: protocol.to_owned(),
        }
    }
}

/// How often each patient was drawn, for each of [`RESAMPLINGS`] resamplings: patients drawn with
/// replacement, as many as there are. The same for the same number of patients, so that two
/// networks can be compared on the same resamplings.
pub(super) struct Resamplings(Vec<Vec<u32>>);

impl Resamplings {
    pub(super) fn new(patients: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(BOOTSTRAP_SEED);
        let mut draw = || {
            let mut weights = vec![0; patients];
            for _ in 0..patients {
                weights[rng.random_range(0..patients)] += 1;
            }
            weights
        };
        Self((0..RESAMPLINGS).map(|_| draw()).collect())
    }

    /// The figure of every resampling that gives one, in ascending order.
    pub(super) fn figures(&self, figure: impl Fn(&[u32]) -> f64 + Sync) -> Vec<f64> {
        let mut drawn: Vec<f64> = self
            .0
            .par_iter()
            .map(|weights| figure(weights))
            .filter(|f| f.is_finite())
            .collect();
        drawn.sort_by(f64::total_cmp);
        drawn
    }
}

/// The mean of values with its 95 % interval over patients, who are numbered from 0; NaN where there
/// are no values.
pub fn mean_by_patient(values: &[(usize, f64)]) -> Estimate {
    let patients = values.iter().map(|(patient, _)| patient + 1).max();
    let mean = |weights: &[u32]| {
        let (mut sum, mut count) = (0.0, 0.0);
        for &(patient, value) in values {
            let weight = f64::from(weights[patient]);
            sum += weight * value;
            count += weight;
        }
        sum / count
    };
    let patients = patients.unwrap_or(0);
    if patients == 0 {
        return estimate(f64::NAN, &[]);
    }
    let resampled = Resamplings::new(patients).figures(mean);
    estimate(mean(&vec![1; patients]), &resampled)
}

/// A figure with the interval that holds the middle 95 % of its resamplings (ascending).
pub(super) fn estimate(value: f64, resampled: &[f64]) -> Estimate {
    let quantile = |q: f64| {
        let last = resampled.len().max(1) - 1;
        resampled.get((last as f64 * q).round() as usize).copied()
    };
    Estimate {
        value,
        low: quantile(0.025),
        high: quantile(0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resampling_draws_as_many_patients_as_there_are() {
        let resamplings = Resamplings::new(82);
        assert_eq!(resamplings.0.len(), RESAMPLINGS);
        assert!(resamplings.0.iter().all(|w| w.iter().sum::<u32>() == 82));
        assert!(resamplings.0[0] != resamplings.0[1]);
        assert_eq!(resamplings.0, Resamplings::new(82).0);
    }

    #[test]
    fn the_interval_is_the_middle_of_the_resampled_figures() {
        let resampled: Vec<f64> = (0..=1000).map(f64::from).collect();
        let e = estimate(480.0, &resampled);
        assert_eq!((e.low, e.high), (Some(25.0), Some(975.0)));
        let none = estimate(f64::NAN, &[]);
        assert_eq!((none.low, none.high), (None, None));
    }

    #[test]
    fn the_mean_of_single_slices_has_the_interval_of_the_normal_law() {
        // 400 patients of one slice each, values 0 and 1: the mean's deviation is 0.5 / √400.
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let single: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
        let e = mean_by_patient(&single);
        assert_eq!(e.value, 0.5);
        let half = (e.high.unwrap() - e.low.unwrap()) / 2.0;
        assert!((half - 1.96 * 0.025).abs() < 0.004, "{half}");
        // Ten slices of each say no more: patients are drawn, not slices.
        let tenfold: Vec<(usize, f64)> = (0..10).flat_map(|_| single.clone()).collect();
        assert_eq!(mean_by_patient(&tenfold).low, e.low);
        assert!(mean_by_patient(&[]).value.is_nan());
    }
}
