//! Whether a table of margins is of the data and the folds that it is said to be of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Prediction, Protocol};
use crate::train::dataset::Example;
use crate::train::{Result, TrainError};

/// Checks file names, patients, truths, and folds.
///
/// A patient table holds every slice once, unaltered, in its patient's fold; a paper table holds
/// any copies of its slices, each once.
///
/// # Errors
/// [`TrainError::Data`] that says what differs and what to do.
pub fn verify(
    protocol: Protocol,
    predictions: &[Prediction],
    examples: &[Example],
    fold_of: &BTreeMap<String, usize>,
) -> Result<()> {
    let known: HashMap<&str, &Example> = examples.iter().map(|e| (e.file.as_str(), e)).collect();
    let mut seen = BTreeSet::new();
    for p in predictions {
        let example = known.get(p.file.as_str()).ok_or_else(|| {
            wrong(&format!(
                "the margins are of {}, which the data folder does not list: give the folder that \
                 the network was trained on",
                p.file
            ))
        })?;
        if example.haemorrhage != (p.haemorrhage == 1) || example.patient != p.patient {
            return Err(wrong(&format!(
                "the margins take {} for a slice of patient {} with label {}, the data folder for \
                 one of patient {} with label {}: the labels have changed, train again",
                p.file,
                p.patient,
                p.haemorrhage,
                example.patient,
                u8::from(example.haemorrhage)
            )));
        }
        if !seen.insert((&p.file, p.variant)) {
            return Err(wrong(&format!(
                "{} (copy {}) stands there twice: get a fresh copy of the table",
                p.file, p.variant
            )));
        }
        if protocol == Protocol::Patient {
            check_fold(p, fold_of)?;
        }
    }
    if protocol == Protocol::Patient
        && let Some(missing) = examples.iter().find(|e| !seen.contains(&(&e.file, 0)))
    {
        return Err(wrong(&format!(
            "there is no margin of {}: the data folder holds more than was measured; train again, \
             or give the folder that the network was trained on",
            missing.file
        )));
    }
    Ok(())
}

fn check_fold(p: &Prediction, fold_of: &BTreeMap<String, usize>) -> Result<()> {
    if p.variant != 0 {
        return Err(wrong(&format!(
            "copy {} of {} stands among held-out margins, which are of unaltered slices only",
            p.variant, p.file
        )));
    }
    let expected = fold_of.get(&p.patient);
    if expected.is_none() || p.fold.as_ref() != expected {
        let name = |fold: Option<&usize>| fold.map_or("no fold".into(), |f| format!("fold {f}"));
        return Err(wrong(&format!(
            "{} was measured in {}, but its patient {} belongs to {}: give the table of folds that \
             the network was trained with, or train again",
            p.file,
            name(p.fold.as_ref()),
            p.patient,
            name(expected)
        )));
    }
    Ok(())
}

fn wrong(what: &str) -> TrainError {
    TrainError::Data(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Example> {
        (0..6)
            .map(|i| Example {
                file: format!("{i}.png"),
                patient: format!("p{}", i / 2),
                haemorrhage: i % 3 == 0,
            })
            .collect()
    }

    fn folds() -> BTreeMap<String, usize> {
        (0..3).map(|p| (format!("p{p}"), p % 2)).collect()
    }

    fn table() -> Vec<Prediction> {
        let folds = folds();
        examples()
            .into_iter()
            .map(|e| Prediction {
                variant: 0,
                fold: Some(folds[&e.patient]),
                haemorrhage: e.haemorrhage.into(),
                margin: 0.5,
                normal_margin: -0.5,
                file: e.file,
                patient: e.patient,
            })
            .collect()
    }

    /// What is wrong with the table of the patient protocol after `change`.
    fn complaint(change: impl FnOnce(&mut Vec<Prediction>)) -> String {
        let mut table = table();
        change(&mut table);
        verify(Protocol::Patient, &table, &examples(), &folds())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_sound_table_passes() {
        verify(Protocol::Patient, &table(), &examples(), &folds()).unwrap();
        let mut copies = table();
        for (variant, p) in copies.iter_mut().enumerate() {
            p.variant = variant % 5;
            p.fold = None;
        }
        copies.truncate(3);
        copies.push(Prediction {
            variant: 4,
            ..copies[0].clone()
        });
        verify(Protocol::Paper, &copies, &examples(), &folds()).unwrap();
    }

    #[test]
    fn what_differs_is_named() {
        assert!(complaint(|t| t[2].file = "other.png".into()).contains("other.png"));
        assert!(complaint(|t| t[2].haemorrhage = 1).contains("2.png"));
        assert!(complaint(|t| t[3].patient = "p0".into()).contains("patient p0"));
        assert!(complaint(|t| t[4].fold = Some(1)).contains("fold 1"));
        assert!(complaint(|t| t[4].fold = None).contains("no fold"));
        assert!(complaint(|t| t[5].variant = 2).contains("copy 2 of 5.png"));
        assert!(complaint(|t| t.truncate(5)).contains("no margin of 5.png"));
        assert!(complaint(|t| t.push(t[0].clone())).contains("twice"));
    }
}
