//! Brain-CT haemorrhage classifier: bytes of a CT image in, a [`Classification`] out, and nothing
//! leaves the machine.
#![deny(missing_docs)]
#![deny(unsafe_code)]

pub mod architecture;
pub mod calibration;
mod classification;
mod classifier;
pub mod engine;
mod error;
pub mod model;
#[cfg(feature = "reference")]
pub mod network;
pub mod phantom;
pub mod preprocess;
pub mod slice;
pub mod svm;
#[cfg(feature = "train")]
pub mod train;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use classification::{Classification, Elapsed, Label, ModelName, Scores};
pub use classifier::{ALEXNET_SVM, Classifier, Examination};
pub use error::Error;
