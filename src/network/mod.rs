//! The paper's networks as candle-nn modules: the readable definition, used for training and as
//! the f32 reference that the int8 engine is measured against.

pub mod alexnet;
pub mod stored;
