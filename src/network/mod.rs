//! The paper's networks as candle-nn modules: the readable definition, used for training and as
//! the f32 reference that the int8 engine is measured against.
//!
//! [`alexnet`] and [`cnn`] are what is trained. Each gives its weights as [`Tensors`] under the
//! names of the stored model, batch norm folded and softmax turned into planes; [`mod@reference`] runs
//! such tensors, whichever the network, and `train::quantize` turns them into a stored model.

pub mod alexnet;
pub mod cnn;
pub mod head;
pub mod input;
mod planes;
pub mod reference;
pub mod stored;
pub mod trunk;

use std::collections::HashMap;

use candle_core::{Result, Tensor};

/// Weights by name: `conv1.weight` (OIHW), `conv1.bias`, …, `fc6.weight` (units × inputs;
/// where it is applied at every place also units × channels × 1 × 1), `fc6.bias`, …, `haemorrhage.weight` (1 × features), `haemorrhage.bias` (1), and so for `normal`.
pub type Tensors = HashMap<String, Tensor>;

/// What training does to activations between two layers: dropout, drawn by the trainer, who knows
/// the seed.
pub type Dropout<'a> = &'a mut dyn FnMut(Tensor) -> Result<Tensor>;

/// Applies `drop` where there is one.
fn dropped(x: Tensor, drop: &mut Option<Dropout>) -> Result<Tensor> {
    match drop {
        Some(drop) => drop(x),
        None => Ok(x),
    }
}
