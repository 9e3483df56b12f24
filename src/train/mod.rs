//! Everything offline: data, augmentation, training, quantisation, evaluation.
//!
//! [`runs`] has a whole run for each network: read the data, split it by a [`protocol`], train,
//! write logs and margins, refit on all patients, quantise, calibrate, measure, store. Ours is
//! fine-tuned ([`finetune`], on slices of several data sets and if asked on [`synthesis`]), and its SVMs
//! are solved exactly on the int8 features ([`crate::svm`]); the paper's read frozen convolutions ([`transfer`]) or
//! begin from nothing ([`cnn`]). Patients are split, never slices, but where the paper's own
//! protocol is measured, which says so. [`report`] recomputes every figure from what is written.

pub mod agreement;
pub mod augment;
pub mod bf16;
pub mod calibrate;
pub mod card;
pub mod checkpoint;
pub mod cnn;
pub mod dataset;
pub mod dense;
pub mod evaluate;
pub mod features;
pub mod finetune;
pub mod folds;
pub mod guard;
pub mod ops;
pub mod predictions;
pub mod principal;
pub mod protocol;
pub mod quantize;
pub mod report;
pub mod run_log;
pub mod runs;
pub mod slice_facts;
pub mod studies;
pub mod synthesis;
pub mod transfer;
pub mod trunk;

use crate::Error;

/// What can go wrong offline.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file or folder, with what was tried.
    #[error("{0}: {1}")]
    File(String, #[source] std::io::Error),
    /// The data folder or a table in it is not as expected.
    #[error("{0}")]
    Data(String),
    /// An image or a model.
    #[error("{0}")]
    Model(#[from] Error),
    /// The tensor library.
    #[error("{0}")]
    Tensor(#[from] candle_core::Error),
}

/// Where networks are trained: the first GPU in a build with the feature `cuda`, else the CPU.
///
/// # Errors
/// [`TrainError::Tensor`] when the GPU cannot be used.
pub fn device() -> Result<candle_core::Device> {
    Ok(candle_core::Device::cuda_if_available(0)?)
}

/// Short for results offline.
pub type Result<T> = std::result::Result<T, TrainError>;

/// Turns an I/O error into one that names the path.
fn file_error(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> TrainError {
    let path = path.display().to_string();
    move |e| TrainError::File(path, e)
}

/// Writes through a temporary file, so that a kill at any moment leaves the old or the new content.
fn write_atomically(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, bytes).map_err(file_error(&partial))?;
    std::fs::rename(&partial, path).map_err(file_error(path))
}

/// A progress bar with a name, counts and the time left.
fn progress(name: &str, length: usize) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template(
        "{prefix:28} {bar:30} {pos}/{len} {per_sec} {eta} {msg}",
    )
    .expect("the template is well-formed");
    indicatif::ProgressBar::new(length as u64)
        .with_style(style)
        .with_prefix(name.to_owned())
}
