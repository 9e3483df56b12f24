//! Labelled slices from one or more folders.

mod boxes;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::{Result, TrainError, file_error, progress};
use crate::HaemorrhageKind;
use crate::preprocess::{Crop, Preprocessing};
use crate::slice::Slice;

pub use boxes::BleedBox;
pub use sources::{Normals, Source, Sources};

/// At most `most` of the inputs, spread evenly over all.
pub fn spread(inputs: &[Vec<u8>], most: usize) -> Vec<&[u8]> {
    let step = inputs.len().div_ceil(most).max(1);
    inputs.iter().step_by(step).map(Vec::as_slice).collect()
}

/// One labelled slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The source that it is of.
    pub source: String,
    /// The family of that source.
    pub family: String,
    /// Its name in `labels.csv`, which is its own within its source.
    pub file: String,
    /// Whose slice it is: `family/patient`, so that no two persons of different families share a
    /// name; the file's own name without its ending where no patient is known.
    pub patient: String,
    /// Whether it shows blood.
    pub haemorrhage: bool,
    /// Which kinds of haemorrhage it shows, in the order of [`HaemorrhageKind::ALL`], where that is known.
    pub kinds: Option<[bool; 5]>,
    /// Boxes around its bleeds, in fractions of the picture; none where nobody drew any.
    pub boxes: Vec<BleedBox>,
    /// Its number in its examination, counted from the lowest slice, where that is known.
    pub slice: Option<usize>,
    /// Whether it shows a fracture, where that is known.
    pub fracture: Option<bool>,
}

impl Example {
    /// A slice of a source that is a family of its own, of which no more is known.
    ///
    /// ```
    /// use haemolens::train::dataset::Example;
    ///
    /// let example = Example::new("ct-ich", "049_01.jpg", "49", false);
    /// assert_eq!(example.patient, "ct-ich/49");
    /// ```
    pub fn new(source: &str, file: &str, patient: &str, haemorrhage: bool) -> Self {
        Self {
            source: source.into(),
            family: source.into(),
            file: file.into(),
            patient: format!("{source}/{patient}"),
            haemorrhage,
            kinds: None,
            boxes: Vec::new(),
            slice: None,
            fracture: None,
        }
    }

    /// Whether it counts as a patient of its own because none is known.
    pub fn is_its_own_patient(&self) -> bool {
        self.patient.split_once('/').map(|(_, name)| name) == Some(stem(&self.file))
    }
}

/// A file's name without its ending.
fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// A slice as the network sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The network's input, `side × side` grey levels, row-major.
    pub grey: Vec<u8>,
    /// The square of the picture that it was made from.
    pub crop: Crop,
    /// Width and height of the picture, pixels.
    pub image: [usize; 2],
}

/// Labelled slices of one or more sources, source after source.
///
/// The folder of a source holds a `labels.csv` (columns `file` and `hemorrhage`, 0 or 1; where known
/// `patient`, `slice`, `fracture`, the kinds of bleed `EDH`, `IPH`, `IVH`, `SAH` and `SDH`, and `boxes`,
/// see [`BleedBox::read`]), the images beside it or in one sub-folder, and, where boxes have a table of
/// their own, a `boxes.csv` (`file`, `boxes`).
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// The slices in the tables' order.
    pub examples: Vec<Example>,
    /// The sources that they are of.
    pub sources: Vec<Source>,
    paths: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    patient: Option<String>,
    hemorrhage: u8,
    #[serde(rename = "EDH")]
    edh: Option<u8>,
    #[serde(rename = "IPH")]
    iph: Option<u8>,
    #[serde(rename = "IVH")]
    ivh: Option<u8>,
    #[serde(rename = "SAH")]
    sah: Option<u8>,
    #[serde(rename = "SDH")]
    sdh: Option<u8>,
    boxes: Option<String>,
    slice: Option<usize>,
    fracture: Option<u8>,
}

impl Row {
    /// The kinds that the columns and the boxes name. Unknown where a cell is empty or missing, and
    /// where a slice with haemorrhage names none.
    fn kinds(&self, boxes: &[BleedBox]) -> Option<[bool; 5]> {
        let cells = [self.edh, self.iph, self.ivh, self.sah, self.sdh];
        let mut kinds = [false; 5];
        for ((known, cell), kind) in kinds.iter_mut().zip(cells).zip(HaemorrhageKind::ALL) {
            *known = cell? == 1 || boxes.iter().any(|b| b.kind == kind);
        }
        (self.hemorrhage == 0 || kinds.contains(&true)).then_some(kinds)
    }
}

