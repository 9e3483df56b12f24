//! Brain-CT haemorrhage classifier: bytes of a CT image in, a [`Classification`] out, and nothing
//! leaves the machine. Not a medical device.
//!
//! ```
//! use haemolens::{Classifier, Label};
//! use haemolens::phantom::{self, Kind};
//!
//! let mut classifier = Classifier::new()?;
//! let image = phantom::draw(Kind::Intraparenchymal).to_bmp()?;
//! let answer = classifier.classify(&image)?;
//! assert_eq!(answer.label, Label::Haemorrhage);
//! assert!(answer.margin > answer.threshold);
//! # Ok::<(), haemolens::Error>(())
//! ```
//!
//! The way through: [`mod@slice`] reads the bytes, [`preprocess`] cuts out the head, [`engine`] runs
//! the [`model`]'s int8 layers, [`svm`] gives the margin and [`calibration`] the probability;
//! [`explain`] says where in the slice the margin comes from, [`walk`] what every layer made of it;
//! [`study`] puts the slices of an examination together; [`retrain`] learns the last step anew.
//! Features: `cli` (the `haemolens` command), `reference` (the networks in candle-nn), `train`.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![deny(unsafe_code)]

pub mod architecture;
pub mod calibration;
mod classification;
mod classifier;
pub mod engine;
mod error;
pub mod explain;
pub mod guard;
mod kind;
pub mod model;
#[cfg(feature = "cli")]
pub mod model_card;
#[cfg(feature = "reference")]
pub mod network;
pub mod phantom;
pub mod preprocess;
pub mod retrain;
pub mod slice;
pub mod study;
pub mod svm;
mod terms;
#[cfg(feature = "train")]
pub mod train;
pub mod walk;
// A module has one face: what classifies, or the f32 networks beside it.
#[cfg(all(target_arch = "wasm32", not(feature = "reference")))]
mod wasm;
#[cfg(all(target_arch = "wasm32", feature = "reference"))]
mod wasm_reference;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

pub use classification::{Classification, Elapsed, KindScore, Label, ModelName, Scores};
pub use classifier::{ALEXNET_SVM, Classifier, Examination};
pub use error::Error;
pub use explain::Explanation;
pub use kind::HaemorrhageKind;
pub use study::{Study, StudyAnswer};
pub use walk::Walk;
