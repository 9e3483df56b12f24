//! What the order of the margins says: the ROC curve and figures read from it.

use super::Scored;

/// A slice as ranking sees it: its margin, its truth and how often it counts.
pub(super) type Ranked = (f64, bool, u32);

/// Area under the ROC curve: the share of (haemorrhage, normal) pairs in the right order, ties
/// counting half; NaN when a class is missing.
pub fn auc(scored: &[Scored]) -> f64 {
    let mut order: Vec<Ranked> = scored
        .iter()
        .map(|s| (s.margin, s.haemorrhage, 1))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    auc_of_ranked(order.into_iter())
}

/// [`auc`] of slices that come in order of their margins.
pub(super) fn auc_of_ranked(ascending: impl Iterator<Item = Ranked>) -> f64 {
    let (mut below, mut pairs, mut positives) = (0.0, 0.0, 0.0);
    let (mut tied_at, mut tied_positives, mut tied_negatives) = (f64::NAN, 0.0, 0.0);
    for (margin, haemorrhage, weight) in ascending {
        if margin != tied_at {
            pairs += tied_positives * (below + tied_negatives / 2.0);
            below += tied_negatives;
            positives += tied_positives;
            (tied_at, tied_positives, tied_negatives) = (margin, 0.0, 0.0);
        }
        if haemorrhage {
            tied_positives += f64::from(weight);
        } else {
            tied_negatives += f64::from(weight);
        }
    }
    pairs += tied_positives * (below + tied_negatives / 2.0);
    below += tied_negatives;
    positives += tied_positives;
    pairs / (positives * below)
}

/// Sensitivity where at least the given share of normal slices is passed, of slices that come in
/// order of their margins.
pub(super) fn sensitivity_at_specificity(
    ascending: impl Iterator<Item = Ranked> + Clone,
    wanted: f64,
) -> f64 {
    let normal: u32 = ascending.clone().filter(|s| !s.1).map(|s| s.2).sum();
    let to_pass = (wanted * f64::from(normal)).ceil();
    let mut passed = 0.0;
    let last = ascending.clone().filter(|s| !s.1).find(|s| {
        passed += f64::from(s.2);
        passed >= to_pass && s.2 > 0
    });
    let Some((last, ..)) = last else {
        return f64::NAN;
    };
    let (mut all, mut found) = (0u32, 0u32);
    for (margin, _, weight) in ascending.filter(|s| s.1) {
        all += weight;
        found += if margin > last { weight } else { 0 };
    }
    f64::from(found) / f64::from(all)
}

/// A point of the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// Share of normal slices that are called haemorrhage.
    pub false_positive_rate: f64,
    /// Share of haemorrhages that are called so.
    pub sensitivity: f64,
}

/// The ROC curve from (0, 0) to (1, 1), one point for each different margin.
pub fn roc(scored: &[Scored]) -> Vec<RocPoint> {
    let mut order: Vec<&Scored> = scored.iter().collect();
    order.sort_by(|a, b| b.margin.total_cmp(&a.margin));
    let positives = order.iter().filter(|s| s.haemorrhage).count() as f64;
    let negatives = order.len() as f64 - positives;
    let (mut found, mut wrong) = (0.0, 0.0);
    let origin = RocPoint {
        false_positive_rate: 0.0,
        sensitivity: 0.0,
    };
    let mut points = vec![origin];
    for tied in order.chunk_by(|a, b| a.margin == b.margin) {
        let positive = tied.iter().filter(|s| s.haemorrhage).count() as f64;
        found += positive;
        wrong += tied.len() as f64 - positive;
        points.push(RocPoint {
            false_positive_rate: wrong / negatives,
            sensitivity: found / positives,
        });
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::drawn::scored;
    use super::*;

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
        assert!(auc(&s[1..2]).is_nan());
    }

    #[test]
    fn a_weight_counts_as_that_many_copies() {
        let ranked = [
            (0.0, true, 2),
            (1.0, false, 3),
            (1.0, true, 1),
            (2.0, false, 0),
            (3.0, true, 4),
            (4.0, false, 1),
        ];
        let copies: Vec<(f64, bool)> = ranked
            .iter()
            .flat_map(|&(m, h, w)| std::iter::repeat_n((m, h), w as usize))
            .collect();
        assert_eq!(auc_of_ranked(ranked.into_iter()), auc(&scored(&copies)));
        let copied = copies.iter().map(|&(m, h)| (m, h, 1));
        for wanted in [0.5, 0.75, 0.76, 1.0] {
            assert_eq!(
                sensitivity_at_specificity(ranked.into_iter(), wanted),
                sensitivity_at_specificity(copied.clone(), wanted)
            );
        }
    }

    #[test]
    fn sensitivity_is_read_where_enough_normal_slices_pass() {
        let ranked = [-2.0, -1.0, 0.5, 1.0, 2.0]
            .into_iter()
            .zip([false, false, true, false, true])
            .map(|(margin, haemorrhage)| (margin, haemorrhage, 1));
        assert_eq!(sensitivity_at_specificity(ranked.clone(), 0.9), 0.5);
        assert_eq!(sensitivity_at_specificity(ranked.clone(), 0.6), 1.0);
        assert!(sensitivity_at_specificity(ranked.filter(|s| s.1), 0.9).is_nan());
    }

    #[test]
    fn the_curve_steps_once_for_each_margin() {
        let s = scored(&[(1.0, false), (2.0, true), (2.0, false), (3.0, true)]);
        let points: Vec<(f64, f64)> = roc(&s)
            .iter()
            .map(|p| (p.false_positive_rate, p.sensitivity))
            .collect();
        assert_eq!(points, [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
    }
}
