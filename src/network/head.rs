//! What follows the convolutions, up to the features that the planes read.

use candle_core::{D, Result, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use super::Tensors;
use crate::architecture::{Network, Readout};

/// A network's fully connected layers with ReLU, and its readout.
pub struct Head {
    linears: Vec<Linear>,
    readout: Readout,
}

impl Head {
    /// Takes `fc6.weight` (`units × inputs`, see [`Network::linear_inputs`]), `fc6.bias`, … from `vb`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn new(network: &Network, vb: VarBuilder) -> Result<Self> {
        let mut inputs = network.linear_inputs().unwrap_or(0);
        let mut linears = Vec::with_capacity(network.linears.len());
        for layer in &network.linears {
            linears.push(linear(inputs, layer.units, vb.pp(&layer.name))?);
            inputs = layer.units;
        }
        Ok(Self {
            linears,
            readout: network.readout,
        })
    }

    /// The last map (`N×C×H×W`) → what each step makes of it, the features last: the units of each
    /// fully connected layer after ReLU (`N×units`), or where the layer is applied at every place its
    /// units there (`N×units×H×W`) and their means (`N×2·units`).
    ///
    /// # Errors
    /// From the tensor library.
    pub fn outputs(&self, map: &Tensor) -> Result<Vec<Tensor>> {
        let mut outputs = Vec::with_capacity(self.linears.len() + 1);
        match self.readout {
            Readout::Flatten => {
                let mut x = map.flatten_from(1)?;
                for layer in &self.linears {
                    x = layer.forward(&x)?.relu()?;
                    outputs.push(x.clone());
                }
            }
            Readout::MeanAndTop { top } => {
                let mut x = map.clone();
                for layer in &self.linears {
                    x = at_every_place(layer, &x)?.relu()?;
                    outputs.push(x.clone());
                }
                outputs.push(mean_and_top(&x, top)?);
            }
        }
        Ok(outputs)
    }
}

/// The same layer on the channels of each place: `N×C×H×W` → `N×units×H×W`.
fn at_every_place(layer: &Linear, map: &Tensor) -> Result<Tensor> {
    let (_, _, height, width) = map.dims4()?;
    let places = map.flatten_from(2)?.transpose(1, 2)?.contiguous()?;
    let units = layer.forward(&places)?.transpose(1, 2)?.contiguous()?;
    let (images, count, _) = units.dims3()?;
    units.reshape((images, count, height, width))
}

/// Each unit's mean over all places, and its mean over its `top` highest: `N×units×H×W` →
/// `N×2·units`, first the means over all.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use haemolens::network::head::mean_and_top;
///
/// // One unit at four places.
/// let units = Tensor::new(&[[[[3f32, 0.0], [5.0, 4.0]]]], &Device::Cpu)?;
/// assert_eq!(mean_and_top(&units, 2)?.to_vec2::<f32>()?, [[3.0, 4.5]]);
/// # Ok::<(), candle_core::Error>(())
/// ```
///
/// # Errors
/// When there are fewer places, and from the tensor library.
pub fn mean_and_top(units: &Tensor, top: usize) -> Result<Tensor> {
    let places = units.flatten_from(2)?;
    let (highest_first, _) = places.contiguous()?.sort_last_dim(false)?;
    let highest = highest_first.narrow(D::Minus1, 0, top)?;
    Tensor::cat(&[places.mean(D::Minus1)?, highest.mean(D::Minus1)?], 1)
}

/// FC6 at every place may come as a 1×1 convolution: `units × C × 1 × 1` → `units × C`.
pub(super) fn without_kernel(network: &Network, tensors: &mut Tensors) -> Result<()> {
    if network.readout.is_flatten() {
        return Ok(());
    }
    for layer in &network.linears {
        if let Some(weight) = tensors.get_mut(&format!("{}.weight", layer.name))
            && let [_, _, 1, 1] = weight.dims()
        {
            *weight = weight.flatten_from(1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn highest_places_are_counted_unit_by_unit() {
        let values: Vec<f32> = (0..2 * 3 * 9).map(|i| ((i * 17 + 5) % 23) as f32).collect();
        let units = Tensor::from_vec(values.clone(), (2, 3, 3, 3), &Device::Cpu).unwrap();
        let found: Vec<Vec<f32>> = mean_and_top(&units, 4).unwrap().to_vec2().unwrap();
        for (n, features) in found.iter().enumerate() {
            for u in 0..3 {
                let mut places = values[(n * 3 + u) * 9..][..9].to_vec();
                places.sort_by(f32::total_cmp);
                let mean = places.iter().sum::<f32>() / 9.0;
                let top = places[5..].iter().sum::<f32>() / 4.0;
                assert!((features[u] - mean).abs() < 1e-4);
                assert!((features[3 + u] - top).abs() < 1e-4);
            }
        }
        assert!(mean_and_top(&units, 10).is_err());
    }

    #[test]
    fn gradients_reach_the_places_that_the_means_are_of() {
        let units = Tensor::new(&[[[[3f32, 0.0], [5.0, 4.0]]]], &Device::Cpu).unwrap();
        let units = Var::from_tensor(&units).unwrap();
        let features = mean_and_top(&units, 2).unwrap();
        let sum = features.sum_all().unwrap();
        let gradient = sum.backward().unwrap();
        let found: Vec<f32> = gradient
            .get(&units)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();
        assert_eq!(found, [0.25, 0.25, 0.75, 0.75]);
    }
}
