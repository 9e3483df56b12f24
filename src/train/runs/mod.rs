//! Whole runs: the paper's networks, trained as it says (its section 5.3), and ours. Each gives run
//! logs, tables of margins, and a model to store.

pub mod alexnet;
pub mod alexnet_svm;
pub mod cnn;
pub mod probe;
mod record;
mod store;

use std::path::{Path, PathBuf};

pub use record::F32_FOLDER;
pub use store::{Outcome, Storing, held_out};

use super::Result;
use super::dataset::{Dataset, Source, Sources};
use super::predictions::{Protocol, TableName};
use super::protocol::Split;
use super::run_log::Run;

/// Where a run reads and writes.
#[derive(Debug, Clone)]
pub struct Places {
    /// Labelled slices with patients: one folder, or where `sources` lists some the folder that holds
    /// theirs.
    pub data: PathBuf,
    /// The table of sources; empty where `data` is a source by itself.
    pub sources: Sources,
    /// The sources that are trained on; all that the table allows where it is empty.
    pub only: Vec<String>,
    /// Checkpoints and cached features.
    pub work: PathBuf,
    /// Folder for `runs/` and `predictions/`.
    pub report: PathBuf,
}

impl Places {
    /// The slices that are trained on.
    ///
    /// # Errors
    /// As [`Dataset::open`] and [`Dataset::open_all`].
    pub fn dataset(&self) -> Result<Dataset> {
        if self.sources.all.is_empty() {
            Dataset::open(&self.data)
        } else {
            Dataset::open_all(&self.sources, &self.data, &self.only)
        }
    }

    /// The folders of sources that the table allows for training, that are there, and that are not
    /// trained on.
    pub fn unseen(&self) -> Vec<PathBuf> {
        let is_left =
            |s: &&Source| s.training && !self.only.is_empty() && !self.only.contains(&s.name);
        let left = self.sources.all.iter().filter(is_left);
        let folders = left.map(|source| self.data.join(&source.name));
        folders.filter(|folder| folder.is_dir()).collect()
    }
}

/// The checkpoint of a split; `key` stands for all that the training depends on besides its
/// settings.
fn checkpoint(folder: &Path, run: Run, split: &Split, key: u64) -> PathBuf {
    let fold = split
        .fold
        .map_or(String::new(), |fold| format!("-fold{fold}"));
    let protocol = split.name();
    let (network, preset) = (run.network.name(), run.preset.name());
    folder.join(format!(
        "{network}-{preset}-{protocol}{fold}-{key:016x}.safetensors"
    ))
}

/// The table that a run's margins stand in.
fn table_name(run: Run, protocol: Protocol) -> TableName {
    TableName {
        network: run.network,
        preset: run.preset,
        protocol,
    }
}

/// What stands at a split's progress bar.
fn title(run: Run, split: &Split) -> String {
    format!("{}, {}", run.network.name(), split.title())
}
