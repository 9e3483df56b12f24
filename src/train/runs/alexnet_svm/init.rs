//! What fine-tuning begins from, and what it is told of blood.

use crate::network::Tensors;
use crate::network::input::Normalisation;
use crate::train::dataset::BleedBox;
use crate::train::finetune::Weights;
use crate::train::{Result, TrainError};

/// A box around blood as [`Slice::boxes`](crate::train::finetune::Slice::boxes) has it.
pub fn corners(bleed: &BleedBox) -> [f32; 4] {
    let [(left, right), (top, bottom)] = [0, 1].map(|i| {
        (
            bleed.centre[i] - bleed.size[i] / 2.0,
            bleed.centre[i] + bleed.size[i] / 2.0,
        )
    });
    [left, top, right, bottom].map(|v| v as f32)
}

/// ImageNet convolutions whose conv1 reads three normalised channels → ones that read one channel of
/// grey levels from 0 to 1, which is what [`Training::new`](crate::train::finetune::Training::new) begins from.
///
/// # Errors
/// [`TrainError`] naming what is missing.
pub fn from_imagenet(tensors: &Tensors) -> Result<Weights> {
    let mut weights = Weights::new();
    for (name, tensor) in tensors {
        weights.insert(name.clone(), tensor.flatten_all()?.to_vec1()?);
    }
    let missing = || TrainError::Data("conv1 is missing".into());
    let conv1 = tensors.get("conv1.weight").ok_or_else(missing)?;
    let mut grey = conv1.narrow(1, 0, 1)?.zeros_like()?;
    let mut bias = tensors.get("conv1.bias").ok_or_else(missing)?.clone();
    for (channel, (mean, deviation)) in Normalisation::ImageNet.channels().iter().enumerate() {
        let scaled = (conv1.narrow(1, channel, 1)? / f64::from(*deviation))?;
        bias = (bias - (scaled.flatten_from(1)?.sum(1)? * f64::from(*mean))?)?;
        grey = (grey + scaled)?;
    }
    weights.insert("conv1.weight".into(), grey.flatten_all()?.to_vec1()?);
    weights.insert("conv1.bias".into(), bias.to_vec1()?);
    Ok(weights)
}
