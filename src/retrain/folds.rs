//! Grouped, stratified folds: what belongs together stays together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A group's examples.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Size {
    positive: usize,
    all: usize,
}

/// The fold (0 to `folds − 1`) of each example, given the group and the class of each: k-fold
/// cross-validation where groups stay whole and each fold holds its share of groups with a positive
/// example, of groups without one, and of positive examples. Both kinds of group are dealt by
/// themselves, those with most positive examples, then most examples, first: each goes to the fold
/// with fewest groups of its kind, of such folds to the one with fewest positive examples, then
/// fewest examples. The same examples always give the same folds. Where there are no more groups than
/// folds, each has a fold of its own.
///
/// ```
/// use haemolens::retrain::stratified_group_kfold;
///
/// let patients = ["a", "a", "b", "c", "c", "d"];
/// let haemorrhage = [true, false, true, false, false, false];
/// // Each fold holds one patient of `a` and `b`, who bleed, and one of `c` and `d`, who do not.
/// let folds = stratified_group_kfold(&patients, &haemorrhage, 2);
/// assert_eq!(folds, [0, 0, 1, 1, 1, 0]);
/// ```
pub fn stratified_group_kfold<G: Ord>(groups: &[G], positive: &[bool], folds: usize) -> Vec<usize> {
    let mut sizes: BTreeMap<&G, Size> = BTreeMap::new();
    for (group, &is_positive) in groups.iter().zip(positive) {
        let size = sizes.entry(group).or_default();
        size.positive += usize::from(is_positive);
        size.all += 1;
    }
    let mut order: Vec<_> = sizes.into_iter().collect();
    order.sort_by_key(|&(group, size)| (Reverse(size), group));
    let folds = folds.clamp(1, order.len().max(1));
    let mut filled = vec![Size::default(); folds];
    // Groups of each fold, by whether they hold a positive example.
    let mut held = vec![[0; 2]; folds];
    let mut fold_of: BTreeMap<&G, usize> = BTreeMap::new();
    for (group, size) in order {
        let kind = usize::from(size.positive > 0);
        let fold = (0..folds)
            .min_by_key(|&f| (held[f][kind], filled[f]))
            .unwrap_or(0);
        held[fold][kind] += 1;
        filled[fold].positive += size.positive;
        filled[fold].all += size.all;
        fold_of.insert(group, fold);
    }
    groups.iter().map(|group| fold_of[group]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn groups_stay_whole_and_folds_hold_their_share_of_both_kinds() {
        let groups: Vec<usize> = (0..600).map(|i| i / 12).collect();
        let positive: Vec<bool> = (0..600)
            .map(|i| (i / 12usize).is_multiple_of(2) && i % 12 < 1 + i / 120)
            .collect();
        let folds = stratified_group_kfold(&groups, &positive, 5);
        for (a, fa) in groups.iter().zip(&folds) {
            for (b, fb) in groups.iter().zip(&folds) {
                assert!(a != b || fa == fb);
            }
        }
        for f in 0..5 {
            let members = || (0..600).filter(|&i| folds[i] == f);
            let of = |bleeding: bool| -> BTreeSet<usize> {
                members()
                    .map(|i| groups[i])
                    .filter(|group| group.is_multiple_of(2) == bleeding)
                    .collect()
            };
            assert_eq!((of(true).len(), of(false).len()), (5, 5));
            let bleeding = members().filter(|&i| positive[i]).count();
            assert!(bleeding.abs_diff(15) <= 1, "{bleeding}");
        }
    }

    #[test]
    fn one_great_group_keeps_no_other_out_of_its_fold() {
        // Dealt by slices alone, the second fold would hold all patients but the first.
        let groups: Vec<usize> = (0..110).map(|i| if i < 100 { 0 } else { i }).collect();
        let positive: Vec<bool> = (0..110).map(|i| i < 105).collect();
        let folds = stratified_group_kfold(&groups, &positive, 2);
        let patients = |fold: usize, bleeding: bool| {
            let members = (0..110).filter(|&i| folds[i] == fold && positive[i] == bleeding);
            members.map(|i| groups[i]).collect::<BTreeSet<_>>().len()
        };
        assert_eq!([patients(0, true), patients(1, true)], [3, 3]);
        assert_eq!([patients(0, false), patients(1, false)], [2, 3]);
    }

    #[test]
    fn as_many_folds_as_groups_hold_one_each() {
        let groups = [7, 7, 3, 9, 3];
        for folds in [3, 100] {
            let folds = stratified_group_kfold(&groups, &[false, true, false, false, false], folds);
            assert_eq!(folds[0], folds[1]);
            assert_eq!(folds[2], folds[4]);
            let mut different = [folds[0], folds[2], folds[3]];
            different.sort_unstable();
            assert_eq!(different, [0, 1, 2]);
        }
        assert!(stratified_group_kfold::<usize>(&[], &[], 5).is_empty());
        assert_eq!(stratified_group_kfold(&groups, &[true; 5], 0), [0; 5]);
    }
}
