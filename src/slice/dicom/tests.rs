//! Files of other makers, where the data folder is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

#[path = "../../../tests/data/mod.rs"]
mod data;

fn open(path: &Path) -> File {
    let bytes = std::fs::read(path).unwrap();
    assert!(is_dicom(&bytes));
    File::open(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The numbers that a frame stores.
fn numbers(file: &File) -> Vec<i32> {
    let layout = &file.attributes.layout;
    let decoded = file.codec.decode(&file.frames[0], layout).unwrap();
    decoded
        .values
        .into_iter()
        .map(|v| layout.number(v))
        .collect()
}

fn nema() -> Option<PathBuf> {
    data::folder("dicom").map(|folder| folder.join("nema-wg04"))
}

#[test]
fn every_lossless_file_gives_the_pixels_of_its_uncompressed_twin() {
    let Some(folder) = nema() else { return };
    for image in ["CT1", "CT2"] {
        let open = |kind: &str| open(&folder.join(format!("{image}_{kind}.dcm")));
        let plain = numbers(&open("UNC"));
        assert!(plain.iter().min() < plain.iter().max());
        for kind in ["RLE", "JPLL", "JLSL", "J2KR"] {
            let found = numbers(&open(kind));
            let different = found.iter().zip(&plain).filter(|(a, b)| a != b).count();
            assert_eq!((found.len(), different), (plain.len(), 0), "{image}_{kind}");
        }
    }
}

/// What other decoders make of a lossy file; see `tests/golden/lossy_dicom.py`.
#[derive(serde::Deserialize)]
struct Golden {
    decoder: String,
    sum: i64,
    step: usize,
    values: Vec<i32>,
}

#[test]
fn lossy_files_are_within_one_step_of_what_other_decoders_make_of_them() {
    let golden = include_str!("../../../tests/golden/lossy_dicom.json");
    let golden: BTreeMap<String, Golden> = serde_json::from_str(golden).unwrap();
    let Some(folder) = nema() else { return };
    assert_eq!(golden.len(), 4);
    for (name, golden) in golden {
        let found = numbers(&open(&folder.join(format!("{name}.dcm"))));
        let sampled = found.iter().step_by(golden.step);
        assert_eq!(sampled.len(), golden.values.len());
        for (found, expected) in sampled.zip(&golden.values) {
            let difference = found.abs_diff(*expected);
            assert!(
                difference <= 1,
                "{name}, {}: {found}, {expected}",
                golden.decoder
            );
        }
        let sum: i64 = found.iter().map(|&n| i64::from(n)).sum();
        assert!(sum.abs_diff(golden.sum) < found.len() as u64 / 4, "{name}");
    }
}
