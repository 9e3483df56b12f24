//! Margins as a table: file names and numbers only, enough to recompute every figure.

mod name;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::evaluate::Scored;
use super::{Result, TrainError};

pub use name::{Network, Preset, Protocol, TableName};
pub use verify::verify;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The slice's name in `labels.csv`.
    pub file: String,
    /// Which altered copy of it: 0 the slice itself, 1 its mirror image, 2 to 4 turned by 70, 160
    /// and 270 degrees (the paper's five).
    #[serde(default)]
    pub variant: usize,
    /// Its patient.
    pub patient: String,
    /// The fold that it was held out in; empty where the model never saw its data set.
    pub fold: Option<usize>,
    /// The truth, 0 or 1.
    pub haemorrhage: u8,
    /// Margin of the haemorrhage plane.
    pub margin: f64,
    /// Margin of the normal plane.
    pub normal_margin: f64,
}

/// Writes the table.
///
/// # Errors
/// [`TrainError::Data`] naming the file.
pub fn write(path: &Path, predictions: &[Prediction]) -> Result<()> {
    let wrong = |e: &dyn std::fmt::Display| TrainError::Data(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| wrong(&e))?;
    }
    let mut writer = csv::Writer::from_path(path).map_err(|e| wrong(&e))?;
    for prediction in predictions {
        writer.serialize(prediction).map_err(|e| wrong(&e))?;
    }
    writer.flush().map_err(|e| wrong(&e))
}

/// Reads a table.
///
/// # Errors
/// [`TrainError::Data`] naming the file and row.
pub fn read(path: &Path) -> Result<Vec<Prediction>> {
    let wrong = |e: csv::Error| TrainError::Data(format!("{}: {e}", path.display()));
    csv::Reader::from_path(path)
        .map_err(wrong)?
        .deserialize()
        .collect::<std::result::Result<_, _>>()
        .map_err(wrong)
}

/// As scored slices, patients numbered in name order.
pub fn scored(predictions: &[Prediction]) -> Vec<Scored> {
    let mut patients: BTreeMap<&str, usize> = BTreeMap::new();
    for p in predictions {
        patients.entry(&p.patient).or_default();
    }
    for (number, index) in patients.values_mut().enumerate() {
        *index = number;
    }
    predictions
        .iter()
        .map(|p| Scored {
            patient: patients[p.patient.as_str()],
            fold: p.fold.unwrap_or(0),
            haemorrhage: p.haemorrhage == 1,
            margin: p.margin,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/predictions.csv");
        let rows = [(Some(3), 0.1 + 0.2), (None, -1.0 / 3.0)].map(|(fold, margin)| Prediction {
            file: "a.png".into(),
            variant: 2,
            patient: "7".into(),
            fold,
            haemorrhage: 1,
            margin,
            normal_margin: -margin,
        });
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }

    #[test]
    fn a_table_without_variants_holds_unaltered_slices() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.csv");
        let table = "file,patient,fold,haemorrhage,margin,normal_margin\na.png,7,3,1,0.5,-0.5\n";
        std::fs::write(&path, table).unwrap();
        let rows = read(&path).unwrap();
        assert_eq!((rows[0].variant, rows[0].fold), (0, Some(3)));
    }
}
