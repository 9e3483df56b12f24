//! Grouped, stratified folds: what belongs together stays together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The fold (0 to `folds − 1`) of each example, given the group and the class of each. Groups are
/// dealt, those with most positive examples first, to the fold that has fewest such (then fewest
/// examples), so that folds are alike in both; the same examples always give the same folds. Where
/// there are no more groups than folds, each has a fold of its own.
///
/// ```
/// use haemolens::retrain::deal;
///
/// let patients = ["a", "a", "b", "c", "c", "d"];
/// let haemorrhage = [true, false, true, false, false, false];
/// assert_eq!(deal(&patients, &haemorrhage, 2), [0, 0, 1, 1, 1, 0]);
/// ```
pub fn deal<G: Ord>(groups: &[G], positive: &[bool], folds: usize) -> Vec<usize> {
    // group → (positive examples, examples)
    let mut sizes: BTreeMap<&G, (usize, usize)> = BTreeMap::new();
    for (group, &is_positive) in groups.iter().zip(positive) {
        let size = sizes.entry(group).or_default();
        size.0 += usize::from(is_positive);
        size.1 += 1;
    }
    let mut order: Vec<_> = sizes.into_iter().collect();
    order.sort_by_key(|&(group, size)| (Reverse(size), group));
    let mut filled = vec![(0, 0); folds.clamp(1, order.len().max(1))];
    let mut fold_of: BTreeMap<&G, usize> = BTreeMap::new();
    for (group, (positive, all)) in order {
        let fold = (0..filled.len()).min_by_key(|&f| filled[f]).unwrap_or(0);
        filled[fold].0 += positive;
        filled[fold].1 += all;
        fold_of.insert(group, fold);
    }
    groups.iter().map(|group| fold_of[group]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_whole_and_folds_are_alike() {
        let groups: Vec<usize> = (0..600).map(|i| i / 12).collect();
        let positive: Vec<bool> = (0..600)
            .map(|i| (i / 12usize).is_multiple_of(2) && i % 12 < 1 + i / 120)
            .collect();
        let folds = deal(&groups, &positive, 5);
        for (a, fa) in groups.iter().zip(&folds) {
            for (b, fb) in groups.iter().zip(&folds) {
                assert!(a != b || fa == fb);
            }
        }
        for f in 0..5 {
            let members = || (0..600).filter(|&i| folds[i] == f);
            let bleeding = members().filter(|&i| positive[i]).count();
            let all = members().count();
            assert!(all.abs_diff(120) <= 24, "{all}");
            assert!(bleeding.abs_diff(14) <= 3, "{bleeding}");
        }
    }

    #[test]
    fn as_many_folds_as_groups_hold_one_each() {
        let groups = [7, 7, 3, 9, 3];
        for folds in [3, 100] {
            let folds = deal(&groups, &[false, true, false, false, false], folds);
            assert_eq!(folds[0], folds[1]);
            assert_eq!(folds[2], folds[4]);
            let mut different = [folds[0], folds[2], folds[3]];
            different.sort_unstable();
            assert_eq!(different, [0, 1, 2]);
        }
        assert!(deal::<usize>(&[], &[], 5).is_empty());
        assert_eq!(deal(&groups, &[true; 5], 0), [0; 5]);
    }
}
