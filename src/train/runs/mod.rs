//! Whole runs: the paper's networks, trained as it says (its section 5.3), and ours. Each gives run
//! logs, tables of margins, and a model to store.

pub mod alexnet;
pub mod alexnet_svm;
pub mod cnn;
pub mod probe;
mod record;
mod store;
mod units;

use std::path::{Path, PathBuf};

pub use record::F32_FOLDER;
pub use store::{Outcome, Storing, held_out_table};

use super::predictions::{Protocol, TableName};
use super::protocol::Split;
use super::run_log::Run;

/// Where a run reads and writes.
#[derive(Debug, Clone)]
pub struct Places {
    /// Labelled slices with patients.
    pub data: PathBuf,
    /// Checkpoints and cached features.
    pub work: PathBuf,
    /// Folder for `runs/` and `predictions/`.
    pub report: PathBuf,
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
