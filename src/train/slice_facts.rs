//! What is known of slices besides their labels, as a table: where in the head they lie, whether a bone
//! is broken, and how large the bleeds are. No image, so that it can be committed.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::dataset::{BleedBox, Dataset, Example};
use super::predictions::rows;
use super::{Result, TrainError, file_error};
use crate::preprocess::Preprocessing;
use crate::slice::Slice;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceFacts {
    /// The source that the slice is of.
    pub source: String,
    /// The slice's name in its source's `labels.csv`.
    pub file: String,
    /// Its number in its examination, from 1 for the lowest.
    pub slice: Option<usize>,
    /// The highest number of a slice of that examination.
    pub slices: Option<usize>,
    /// 1 if it shows a fracture, else 0.
    pub fracture: Option<u8>,
    /// The fraction of the head's square, as the network sees it, that lies in boxes around bleeds.
    pub box_area: Option<f64>,
}

/// The rows of a table by source and file.
pub type FactsOf = BTreeMap<(String, String), SliceFacts>;

/// What a data set tells of its slices; those of which it tells nothing are left out. Only sources of
/// whole examinations tell where a slice lies.
///
/// # Errors
/// [`TrainError`] naming the image with boxes that cannot be read.
pub fn of(dataset: &Dataset) -> Result<Vec<SliceFacts>> {
    let whole = |e: &Example| {
        dataset
            .sources
            .iter()
            .any(|s| s.name == e.source && s.studies)
    };
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for example in dataset.examples.iter().filter(|e| whole(e)) {
        let highest = last.entry(&example.patient).or_default();
        *highest = (*highest).max(example.slice.unwrap_or(0));
    }
    let rows: Result<Vec<SliceFacts>> = dataset
        .examples
        .par_iter()
        .zip(dataset.paths())
        .map(|(example, path)| {
            let slice = example.slice.filter(|_| whole(example));
            Ok(SliceFacts {
                source: example.source.clone(),
                file: example.file.clone(),
                slice,
                slices: slice.and_then(|_| last.get(example.patient.as_str()).copied()),
                fracture: example.fracture.map(u8::from),
                box_area: box_area(example, path)?,
            })
        })
        .collect();
    let mut rows = rows?;
    rows.retain(|r| r.slice.is_some() || r.fracture.is_some() || r.box_area.is_some());
    Ok(rows)
}

fn box_area(example: &Example, path: &Path) -> Result<Option<f64>> {
    if example.boxes.is_empty() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(file_error(path))?;
    let slice = Slice::from_bytes(&bytes)
        .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
    let (_, crop) = Preprocessing::ALEXNET.apply(&slice);
    let image = [slice.width(), slice.height()];
    let boxes: Vec<BleedBox> = example
        .boxes
        .iter()
        .map(|b| b.in_crop(crop, image))
        .collect();
    // Four decimals: the boxes are rough.
    Ok(Some((BleedBox::covered(&boxes) * 1e4).round() / 1e4))
}

/// Writes a table.
///
/// # Errors
/// [`TrainError`] naming the file.
pub fn write(path: &Path, facts: &[SliceFacts]) -> Result<()> {
    rows::write(path, facts)
}

/// Reads a table.
///
/// # Errors
/// [`TrainError::Data`] naming the file and the row that is wrong.
pub fn read(path: &Path) -> Result<FactsOf> {
    let rows = rows::read(path, |row: SliceFacts| {
        let beyond = row.slice > row.slices;
        let no_fraction = row
            .box_area
            .is_some_and(|area| !(0.0..=1.0).contains(&area));
        if beyond || no_fraction {
            return Err(format!(
                "{}: a slice is one of its examination's, and boxes cover at most all of it",
                row.file
            ));
        }
        Ok(((row.source.clone(), row.file.clone()), row))
    });
    Ok(rows?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phantom::{self, Kind};

    #[test]
    fn a_table_reads_back_and_says_what_the_labels_and_boxes_do() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("scans");
        std::fs::create_dir_all(&data).unwrap();
        let labels = "file,patient,hemorrhage,slice,fracture,boxes\n\
                      a.bmp,7,1,1,0,IPH 0.5 0.5 0.1 0.1\nb.bmp,7,0,2,1,\n";
        std::fs::write(data.join("labels.csv"), labels).unwrap();
        for file in ["a.bmp", "b.bmp"] {
            let bytes = phantom::draw(Kind::Normal).to_bmp().unwrap();
            std::fs::write(data.join(file), bytes).unwrap();
        }
        let facts = of(&Dataset::open(&data).unwrap()).unwrap();
        let places: Vec<_> = facts
            .iter()
            .map(|f| (f.slice, f.slices, f.fracture))
            .collect();
        assert_eq!(
            places,
            [(Some(1), Some(2), Some(0)), (Some(2), Some(2), Some(1))]
        );
        // The head fills a part of the picture, so that the box fills more of the head's square.
        assert!(facts[0].box_area.unwrap() > 0.01 && facts[1].box_area.is_none());
        let path = folder.path().join("slices.csv");
        write(&path, &facts).unwrap();
        let read_back: Vec<SliceFacts> = read(&path).unwrap().into_values().collect();
        assert_eq!(read_back, facts);
        let beyond = SliceFacts {
            slice: Some(3),
            ..facts[0].clone()
        };
        write(&path, &[beyond]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("a.bmp"));
    }
}
