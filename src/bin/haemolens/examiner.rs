//! What examines slices, for every command that has them examined: which model, and on how many
//! processors.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use haemolens::calibration::OperatingPoint;
use haemolens::model::StoredModel;
use haemolens::retrain::StoredPlane;
use haemolens::{ALEXNET_SVM, Classifier, Error};

/// Which model answers.
#[derive(clap::Args)]
pub struct ChosenModel {
    /// A stored model in the place of the built-in one.
    #[arg(long)]
    model: Option<PathBuf>,
    /// A plane of one's own, saved by the page's lesson, in the place of the model's.
    #[arg(long, value_name = "FILE")]
    plane: Option<PathBuf>,
    /// From which margin on to say haemorrhage: screening misses few, confirming raises few false
    /// alarms, balanced lies between.
    #[arg(long, value_name = "POINT", default_value_t, value_parser = operating_point)]
    operating_point: OperatingPoint,
    /// Give probabilities for this share of haemorrhage, between 0 and 1, among the slices (for
    /// `study`, among the examinations), instead of the share that the model learned from.
    #[arg(long, value_name = "SHARE")]
    prevalence: Option<f64>,
}

fn operating_point(name: &str) -> Result<OperatingPoint, String> {
    name.parse().map_err(|e: Error| e.to_string())
}

/// A stored model and the terms on which it is to answer.
pub struct Ready {
    pub model: StoredModel,
    operating_point: OperatingPoint,
    prevalence: Option<f64>,
}

impl Ready {
    /// A classifier that answers so.
    ///
    /// # Errors
    /// [`Error::CorruptModel`], or [`Error::InvalidSetting`] for a share that there cannot be.
    pub fn classifier(&self) -> Result<Classifier, Error> {
        let mut classifier = Classifier::from_model(self.model.clone())?;
        classifier.set_operating_point(self.operating_point);
        classifier.set_prevalence(self.prevalence)?;
        Ok(classifier)
    }
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
    /// The stored model, or else the built-in one, with its own plane or the one that was named.
    pub fn open(&self) -> Result<Ready, String> {
        let mut model = match &self.model {
            None => StoredModel::from_program(ALEXNET_SVM).map_err(|e| e.to_string())?,
            Some(path) => read(path, StoredModel::from_bytes)?,
        };
        if let Some(path) = &self.plane {
            read(path, |json| {
                StoredPlane::from_json(json)?.put_into(&mut model)
            })?;
        }
        Ok(Ready {
            model,
            operating_point: self.operating_point,
            prevalence: self.prevalence,
        })
    }
}

/// What a file holds; errors name it.
fn read<T>(path: &Path, understand: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    understand(&bytes).map_err(|e| format!("{}: {}: {e}", path.display(), e.name()))
}

impl Examiner {
    /// As many as were asked for, or as there are processors.
    pub fn jobs(&self) -> NonZeroUsize {
        let processors = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.jobs.unwrap_or_else(processors)
    }
}
