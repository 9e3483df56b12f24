//! Convolutions with what follows each of them.

use candle_core::{Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Module, VarBuilder};

use super::Tensors;
use super::input::Normalisation;
use crate::architecture::{Conv, Lrn};

/// `x / (k + alpha / size * Σ x²)^beta` over neighbouring channels; `N×C×H×W` in and out.
pub fn lrn(x: &Tensor, lrn: Lrn) -> Result<Tensor> {
    let channels = x.dim(1)?;
    let reach = lrn.size / 2;
    let squares = x.sqr()?.pad_with_zeros(1, reach, reach)?;
    let mut sum = squares.narrow(1, 0, channels)?;
    for offset in 1..lrn.size {
        sum = (sum + squares.narrow(1, offset, channels)?)?;
    }
    let scale = sum.affine(f64::from(lrn.alpha) / lrn.size as f64, f64::from(lrn.k))?;
    x.mul(&scale.powf(-f64::from(lrn.beta))?)
}

/// A network's convolutions with their ReLU, normalisation and pooling. The first one's padding
/// reads black, that of the others zero.
pub struct Trunk {
    normalisation: Normalisation,
    layers: Vec<(Conv, Conv2d)>,
}

impl Trunk {
    /// Takes `conv1.weight` (OIHW), `conv1.bias`, … from `vb`.
    pub fn new(convs: &[Conv], normalisation: Normalisation, vb: VarBuilder) -> Result<Self> {
        let mut channels = normalisation.channels().len();
        let mut layers = Vec::with_capacity(convs.len());
        for conv in convs {
            let config = Conv2dConfig {
                // The first layer's input is padded before.
                padding: if layers.is_empty() { 0 } else { conv.padding },
                stride: conv.stride,
                groups: conv.groups,
                ..Default::default()
            };
            let vb = vb.pp(&conv.name);
            let module = candle_nn::conv2d(channels, conv.filters, conv.kernel, config, vb)?;
            channels = conv.filters;
            layers.push((conv.clone(), module));
        }
        Ok(Self {
            normalisation,
            layers,
        })
    }

    /// The weights under the stored model's names.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = Tensors::new();
        for (conv, module) in &self.layers {
            tensors.insert(format!("{}.weight", conv.name), module.weight().detach());
            if let Some(bias) = module.bias() {
                tensors.insert(format!("{}.bias", conv.name), bias.detach());
            }
        }
        tensors
    }

    /// The map after every step, named `conv1`, `relu1`, `lrn1`, `pool1`, …; `x` is `N×C×S×S`, as
    /// [`Normalisation::input`] gives it.
    pub fn trace(&self, x: &Tensor) -> Result<Vec<(String, Tensor)>> {
        let mut steps: Vec<(String, Tensor)> = Vec::new();
        let border = self.layers.first().map_or(0, |(conv, _)| conv.padding);
        let mut x = match border {
            0 => x.clone(),
            width => self.normalisation.pad_with_black(x, width)?,
        };
        for (i, (conv, module)) in self.layers.iter().enumerate() {
            let n = i + 1;
            let mut step = |name: &str, y: Tensor| {
                steps.push((format!("{name}{n}"), y.clone()));
                y
            };
            x = step("conv", module.forward(&x)?);
            x = step("relu", x.relu()?);
            if let Some(settings) = conv.lrn {
                x = step("lrn", lrn(&x, settings)?);
            }
            if let Some(pool) = conv.pool {
                x = step("pool", x.max_pool2d_with_stride(pool.size, pool.stride)?);
            }
        }
        Ok(steps)
    }

    /// Each convolution's last map in a [`Trunk::trace`]: what the next layer reads.
    pub fn outputs(trace: &[(String, Tensor)]) -> Vec<Tensor> {
        let ends = trace.iter().enumerate().filter(|(i, _)| {
            let next = trace.get(i + 1);
            next.is_none_or(|(name, _)| name.starts_with("conv"))
        });
        ends.map(|(_, (_, map))| map.clone()).collect()
    }
}

impl Module for Trunk {
    /// `N×C×S×S` → the last map; AlexNet's is `N×256×6×6`.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut steps = self.trace(x)?;
        steps
            .pop()
            .map(|(_, last)| last)
            .ok_or_else(|| candle_core::Error::Msg("a trunk needs a convolution".into()))
    }
}
