//! The committed folds, predictions and report against the data and against each other.
#![cfg(feature = "train")]

use std::path::{Path, PathBuf};

use haemolens::train::dataset::Dataset;
use haemolens::train::folds;

mod data;

/// A file of the checkout's `models/`.
fn models(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models")
        .join(name)
}

#[test]
fn committed_folds_are_those_that_the_data_set_gives() {
    let Some(folder) = data::folder("ct-ich") else {
        return;
    };
    let examples = Dataset::open(&folder).unwrap().examples;
    let assigned = folds::assign(&examples, folds::FOLDS);
    let written = tempfile::tempdir().unwrap();
    let path = written.path().join("folds.csv");
    folds::write(&path, &examples, &assigned).unwrap();
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        std::fs::read_to_string(models("folds.csv")).unwrap()
    );
}