#[derive(Deserialize)]
struct BoxRow {
    file: String,
    boxes: String,
}

impl Dataset {
    /// Reads the tables of one folder, a source named like it that no table describes.
    ///
    /// # Errors
    /// [`TrainError`] naming the file or row that is missing or wrong.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_each(&Sources::default(), &[folder.to_owned()])
    }

    /// Reads several folders, sources named like them, as `sources` describes those that it lists.
    ///
    /// # Errors
    /// As [`Self::open`], and when two folders have one name.
    pub fn open_each(sources: &Sources, folders: &[PathBuf]) -> Result<Self> {
        let mut whole = Self::default();
        for folder in folders {
            let name = folder_name(folder)?;
            if whole.sources.iter().any(|s| s.name == name) {
                return Err(TrainError::Data(format!(
                    "two folders are called {name}: a folder's name is its source's"
                )));
            }
            whole.add(folder, sources.get(&name))?;
        }
        Ok(whole)
    }

    /// Reads the sources that a model may be trained on, each from the folder of its name in `root`:
    /// all of the table, or those of `only`.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Sources::for_training`]: what is for external tests is refused.
    pub fn open_all(sources: &Sources, root: &Path, only: &[String]) -> Result<Self> {
        let mut whole = Self::default();
        for source in sources.for_training(only)? {
            whole.add(&root.join(&source.name), source.clone())?;
        }
        Ok(whole)
    }

    /// Adds the slices of a folder.
    fn add(&mut self, folder: &Path, source: Source) -> Result<()> {
        let table = folder.join("labels.csv");
        let wrong = |what: &str| TrainError::Data(format!("{}: {what}", table.display()));
        let mut reader = csv::Reader::from_path(&table).map_err(|e| wrong(&e.to_string()))?;
        let folders = folders_of_images(folder)?;
        let mut boxes = read_boxes(&folder.join("boxes.csv"))?;
        let before = self.examples.len();
        for row in reader.deserialize() {
            let row: Row = row.map_err(|e| wrong(&e.to_string()))?;
            let path = folders
                .iter()
                .map(|folder| folder.join(&row.file))
                .find(|path| path.is_file())
                .ok_or_else(|| {
                    wrong(&format!(
                        "{} is listed but is in neither {} nor a folder in it",
                        row.file,
                        folder.display()
                    ))
                })?;
            let cell = boxes.remove(&row.file).or_else(|| row.boxes.clone());
            let example = example(row, cell.as_deref().unwrap_or(""), &source)
                .map_err(|what| wrong(&what))?;
            self.paths.push(path);
            self.examples.push(example);
        }
        if self.examples.len() == before {
            return Err(wrong("it lists no images"));
        }
        if let Some(file) = boxes.keys().next() {
            return Err(wrong(&format!(
                "boxes.csv has boxes of {file}, which is not listed"
            )));
        }
        self.sources.push(source);
        Ok(())
    }

    /// The images in order.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The labels in order.
    pub fn labels(&self) -> Vec<bool> {
        self.examples.iter().map(|e| e.haemorrhage).collect()
    }

    /// The source of each example, as an index into `sources`.
    pub fn source_of(&self) -> Vec<usize> {
        let index = |e: &Example| self.sources.iter().position(|s| s.name == e.source);
        self.examples.iter().filter_map(index).collect()
    }

    /// The data in a model's card, source by source: `CT-ICH: 2501 slices of 82 patients, 318 with
    /// haemorrhage`. A single source that no table lists takes the given name.
    pub fn described(&self, name: &str) -> String {
        let of_source = |source: &Source| {
            let examples = || self.examples.iter().filter(|e| e.source == source.name);
            let patients: BTreeSet<&str> = examples().map(|e| e.patient.as_str()).collect();
            let unknown = examples().filter(|e| e.is_its_own_patient()).count();
            let alone = self.sources.len() == 1 && source.citation.is_empty();
            let title = if alone { name } else { &source.title };
            let mut text = format!(
                "{title}: {} slices of {} patients, {} with haemorrhage",
                examples().count(),
                patients.len(),
                examples().filter(|e| e.haemorrhage).count()
            );
            if unknown > 0 {
                text += &format!(" (of {unknown} slices no patient is known: each counts as one)");
            }
            text
        };
        let all: Vec<String> = self.sources.iter().map(of_source).collect();
        all.join("; ")
    }

    /// The terms of all sources as one SPDX expression: `CC-BY-4.0 AND LicenseRef-…`.
    pub fn licence(&self) -> String {
        let mut licences: Vec<&str> = Vec::new();
        for source in &self.sources {
            if !licences.contains(&source.licence.as_str()) {
                licences.push(&source.licence);
            }
        }
        licences.join(" AND ")
    }

    /// Every slice as the network sees it, `side × side` grey levels each, in order.
    ///
    /// # Errors
    /// [`TrainError`] naming the image that cannot be read.
    pub fn inputs(&self, preprocessing: Preprocessing) -> Result<Vec<Vec<u8>>> {
        let inputs = self.inputs_with_crops(preprocessing)?;
        Ok(inputs.into_iter().map(|input| input.grey).collect())
    }

    /// The same with the square that each was cut from, so that boxes can be placed in the network's
    /// input ([`Self::boxes_in`]).
    ///
    /// # Errors
    /// As [`Self::inputs`].
    pub fn inputs_with_crops(&self, preprocessing: Preprocessing) -> Result<Vec<Input>> {
        let bar = progress("reading slices", self.paths.len());
        self.paths
            .par_iter()
            .map(|path| {
                let bytes = std::fs::read(path).map_err(file_error(path))?;
                let slice = Slice::from_bytes(&bytes)
                    .map_err(|e| TrainError::Data(format!("{}: {e}", path.display())))?;
                bar.inc(1);
                let (grey, crop) = preprocessing.apply(&slice);
                Ok(Input {
                    grey,
                    crop,
                    image: [slice.width(), slice.height()],
                })
            })
            .collect()
    }

    /// The boxes of each example in fractions of its network's input.
    pub fn boxes_in(&self, inputs: &[Input]) -> Vec<Vec<BleedBox>> {
        let examples = self.examples.iter().zip(inputs);
        let place = |(example, input): (&Example, &Input)| {
            let boxes = example.boxes.iter();
            boxes.map(|b| b.in_crop(input.crop, input.image)).collect()
        };
        examples.map(place).collect()
    }
}

