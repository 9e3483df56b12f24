//! The model card: what the models are for, what they were made from, how well they do and where they
//! fail. `haemolens report` writes it as `models/card.json` (schema: `models/card.schema.json`),
//! `haemolens card` prints it, and the page shows a part of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::Figure;

/// The card as it was when this program was built.
pub static CARD: &str = include_str!("../models/card.json");

/// The whole card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Card {
    /// The schema that it follows, a file beside it.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// What it is of.
    pub title: String,
    /// What comes before everything else.
    pub notice: String,
    /// What the models are for.
    pub intended_use: IntendedUse,
    /// What they are not for.
    pub out_of_scope: Vec<String>,
    /// Each model with its own figures.
    pub models: Vec<Model>,
    /// The data sets.
    pub sources: Vec<Source>,
    /// How they were divided.
    pub partition: Partition,
    /// How people did on the same slices.
    pub human_comparison: String,
    /// What nobody has measured.
    pub not_measured: Vec<String>,
    /// What to bear in mind.
    pub limitations: Vec<String>,
    /// What becomes of the models.
    pub maintenance: Maintenance,
    /// Where the items of reporting guidelines are found.
    pub guidelines: Vec<Guideline>,
}

/// What the models are for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntendedUse {
    /// In a sentence or two.
    pub purpose: String,
    /// By whom.
    pub users: Vec<String>,
    /// What goes in.
    pub input: String,
    /// What comes out.
    pub output: String,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Model {
    /// Its name in its header.
    pub name: String,
    /// What it is called in tables.
    pub title: String,
    /// Its file in `models/`.
    pub file: String,
    /// SHA-256 of that file.
    pub sha256: String,
    /// Version of the weights.
    pub version: String,
    /// Licence of the weights (SPDX).
    pub licence: String,
    /// What it was trained on.
    pub data: String,
    /// How it was trained and split.
    pub protocol: String,
    /// The figures of its header, by name.
    pub figures: BTreeMap<String, Figure>,
    /// How well it does, by source and by group of slices.
    pub performance: Vec<Performance>,
    /// Where it fails.
    pub failures: Failures,
}

/// What a model does on some slices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Performance {
    /// How the slices stand to what the model has seen.
    pub protocol: String,
    /// The source that they are of.
    pub slices_of: String,
    /// What the group is made by: `source`, `kind`, `size`, …
    pub by: String,
    /// The group.
    pub group: String,
    /// Slices in it.
    pub slices: usize,
    /// Patients that these are of.
    pub patients: usize,
    /// Those that show haemorrhage.
    pub haemorrhages: usize,
    /// Figures by name; none of fewer than five slices.
    pub figures: BTreeMap<String, Interval>,
}

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// Lower end of the interval over patients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// Where a model fails on slices of patients that it has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failures {
    /// In words.
    pub summary: String,
    /// How many, by source.
    pub counts: Vec<FailureCount>,
    /// What they have in common.
    pub traits: Vec<Trait>,
    /// The patients that hold most of them.
    pub patients: Vec<FailedPatient>,
    /// The surest misses and false alarms.
    pub slices: Vec<FailedSlice>,
}

/// Failures of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailureCount {
    /// The source.
    pub slices_of: String,
    /// Slices with haemorrhage.
    pub haemorrhages: usize,
    /// Those that are called normal.
    pub missed: usize,
    /// Those of them whose answer is inconclusive.
    pub missed_inconclusive: usize,
    /// Slices without.
    pub normals: usize,
    /// Those that are called haemorrhage.
    pub false_alarms: usize,
    /// Those of them whose answer is inconclusive.
    pub false_alarms_inconclusive: usize,
}

/// How common something is among failures, and among the slices of the same class that are called right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trait {
    /// `misses` or `false alarms`.
    pub of: String,
    /// What is asked.
    #[serde(rename = "trait")]
    pub name: String,
    /// The fraction of the failures, or their median.
    pub failed: f64,
    /// Failures of which it is known.
    pub failed_slices: usize,
    /// The fraction, or the median, of the slices that are called right.
    pub right: f64,
    /// Those of which it is known.
    pub right_slices: usize,
}

