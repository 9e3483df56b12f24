//! How far probabilities are what they say.

use serde::Serialize;

use super::Judged;

/// Bins of a reliability curve, of equally many slices each.
pub const BINS: usize = 10;

/// One bin of a reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Slices in it.
    pub slices: u32,
    /// Mean calibrated probability of haemorrhage.
    pub predicted: f64,
    /// Share of slices with haemorrhage.
    pub observed: f64,
}

/// The reliability curve of slices that come in order of their probabilities, each counting as
/// often as its patient's weight says. A slice that counts several times may fall on both sides of
/// a bin's edge.
pub(super) fn bins<'a>(
    ascending: impl Iterator<Item = &'a Judged> + Clone,
    weights: &[u32],
) -> Vec<Bin> {
    let weight = |j: &Judged| weights[j.scored.patient] as usize;
    let total: usize = ascending.clone().map(&weight).sum();
    let mut sums = [(0usize, 0.0, 0usize); BINS];
    let (mut bin, mut placed) = (0, 0);
    for judged in ascending {
        let mut left = weight(judged);
        while left > 0 {
            let end = (bin + 1) * total / BINS;
            let here = left.min(end - placed);
            let (slices, said, positives) = &mut sums[bin];
            *slices += here;
            *said += here as f64 * judged.probability;
            *positives += if judged.scored.haemorrhage { here } else { 0 };
            placed += here;
            left -= here;
            bin += usize::from(placed == end);
        }
    }
    sums.into_iter()
        .filter(|(slices, ..)| *slices > 0)
        .map(|(slices, said, positives)| Bin {
            slices: slices as u32,
            predicted: said / slices as f64,
            observed: positives as f64 / slices as f64,
        })
        .collect()
}

/// Expected calibration error: the mean distance of predicted and observed over the bins, weighted
/// by their slices.
pub(super) fn calibration_error(bins: &[Bin]) -> f64 {
    let total: f64 = bins.iter().map(|b| f64::from(b.slices)).sum();
    let off: f64 = bins
        .iter()
        .map(|b| f64::from(b.slices) * (b.predicted - b.observed).abs())
        .sum();
    off / total
}

#[cfg(test)]
mod tests {
    use super::super::drawn::scored;
    use super::*;

    fn judged(points: &[(f64, bool)]) -> Vec<Judged> {
        scored(points)
            .into_iter()
            .map(|scored| Judged {
                scored,
                called: false,
                probability: scored.margin,
                output: scored.margin,
                inconclusive: false,
            })
            .collect()
    }

    #[test]
    fn bins_hold_equally_many_slices_and_average_them() {
        let points: Vec<(f64, bool)> = (0..20).map(|i| (f64::from(i) / 20.0, i % 4 == 3)).collect();
        let bins = bins(judged(&points).iter(), &[1; 10]);
        assert_eq!(bins.len(), 10);
        for (b, bin) in bins.iter().enumerate() {
            assert_eq!(bin.slices, 2);
            assert!((bin.predicted - (b as f64 / 10.0 + 0.025)).abs() < 1e-12);
            assert_eq!(bin.observed, if b % 2 == 1 { 0.5 } else { 0.0 });
        }
        // 0.025, 0.375, 0.225, 0.175, … by hand.
        let by_hand: f64 = [
            0.025, 0.375, 0.225, 0.175, 0.425, 0.025, 0.625, 0.225, 0.825, 0.425,
        ]
        .iter()
        .sum::<f64>()
            / 10.0;
        assert!((calibration_error(&bins) - by_hand).abs() < 1e-12);
    }

    #[test]
    fn a_weight_counts_as_that_many_copies() {
        let points: Vec<(f64, bool)> = (0..14)
            .map(|i| (f64::from(i * 5 % 14) / 14.0, i % 3 == 0))
            .collect();
        let weights = [2, 0, 1, 5, 3, 1, 1];
        let mut slices = judged(&points);
        slices.sort_by(|a, b| a.probability.total_cmp(&b.probability));
        let copies: Vec<Judged> = slices
            .iter()
            .flat_map(|j| std::iter::repeat_n(*j, weights[j.scored.patient] as usize))
            .collect();
        let weighed = bins(slices.iter(), &weights);
        let copied = bins(copies.iter(), &[1; 7]);
        assert_eq!(weighed.len(), copied.len());
        for (a, b) in weighed.iter().zip(&copied) {
            assert_eq!((a.slices, a.observed), (b.slices, b.observed));
            assert!((a.predicted - b.predicted).abs() < 1e-12);
        }
    }

    #[test]
    fn fewer_slices_than_bins_leave_no_empty_bin() {
        let few = judged(&[(0.2, false), (0.4, true), (0.9, true)]);
        let bins = bins(few.iter(), &[1, 1]);
        assert_eq!(bins.iter().map(|b| b.slices).sum::<u32>(), 3);
        assert!(bins.iter().all(|b| b.slices > 0));
    }
}
