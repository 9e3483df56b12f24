//! Tables of rows as CSV files.

use std::fmt::Display;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::train::{Result, TrainError, file_error, write_atomically};

/// The error of a table.
fn wrong(path: &Path, what: &dyn Display) -> TrainError {
    TrainError::Data(format!("{}: {what}", path.display()))
}

/// Writes a table in one go, with its folder.
pub fn write<T: Serialize>(path: &Path, rows: impl IntoIterator<Item = T>) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|e| wrong(path, &e))?;
    }
    write_atomically(path, &writer.into_inner().map_err(|e| wrong(path, &e))?)
}

/// Reads a table; `check` makes of a row what it holds, or says what is wrong with it.
pub fn read<R: DeserializeOwned, T>(
    path: &Path,
    check: impl Fn(R) -> std::result::Result<T, String>,
) -> Result<Vec<T>> {
    let rows = csv::Reader::from_path(path).map_err(|e| wrong(path, &e))?;
    let rows = rows.into_deserialize().map(|row| {
        let row: R = row.map_err(|e| wrong(path, &e))?;
        check(row).map_err(|what| wrong(path, &what))
    });
    rows.collect()
}
