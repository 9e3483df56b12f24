//! Whether a table of margins is of the data and the folds that it is said to be of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Prediction, Protocol};
use crate::train::dataset::Example;
use crate::train::{Result, TrainError};

/// Checks file names, patients, truths, and folds.
///
/// A patient table holds every slice once, unaltered, in its patient's fold; so does the table of
/// the source protocol, each family in one fold; a paper table holds any copies of its slices, each
/// once.
///
/// # Errors
/// [`TrainError::Data`] that says what differs and what to do.
pub fn verify(
    protocol: Protocol,
    predictions: &[Prediction],
    examples: &[Example],
    fold_of: &BTreeMap<String, usize>,
) -> Result<()> {
    let key = |e| -> (&str, &str) {
        let e: &Example = e;
        (&e.source, &e.file)
    };
    let known: HashMap<(&str, &str), &Example> = examples.iter().map(|e| (key(e), e)).collect();
    let mut fold_of_family = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for p in predictions {
        let of = (p.source.as_str(), p.file.as_str());
        let example = known.get(&of).ok_or_else(|| {
            wrong(&format!(
                "the margins are of {} of the source {}, which the data does not list: give the \
                 folders that the network was trained on, each under its source's name",
                p.file, p.source
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
        if !seen.insert((&p.source, &p.file, p.variant)) {
            return Err(wrong(&format!(
                "{} (copy {}) stands there twice: get a fresh copy of the table",
                p.file, p.variant
            )));
        }
        match protocol {
            Protocol::Patient => check_fold(p, fold_of)?,
            Protocol::Source => {
                let fold = fold_of_family.entry(&example.family).or_insert(p.fold);
                check_family(p, example, *fold)?;
            }
            Protocol::Paper | Protocol::External => {}
        }
    }
    let whole = matches!(protocol, Protocol::Patient | Protocol::Source);
    let is_missing = |e: &&Example| !seen.contains(&(&e.source, &e.file, 0));
    if whole && let Some(missing) = examples.iter().find(is_missing) {
        return Err(wrong(&format!(
            "there is no margin of {}: the data folder holds more than was measured; train again, \
             or give the folder that the network was trained on",
            missing.file
        )));
    }
    Ok(())
}

fn check_unaltered(p: &Prediction) -> Result<()> {
    if p.variant == 0 {
        return Ok(());
    }
    Err(wrong(&format!(
        "copy {} of {} stands among held-out margins, which are of unaltered slices only",
        p.variant, p.file
    )))
}

fn check_family(p: &Prediction, example: &Example, fold: Option<usize>) -> Result<()> {
    check_unaltered(p)?;
    if p.fold == fold {
        return Ok(());
    }
    Err(wrong(&format!(
        "{} was measured by another network than the rest of its family {}, which is left out as a \
         whole: train again",
        p.file, example.family
    )))
}

fn check_fold(p: &Prediction, fold_of: &BTreeMap<String, usize>) -> Result<()> {
    check_unaltered(p)?;
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
            .map(|i| Example::new("s", &format!("{i}.png"), &format!("p{}", i / 2), i % 3 == 0))
            .collect()
    }

    fn folds() -> BTreeMap<String, usize> {
        (0..3).map(|p| (format!("s/p{p}"), p % 2)).collect()
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
                source: e.source,
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
    fn a_family_is_left_out_as_a_whole() {
        let (mut examples, mut table) = (examples(), table());
        for i in 0..6 {
            let family = if i < 4 { "f" } else { "g" };
            examples[i].family = family.into();
            table[i].fold = Some(usize::from(i >= 4));
        }
        verify(Protocol::Source, &table, &examples, &BTreeMap::new()).unwrap();
        table[3].fold = Some(1);
        let told = verify(Protocol::Source, &table, &examples, &BTreeMap::new());
        let told = told.unwrap_err().to_string();
        assert!(
            told.contains("3.png") && told.contains("family f"),
            "{told}"
        );
    }

    #[test]
    fn what_differs_is_named() {
        assert!(complaint(|t| t[2].file = "other.png".into()).contains("other.png"));
        assert!(complaint(|t| t[2].source = "t".into()).contains("of the source t"));
        assert!(complaint(|t| t[2].haemorrhage = 1).contains("2.png"));
        assert!(complaint(|t| t[3].patient = "s/p0".into()).contains("patient s/p0"));
        assert!(complaint(|t| t[4].fold = Some(1)).contains("fold 1"));
        assert!(complaint(|t| t[4].fold = None).contains("no fold"));
        assert!(complaint(|t| t[5].variant = 2).contains("copy 2 of 5.png"));
        assert!(complaint(|t| t.truncate(5)).contains("no margin of 5.png"));
        assert!(complaint(|t| t.push(t[0].clone())).contains("twice"));
    }
}