/// A patient with several failures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailedPatient {
    /// Its name, `family/patient`.
    pub patient: String,
    /// Its slices with haemorrhage.
    pub haemorrhages: usize,
    /// Those that are called normal.
    pub missed: usize,
    /// Its slices without.
    pub normals: usize,
    /// Those that are called haemorrhage.
    pub false_alarms: usize,
}

/// A slice that is called what it is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailedSlice {
    /// `miss` or `false alarm`.
    pub failure: String,
    /// The source, as its folder is called.
    pub source: String,
    /// The slice's name in its source's table of labels.
    pub file: String,
    /// Its patient, `family/patient`.
    pub patient: String,
    /// The kinds of haemorrhage that it shows; nothing where they are not known.
    pub kinds: Vec<String>,
    /// The fraction of the head's square that lies in boxes around the bleeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub box_area: Option<f64>,
    /// Its number in its examination, from 1 for the lowest, and the highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<[usize; 2]>,
    /// Whether it shows a fracture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fracture: Option<bool>,
    /// The margin.
    pub margin: f64,
    /// The calibrated probability of haemorrhage.
    pub probability: f64,
    /// Whether the answer is inconclusive.
    pub inconclusive: bool,
}

/// A data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Source {
    /// Its folder's name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// Who made it and where it is described.
    pub citation: String,
    /// On which terms it was published.
    pub terms: String,
    /// How it was collected and labelled, as far as it tells.
    pub collection: Collection,
    /// Whether models are trained on it.
    pub training: bool,
    /// Why no figure on it counts, where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<String>,
    /// What is in it.
    pub counts: Counts,
}

/// How a data set was collected and labelled, in its makers' words made short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Collection {
    /// Place, hospital, ward.
    pub setting: String,
    /// When.
    pub dates: String,
    /// Whose scans.
    pub eligibility: String,
    /// By which scanners.
    pub scanners: String,
    /// How thick the slices are.
    pub slice_thickness: String,
    /// Who labelled, and how.
    pub reference_standard: String,
    /// What of it is here, and what was left out.
    pub selection: String,
}

/// Slices and patients of a data set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// All slices.
    pub slices: usize,
    /// Those with haemorrhage.
    pub haemorrhages: usize,
    /// Those with haemorrhage whose kinds are known.
    pub kinds_known: usize,
    /// Those with haemorrhage around which boxes are drawn.
    pub boxed: usize,
    /// All patients; a slice without a known patient counts as one.
    pub patients: usize,
    /// Those with a slice with haemorrhage.
    pub bleeding_patients: usize,
}

/// How slices were divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Partition {
    /// In words.
    pub method: String,
    /// Each fold of each source.
    pub folds: Vec<Fold>,
}

/// The slices of a source that are held out together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fold {
    /// The source, as its folder is called.
    pub source: String,
    /// Number of the fold.
    pub fold: usize,
    /// What is in it.
    pub counts: Counts,
}

/// What becomes of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Maintenance {
    /// Who looks after them, and when they change.
    pub updates: String,
    /// How to report a fault.
    pub report_a_fault: String,
    /// The repository, where one is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
}

/// Where an item of reporting guidelines is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guideline {
    /// What is asked.
    pub item: String,
    /// Items of TRIPOD+AI (Collins et al. 2024).
    pub tripod_ai: String,
    /// Items of CLAIM 2024 (Tejani et al. 2024).
    pub claim: String,
    /// What STARD-AI (Sounderajah et al. 2025) calls it; empty where no item is named.
    pub stard_ai: String,
    /// The section of `models/README.md`, or why there is none.
    pub found: String,
}

impl Card {
    /// The card of this build.
    ///
    /// ```
    /// use haemolens::model_card::Card;
    ///
    /// let card = Card::embedded()?;
    /// assert!(card.notice.contains("Not a medical device"));
    /// assert!(card.model_of(haemolens::ALEXNET_SVM).is_some());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// Never for a card that a test has seen.
    pub fn embedded() -> serde_json::Result<Self> {
        serde_json::from_str(CARD)
    }

    /// What it says of the model in this file; nothing of one that it does not know byte by byte.
    pub fn model_of(&self, file: &[u8]) -> Option<&Model> {
        let sha256 = sha256(file);
        self.models.iter().find(|model| model.sha256 == sha256)
    }
}

/// SHA-256 of bytes, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
