//! What examines slices, for every command that has them examined: which model, and on how many
//! processors.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use haemolens::ALEXNET_SVM;
use haemolens::model::StoredModel;

/// Which model answers.
#[derive(clap::Args)]
pub struct ChosenModel {
    /// A stored model in the place of the built-in one.
    #[arg(long)]
    model: Option<PathBuf>,
}

/// Which model answers, and how many files are examined at once.
#[derive(clap::Args)]
pub struct Examiner {
    /// Files that are examined at the same time [default: as many as there are processors].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub model: ChosenModel,
}

impl ChosenModel {
    /// The stored model, or else the built-in one.
    pub fn open(&self) -> Result<StoredModel, String> {
        let Some(path) = &self.model else {
            return StoredModel::from_program(ALEXNET_SVM).map_err(|e| e.to_string());
        };
        let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let model = StoredModel::from_bytes(&bytes);
        model.map_err(|e| format!("{}: {}: {e}", path.display(), e.name()))
    }
}

impl Examiner {
    /// As many as were asked for, or as there are processors.
    pub fn jobs(&self) -> NonZeroUsize {
        let processors = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.jobs.unwrap_or_else(processors)
    }
}
