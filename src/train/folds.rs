//! Grouped, stratified folds: a patient's slices stay together.

use std::collections::BTreeMap;

use super::dataset::Example;

/// The fold (0 to `folds − 1`) of each example. Patients are dealt, those with most haemorrhage
/// slices first, to the fold that has fewest such slices (then fewest slices), so that folds are
/// alike in both; the same examples always give the same folds.
pub fn assign(examples: &[Example], folds: usize) -> Vec<usize> {
    // patient → (haemorrhage slices, slices)
    let mut patients: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for example in examples {
        let counts = patients.entry(&example.patient).or_default();
        counts.0 += usize::from(example.haemorrhage);
        counts.1 += 1;
    }
    let mut order: Vec<_> = patients.into_iter().collect();
    order.sort_by_key(|&(name, (positive, all))| (std::cmp::Reverse((positive, all)), name));
    let mut filled = vec![(0, 0); folds];
    let mut fold_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (patient, (positive, all)) in order {
        let fold = (0..folds).min_by_key(|&f| filled[f]).unwrap_or(0);
        filled[fold].0 += positive;
        filled[fold].1 += all;
        fold_of.insert(patient, fold);
    }
    examples
        .iter()
        .map(|e| fold_of[e.patient.as_str()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_stay_whole_and_folds_are_alike() {
        let examples: Vec<Example> = (0..600)
            .map(|i| Example {
                file: format!("{i}.png"),
                patient: format!("p{}", i / 12),
                haemorrhage: i / 12 % 2 == 0 && i % 12 < 1 + i / 120,
            })
            .collect();
        let folds = assign(&examples, 5);
        for (a, fa) in examples.iter().zip(&folds) {
            for (b, fb) in examples.iter().zip(&folds) {
                assert!(a.patient != b.patient || fa == fb);
            }
        }
        for f in 0..5 {
            let members = || examples.iter().zip(&folds).filter(move |(_, g)| **g == f);
            let positive = members().filter(|(e, _)| e.haemorrhage).count();
            assert!(
                members().count().abs_diff(120) <= 24,
                "{}",
                members().count()
            );
            assert!(positive.abs_diff(14) <= 3, "{positive}");
        }
    }
}
