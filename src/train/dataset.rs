//! Labelled slices from a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::{Result, TrainError, file_error, progress};
use crate::preprocess::Preprocessing;
use crate::slice::Slice;

/// At most `most` of the inputs, spread evenly over all.
pub fn spread(inputs: &[Vec<u8>], most: usize) -> Vec<&[u8]> {
    let step = inputs.len().div_ceil(most).max(1);
    inputs.iter().step_by(step).map(Vec::as_slice).collect()
}

/// One labelled slice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its name in `labels.csv`.
    pub file: String,
    /// Whose slice it is; the file's own name where the table names no patients.
    pub patient: String,
    /// Whether it shows blood.
    pub haemorrhage: bool,
}

/// A folder with a `labels.csv` (columns `file`, `hemorrhage` 0/1, and `patient` if known) and the
/// images beside it or in one sub-folder.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The slices in the table's order.
    pub examples: Vec<Example>,
    paths: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    patient: Option<String>,
    hemorrhage: u8,
}

impl Dataset {
    /// Reads the table and finds the images.
    ///
    /// # Errors
    /// [`TrainError`] naming the file or row that is missing or wrong.
    pub fn open(folder: &Path) -> Result<Self> {
        let table = folder.join("labels.csv");
        let wrong = |e: csv::Error| TrainError::Data(format!("{}: {e}", table.display()));
        let mut reader = csv::Reader::from_path(&table).map_err(wrong)?;
        let mut folders = vec![folder.to_owned()];
        for entry in std::fs::read_dir(folder).map_err(file_error(folder))? {
            let path = entry.map_err(file_error(folder))?.path();
            if path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort();
        let (mut examples, mut paths) = (Vec::new(), Vec::new());
        for row in reader.deserialize() {
            let row: Row = row.map_err(wrong)?;
            let path = folders
                .iter()
                .map(|folder| folder.join(&row.file))
                .find(|path| path.is_file())
                .ok_or_else(|| {
                    TrainError::Data(format!(
                        "{}: {} is listed but is in neither {} nor a folder in it",
                        table.display(),
                        row.file,
                        folder.display()
                    ))
                })?;
            paths.push(path);
            examples.push(Example {
                patient: row.patient.unwrap_or_else(|| row.file.clone()),
                file: row.file,
                haemorrhage: row.hemorrhage == 1,
            });
        }
        if examples.is_empty() {
            return Err(TrainError::Data(format!(
                "{} lists no images",
                table.display()
            )));
        }
        Ok(Self { examples, paths })
    }

    /// The images in order.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The labels in order.
    pub fn labels(&self) -> Vec<bool> {
        self.examples.iter().map(|e| e.haemorrhage).collect()
    }

    /// The data set in a model's card: `name: 2501 slices of 82 patients, 318 with haemorrhage`.
    pub fn described(&self, name: &str) -> String {
        let patients: BTreeSet<&str> = self.examples.iter().map(|e| e.patient.as_str()).collect();
        format!(
            "{name}: {} slices of {} patients, {} with haemorrhage",
            self.examples.len(),
            patients.len(),
            self.examples.iter().filter(|e| e.haemorrhage).count()
        )
    }

    /// Every slice as the network sees it, `side × side` grey levels each, in order.
    ///
    /// # Errors
    /// [`TrainError`] naming the image that cannot be read.
    pub fn inputs(&self, preprocessing: Preprocessing) -> Result<Vec<Vec<u8>>> {
        let bar = progress("reading slices", self.paths.len());
        self.paths
            .par_iter()
            .map(|path| {
                let bytes = std::fs::read(path).map_err(file_error(path))?;
                let slice = Slice::from_bytes(&bytes)
                    .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
                bar.inc(1);
                Ok(preprocessing.apply(&slice).0)
            })
            .collect()
    }
}
