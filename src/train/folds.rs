//! The table of folds: which patient is held out with which.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dataset::Example;
use super::{Result, TrainError, file_error, write_atomically};
use crate::retrain::stratified_group_kfold;

/// Folds of the patient protocol.
pub const FOLDS: usize = 5;

/// A row of the table of folds.
#[derive(Serialize, Deserialize)]
struct Row {
    patient: String,
    fold: usize,
}

/// The fold (0 to `folds − 1`) of each example: patients stay whole (see [`stratified_group_kfold`]).
pub fn assign(examples: &[Example], folds: usize) -> Vec<usize> {
    let patients: Vec<&str> = examples.iter().map(|e| e.patient.as_str()).collect();
    let haemorrhage: Vec<bool> = examples.iter().map(|e| e.haemorrhage).collect();
    stratified_group_kfold(&patients, &haemorrhage, folds)
}

/// Writes `patient,fold`, patients in the order of their first example.
///
/// # Errors
/// [`TrainError`] naming the file.
pub fn write(path: &Path, examples: &[Example], fold_of: &[usize]) -> Result<()> {
    let wrong = |e: &dyn std::fmt::Display| TrainError::Data(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (example, &fold) in examples.iter().zip(fold_of) {
        if seen.insert(&example.patient) {
            let patient = example.patient.clone();
            writer
                .serialize(Row { patient, fold })
                .map_err(|e| wrong(&e))?;
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
    let mut fold_of = BTreeMap::new();
    for row in csv::Reader::from_path(path).map_err(wrong)?.deserialize() {
        let Row { patient, fold } = row.map_err(wrong)?;
        if fold_of.insert(patient.clone(), fold).is_some() {
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
        let example = |i: usize| Example {
            file: format!("{i}.png"),
            patient: format!("p{}", i / 12),
            haemorrhage: (i / 12).is_multiple_of(2) && i % 12 < 1 + i / 120,
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
        assert!(text.starts_with("patient,fold\np0,"), "{text}");
        std::fs::write(&path, text + "p0,1\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("p0"));
    }
}