/// The name of a folder, however its path is written.
fn folder_name(folder: &Path) -> Result<String> {
    let named = match folder.file_name() {
        Some(name) => Some(name.to_owned()),
        None => {
            let whole = folder.canonicalize().map_err(file_error(folder))?;
            whole.file_name().map(ToOwned::to_owned)
        }
    };
    let name = named.and_then(|name| name.into_string().ok());
    name.ok_or_else(|| {
        TrainError::Data(format!(
            "{}: a folder of slices must have a name, which is its source's",
            folder.display()
        ))
    })
}

/// A folder and the folders in it, in order.
fn folders_of_images(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).map_err(file_error(folder))? {
        let path = entry.map_err(file_error(folder))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The cells of a table of boxes by file; none where there is no table.
fn read_boxes(table: &Path) -> Result<BTreeMap<String, String>> {
    if !table.is_file() {
        return Ok(BTreeMap::new());
    }
    let wrong = |e: csv::Error| TrainError::Data(format!("{}: {e}", table.display()));
    let rows = csv::Reader::from_path(table).map_err(wrong)?;
    let cells = rows.into_deserialize().map(|row| {
        let BoxRow { file, boxes } = row.map_err(wrong)?;
        Ok((file, boxes))
    });
    cells.collect()
}

/// The slice of a row with the cell of its boxes, or what is wrong with them.
fn example(row: Row, cell: &str, source: &Source) -> std::result::Result<Example, String> {
    let wrong = |what: String| format!("{}: {what}", row.file);
    if row.hemorrhage > 1 {
        let label = row.hemorrhage;
        return Err(wrong(format!("hemorrhage is {label}; it is 0 or 1")));
    }
    let haemorrhage = row.hemorrhage == 1;
    if !haemorrhage && source.normals == Normals::None {
        return Err(wrong(format!(
            "it is labelled normal, and the table of sources says that {} has no normal slices",
            source.name
        )));
    }
    let mut boxes = BleedBox::read(cell).map_err(wrong)?;
    if !haemorrhage {
        // The label was made with more care than the box.
        boxes.clear();
    }
    let kinds = row.kinds(&boxes);
    let own = stem(&row.file).to_owned();
    let patient = row.patient.filter(|p| !p.is_empty()).unwrap_or(own);
    Ok(Example {
        source: source.name.clone(),
        family: source.family.clone(),
        patient: format!("{}/{patient}", source.family),
        file: row.file,
        haemorrhage,
        kinds,
        boxes,
        slice: row.slice,
        fracture: row.fracture.map(|shown| shown == 1),
    })
}

#[cfg(test)]
mod tests;
