//! x
pub mod architecture;
mod error;
#[cfg(feature = "reference")]
pub mod network;
pub mod preprocess;
pub mod slice;
pub mod svm;
pub use error::Error;
