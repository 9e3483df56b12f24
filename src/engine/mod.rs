//! Runs a stored model in int8.
//!
//! Activations are 8-bit (0–255) in NHWC order, weights signed 8-bit with a scale an output
//! channel, accumulators 32-bit. Convolutions with stride 1 are computed by minimal filtering, which
//! takes a third to a quarter of the products and is exact in integers (see `conv/points.rs`); the
//! others by gathered patches. Everything between two layers (scale, bias, ReLU, LRN, quantisation)
//! happens on one pixel's accumulators in `f32` with operations that IEEE 754 rounds exactly, so
//! that every platform gives the same bits. Quantisation is monotonic, so pooling runs on the
//! quantised map. Where the fully connected layer is applied at every place, its units are 8-bit as
//! well, and their means are sums of integers (see `places.rs`). All buffers are allocated once.
//!
//! ```
//! use haemolens::engine::Engine;
//! use haemolens::model::StoredModel;
//! use haemolens::phantom::{self, Kind};
//!
//! let model = StoredModel::from_bytes(haemolens::ALEXNET_SVM)?;
//! let mut engine = Engine::new(&model)?;
//! let slice = phantom::draw(Kind::Normal).into_slice();
//! let (grey, _) = model.facts.preprocessing.apply(&slice);
//! let margin = model.haemorrhage.margin(engine.features(&grey)?);
//! assert!(f64::from(margin) < model.facts.calibration.threshold.balanced);
//! # Ok::<(), haemolens::Error>(())
//! ```

mod attribution;
mod conv;
mod dense;
mod head;
pub mod kernels;
mod layers;
mod linear;
mod lrn;
mod map;
mod places;
mod plan;
mod pool;
mod quantise;
mod trunk;

pub use attribution::Attribution;
pub use layers::{ConvLayer, Layers, RealMap};
pub use plan::Engine;
pub use trunk::Trunk;
