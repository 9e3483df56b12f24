//! The table of folds: which patient is held out with which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dataset::Example;
use super::predictions::{FIRST_SOURCE, qualified};
use super::{Result, TrainError, file_error, write_atomically};
use crate::retrain::stratified_group_kfold;

/// Folds of the patient protocol.
pub const FOLDS: usize = 5;

/// A row of the table of folds.
#[derive(Serialize, Deserialize)]
struct Row {
    /// Tables of former versions have none: they are of CT-ICH.
    source: Option<String>,
    patient: String,
    fold: usize,
}

/// The fold (0 to `folds − 1`) of each example: patients stay whole, and every source is dealt by
/// itself (see [`stratified_group_kfold`]), so that its folds do not depend on what else is read. A
/// patient of several sources of a family has the fold that the first of them gives.
pub fn assign(examples: &[Example], folds: usize) -> Vec<usize> {
    let mut sources: Vec<&str> = Vec::new();
    for example in examples {
        if !sources.contains(&example.source.as_str()) {
            sources.push(&example.source);
        }
    }
    let mut fold_of: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources {
        let own: Vec<&Example> = examples.iter().filter(|e| e.source == source).collect();
        let patients: Vec<&str> = own.iter().map(|e| e.patient.as_str()).collect();
        let haemorrhage: Vec<bool> = own.iter().map(|e| e.haemorrhage).collect();
        let dealt = stratified_group_kfold(&patients, &haemorrhage, folds);
        for (patient, fold) in patients.into_iter().zip(dealt) {
            fold_of.entry(patient).or_insert(fold);
        }
    }
    let fold = |example: &Example| fold_of[example.patient.as_str()];
    examples.iter().map(fold).collect()
}

/// Writes `source,patient,fold`, patients of each source in the order of their first example.
///
/// # Errors
/// [`TrainError`] naming the file.
pub fn write(path: &Path, examples: &[Example], fold_of: &[usize]) -> Result<()> {
    let wrong = |e: &dyn std::fmt::Display| TrainError::Data(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    let mut seen = BTreeSet::new();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (example, &fold) in examples.iter().zip(fold_of) {
        if seen.insert((&example.source, &example.patient)) {
            let row = Row {
                source: Some(example.source.clone()),
                patient: example.patient.clone(),
                fold,
            };
            writer.serialize(row).map_err(|e| wrong(&e))?;
        }
    }
    write_atomically(path, &writer.into_inner().map_err(|e| wrong(&e))?)
}

/// Reads a table of folds: patient → fold.
///
/// # Errors
/// [`TrainError::Data`] naming the file and row, or the patient that stands there twice.
pub fn read(path: &Path) -> Result<BTreeMap<String, usize>> {
    let wrong = |e: csv::Error| TrainError::Data(format!("{}: {e}", path.display()));
    let (mut fold_of, mut seen) = (BTreeMap::new(), BTreeSet::new());
    for row in csv::Reader::from_path(path).map_err(wrong)?.deserialize() {
        let row: Row = row.map_err(wrong)?;
        let source = row.source.unwrap_or_else(|| FIRST_SOURCE.into());
        let patient = qualified(&source, row.patient);
        let other = fold_of
            .insert(patient.clone(), row.fold)
            .is_some_and(|fold| fold != row.fold);
        if other || !seen.insert((source, patient.clone())) {
            return Err(TrainError::Data(format!(
                "{}: patient {patient} stands there twice; write it again with `haemolens report \
                 --data DIR`",
                path.display()
            )));
        }
    }
    Ok(fold_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Example> {
        let example = |i: usize| {
            let haemorrhage = (i / 12).is_multiple_of(2) && i % 12 < 1 + i / 120;
            Example::new(
                "s",
                &format!("{i}.png"),
                &format!("p{}", i / 12),
                haemorrhage,
            )
        };
        (0..600).map(example).collect()
    }

    #[test]
    fn a_table_of_folds_reads_back_and_refuses_a_patient_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/folds.csv");
        let examples = examples();
        let folds = assign(&examples, FOLDS);
        write(&path, &examples, &folds).unwrap();
        let table = read(&path).unwrap();
        assert_eq!(table.len(), 50);
        for (example, fold) in examples.iter().zip(folds) {
            assert_eq!(table[&example.patient], fold);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("source,patient,fold\ns,s/p0,"), "{text}");
        for again in ["s,s/p0,1\n", "s,s/p0,0\n"] {
            std::fs::write(&path, text.clone() + again).unwrap();
            assert!(read(&path).unwrap_err().to_string().contains("p0"));
        }
        std::fs::write(&path, "patient,fold\n49,3\n").unwrap();
        assert_eq!(read(&path).unwrap(), [("ct-ich/49".to_owned(), 3)].into());
    }

    #[test]
    fn sources_are_dealt_by_themselves_and_share_their_patients_folds() {
        let first = examples();
        let mut both = first.clone();
        // Forty further patients in another source of the family, ten of whom are in the first, too.
        let other = |i: usize| Example {
            source: "t".into(),
            ..Example::new(
                "s",
                &format!("{i}.png"),
                &format!("p{}", 40 + i),
                i.is_multiple_of(3),
            )
        };
        both.extend((0..40).map(other));
        let folds = assign(&both, FOLDS);
        assert_eq!(folds[..600], assign(&first, FOLDS));
        for i in 0..10 {
            assert_eq!(folds[600 + i], folds[12 * (40 + i)]);
        }
        let path = tempfile::tempdir().unwrap();
        let path = path.path().join("folds.csv");
        write(&path, &both, &folds).unwrap();
        assert_eq!(read(&path).unwrap().len(), 50 + 30);
    }
}
