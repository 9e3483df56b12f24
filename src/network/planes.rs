//! A softmax of two classes as the stored model's planes.

use candle_core::Result;
use candle_nn::Linear;

use super::Tensors;

/// Adds the planes of a softmax layer of two rows, normal and haemorrhage: the margin of
/// `haemorrhage` is the difference of the logits, that of `normal` the same negated.
pub fn insert_planes(tensors: &mut Tensors, output: &Linear) -> Result<()> {
    let difference = |name: &str, w: &candle_core::Tensor| -> Result<[(String, _); 2]> {
        let rise = (w.narrow(0, 1, 1)? - w.narrow(0, 0, 1)?)?.detach();
        Ok([
            (format!("normal.{name}"), rise.neg()?),
            (format!("haemorrhage.{name}"), rise),
        ])
    };
    tensors.extend(difference("weight", output.weight())?);
    let bias = output
        .bias()
        .ok_or_else(|| candle_core::Error::Msg("the softmax layer needs a bias".into()))?;
    tensors.extend(difference("bias", bias)?);
    Ok(())
}

/// Adds a layer's `weight` and `bias` under its name.
pub fn insert_linear(tensors: &mut Tensors, name: &str, layer: &Linear) {
    tensors.insert(format!("{name}.weight"), layer.weight().detach());
    if let Some(bias) = layer.bias() {
        tensors.insert(format!("{name}.bias"), bias.detach());
    }
}
