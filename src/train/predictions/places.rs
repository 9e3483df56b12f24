//! Where a map of contributions is highest, as a table: whether the blood is there.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Protocol, TableName, qualified, rows};
use crate::train::Result;

/// The highest place of the map of a slice with boxes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopPlace {
    /// The source that the slice is of.
    pub source: String,
    /// The slice's name in its source's `labels.csv`.
    pub file: String,
    /// Its patient, `family/patient`.
    pub patient: String,
    /// The fold that it was held out in.
    pub fold: Option<usize>,
    /// 1 if the centre of the map's highest place, by the mean of three by three places, lies in one of
    /// the slice's boxes or at most a twentieth of the slice beside it, else 0.
    pub hit: u8,
    /// The fraction of the map's places whose centres lie so: how often a place drawn
    /// at random would.
    pub chance: f64,
}

/// The file of a table of places: `places-<network>-<preset>-<protocol>.csv`.
///
/// ```
/// use haemolens::train::predictions::{Network, Preset, Protocol, TableName, places};
///
/// let name = TableName {
///     network: Network::AlexNetSvm,
///     preset: Preset::Best,
///     protocol: Protocol::Patient,
/// };
/// assert_eq!(places::file(name), "places-alexnet-svm-best-patient.csv");
/// ```
pub fn file(name: TableName) -> String {
    format!("places-{}", name.file())
}

/// Writes the table.
///
/// # Errors
/// [`crate::train::TrainError`] naming the file.
pub fn write(path: &Path, places: &[TopPlace]) -> Result<()> {
    rows::write(path, places)
}

/// Reads a table.
///
/// # Errors
/// [`crate::train::TrainError::Data`] naming the file and the row that is wrong.
pub fn read(path: &Path) -> Result<Vec<TopPlace>> {
    rows::read(path, |row: TopPlace| {
        if row.hit > 1 || !(0.0..=1.0).contains(&row.chance) {
            return Err(format!(
                "{}: hit is 0 or 1 and chance between them, not {} and {}",
                row.file, row.hit, row.chance
            ));
        }
        let patient = qualified(&row.source, row.patient);
        Ok(TopPlace { patient, ..row })
    })
}

/// The tables of held-out places in a folder, in order.
///
/// # Errors
/// As [`read`].
pub fn all_in(folder: &Path) -> Result<Vec<(TableName, Vec<TopPlace>)>> {
    let mut tables = Vec::new();
    for name in TableName::every() {
        let path = folder.join(file(name));
        if name.protocol != Protocol::Paper && path.is_file() {
            tables.push((name, read(&path)?));
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::super::{Network, Preset};
    use super::*;

    #[test]
    fn a_table_reads_back_and_what_cannot_be_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let name = TableName {
            network: Network::AlexNetSvm,
            preset: Preset::Open,
            protocol: Protocol::Patient,
        };
        let path = folder.path().join(file(name));
        let mut place = TopPlace {
            source: "ct-ich".into(),
            file: "051_14.jpg".into(),
            patient: "ct-ich/51".into(),
            fold: Some(2),
            hit: 1,
            chance: 0.125,
        };
        write(&path, std::slice::from_ref(&place)).unwrap();
        let tables = all_in(folder.path()).unwrap();
        assert_eq!(tables, [(name, vec![place.clone()])]);
        place.hit = 2;
        write(&path, &[place]).unwrap();
        let told = all_in(folder.path()).unwrap_err().to_string();
        assert!(
            told.contains("051_14.jpg") && told.contains("places-"),
            "{told}"
        );
    }
}
