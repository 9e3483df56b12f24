//! Margins as a table: file names and numbers only, enough to recompute every figure.

pub mod kinds;
mod name;
pub mod places;
pub(super) mod rows;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dataset::{Source, Sources};
use super::evaluate::Scored;
use super::{Result, TrainError};

pub use name::{Network, Preset, Protocol, TableName};
pub use verify::verify;

/// The source of tables that name none: those of the time when there was one.
pub const FIRST_SOURCE: &str = "ct-ich";

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The source that the slice is of.
    #[serde(default = "first_source")]
    pub source: String,
    /// The slice's name in its source's `labels.csv`.
    pub file: String,
    /// Which altered copy of it: 0 the slice itself, 1 its mirror image, 2 to 4 turned by 70, 160
    /// and 270 degrees (the paper's five).
    #[serde(default)]
    pub variant: usize,
    /// Its patient, `family/patient` (see [`Example::patient`](super::dataset::Example::patient)).
    pub patient: String,
    /// What it was held out with: its patient's fold, or in the source protocol the number of its
    /// family; empty where the model never saw its data set.
    pub fold: Option<usize>,
    /// The truth, 0 or 1.
    pub haemorrhage: u8,
    /// Margin of the haemorrhage plane.
    pub margin: f64,
    /// Margin of the normal plane.
    pub normal_margin: f64,
}

fn first_source() -> String {
    FIRST_SOURCE.into()
}

/// A patient's name with the family before it, where a table of former times has left it out.
pub fn qualified(source: &str, patient: String) -> String {
    if patient.contains('/') {
        patient
    } else {
        format!("{source}/{patient}")
    }
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
    let rows = csv::Reader::from_path(path).map_err(wrong)?;
    let rows = rows.into_deserialize().map(|row| {
        let row: Prediction = row.map_err(wrong)?;
        Ok(Prediction {
            patient: qualified(&row.source, row.patient),
            ..row
        })
    });
    rows.collect()
}

/// The rows of the sources that `wanted` takes.
pub fn of_sources(
    predictions: &[Prediction],
    sources: &Sources,
    wanted: impl Fn(&Source) -> bool,
) -> Vec<Prediction> {
    let mut takes: BTreeMap<&str, bool> = BTreeMap::new();
    let mut is_wanted = |name| {
        *takes
            .entry(name)
            .or_insert_with(|| wanted(&sources.get(name)))
    };
    let rows = predictions.iter().filter(|p| is_wanted(&p.source));
    rows.cloned().collect()
}

/// The rows that count: thresholds, probabilities and figures are of these.
pub fn counting(predictions: &[Prediction], sources: &Sources) -> Vec<Prediction> {
    of_sources(predictions, sources, |source| source.figures)
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
            source: "there".into(),
            file: "a.png".into(),
            variant: 2,
            patient: "family/7".into(),
            fold,
            haemorrhage: 1,
            margin,
            normal_margin: -margin,
        });
        write(&path, &rows).unwrap();
        assert_eq!(read(&path).unwrap(), rows);
    }

    #[test]
    fn a_table_of_former_times_holds_unaltered_slices_of_ct_ich() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.csv");
        let table = "file,patient,fold,haemorrhage,margin,normal_margin\na.png,7,3,1,0.5,-0.5\n";
        std::fs::write(&path, table).unwrap();
        let rows = read(&path).unwrap();
        assert_eq!((rows[0].variant, rows[0].fold), (0, Some(3)));
        let of = (rows[0].source.as_str(), rows[0].patient.as_str());
        assert_eq!(of, ("ct-ich", "ct-ich/7"));
    }

    #[test]
    fn what_does_not_count_is_left_out_and_what_is_not_listed_counts() {
        let aside = Source {
            figures: false,
            ..Source::unlisted("aside")
        };
        let sources = Sources { all: vec![aside] };
        let rows = ["aside", "listed-nowhere", "aside"].map(|source| Prediction {
            source: source.into(),
            file: "a.png".into(),
            variant: 0,
            patient: "s/7".into(),
            fold: None,
            haemorrhage: 1,
            margin: 0.5,
            normal_margin: -0.5,
        });
        assert_eq!(counting(&rows, &sources), rows[1..2]);
    }
}
