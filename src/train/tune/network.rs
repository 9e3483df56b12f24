//! AlexNet-SVM with every layer trainable.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use rand::{Rng, RngExt};

use crate::architecture::Conv;
use crate::network::input::Normalisation;
use crate::train::adamw::Parameter;
use crate::train::ops::{ConvShape, conv2d, local_response_norm, max_pool2d};

/// Mean and deviation of grey levels that inputs are normalised by: ImageNet's, over its colours.
const GREY_MEAN: f32 = 114.5;
const GREY_DEVIATION: f32 = 57.6;

/// How fast each part learns and decays.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Learning rate of the convolutions as a share of the head's.
    pub trunk: f64,
    /// Learning rate of FC6's weights as a share of the plane's.
    pub fc6: f64,
    /// Weight decay of the convolutions.
    pub trunk_decay: f64,
    /// Weight decay of FC6 and the plane.
    pub head_decay: f64,
}

/// Convolutions read one grey channel: the three equal ones of the paper, added up.
///
/// # Errors
/// When a tensor is missing.
pub fn grey_trunk(imagenet: &HashMap<String, Tensor>) -> Result<HashMap<String, Tensor>> {
    let mut tensors = imagenet.clone();
    let missing = || candle_core::Error::Msg("conv1 is missing".into());
    let weight = imagenet.get("conv1.weight").ok_or_else(missing)?;
    let bias = imagenet.get("conv1.bias").ok_or_else(missing)?;
    let (mut folded, mut shifted) = (weight.narrow(1, 0, 1)?.zeros_like()?, bias.clone());
    for (c, (mean, std)) in Normalisation::ImageNet.channels().iter().enumerate() {
        // Channel c of the paper's network sees (g / 255 − mean) / std, ours (g − m) / d.
        let of_channel = weight.narrow(1, c, 1)?;
        let gain = f64::from(GREY_DEVIATION / (255.0 * std));
        let shift = f64::from((GREY_MEAN / 255.0 - mean) / std);
        folded = (folded + (&of_channel * gain)?)?;
        shifted = (shifted + (of_channel.flatten_from(1)?.sum(1)? * shift)?)?;
    }
    tensors.insert("conv1.weight".into(), folded);
    tensors.insert("conv1.bias".into(), shifted);
    Ok(tensors)
}

/// conv1 of [`grey_trunk`] → one that reads [`Normalisation::Unit`].
///
/// # Errors
/// From the tensor library.
pub fn reading_unit_grey(weight: &Tensor, bias: &Tensor) -> Result<(Tensor, Tensor)> {
    let sums = weight.flatten_from(1)?.sum(1)?;
    let shift = (sums * f64::from(GREY_MEAN / GREY_DEVIATION))?;
    Ok((
        (weight * f64::from(255.0 / GREY_DEVIATION))?,
        (bias - shift)?,
    ))
}

/// Grey levels (`images × side × side`) → normalised `N×1×S×S` with `border` black pixels around,
/// conv1's padding.
///
/// # Errors
/// From the tensor library.
pub fn input(grey: &[u8], side: usize, border: usize, device: &Device) -> Result<Tensor> {
    let images = grey.len() / (side * side);
    let padded = side + 2 * border;
    let black = -GREY_MEAN / GREY_DEVIATION;
    let mut values = vec![black; images * padded * padded];
    for (image, grey) in values
        .chunks_exact_mut(padded * padded)
        .zip(grey.chunks_exact(side * side))
    {
        for (y, row) in grey.chunks_exact(side).enumerate() {
            let to = &mut image[(y + border) * padded + border..][..side];
            for (to, &g) in to.iter_mut().zip(row) {
                *to = (f32::from(g) - GREY_MEAN) / GREY_DEVIATION;
            }
        }
    }
    Tensor::from_vec(values, (images, 1, padded, padded), device)
}

/// What a batch gave.
pub struct Output {
    /// Margin of the plane, `N`.
    pub margins: Tensor,
    /// Local evidence of blood, a logit for each place of the last convolution's map, `N×13×13`.
    pub evidence: Tensor,
}

/// Tensors of the network by name.
pub struct Weights<'a>(pub &'a dyn Fn(&str) -> Result<Tensor>);

impl Weights<'_> {
    fn get(&self, name: &str) -> Result<Tensor> {
        (self.0)(name)
    }

    /// The last convolution's map after ReLU and its pooled map; `x` is what the first of `convs`
    /// reads, which brings its padding along when it is [`input`].
    ///
    /// # Errors
    /// From the tensor library.
    pub fn trunk(&self, convs: &[Conv], x: &Tensor) -> Result<(Tensor, Tensor)> {
        let bordered = x.dim(1)? == 1;
        let mut x = x.clone();
        let mut map = x.clone();
        for (i, conv) in convs.iter().enumerate() {
            let shape = ConvShape {
                stride: conv.stride,
                padding: if i == 0 && bordered { 0 } else { conv.padding },
                groups: conv.groups,
                relu: true,
            };
            let weight = self.get(&format!("{}.weight", conv.name))?;
            let bias = self.get(&format!("{}.bias", conv.name))?;
            x = conv2d(&x, &weight, &bias, shape)?;
            map = x.clone();
            if let Some(lrn) = conv.lrn {
                x = local_response_norm(&x, lrn)?;
            }
            if let Some(pool) = conv.pool {
                x = max_pool2d(&x, pool.size, pool.stride)?;
            }
        }
        Ok((map, x))
    }

    /// FC6 after ReLU, `N × units`, of pooled maps.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn units(&self, pooled: &Tensor) -> Result<Tensor> {
        let weight = self.get("fc6.weight")?;
        pooled
            .flatten_from(1)?
            .matmul(&weight.t()?)?
            .broadcast_add(&self.get("fc6.bias")?)?
            .relu()
    }

    /// The whole network; the masks (`1/keep` or 0) drop inputs and units of FC6.
    ///
    /// # Errors
    /// From the tensor library.
    pub fn forward(
        &self,
        convs: &[Conv],
        x: &Tensor,
        masks: Option<&[Tensor; 2]>,
    ) -> Result<Output> {
        let (map, mut pooled) = self.trunk(convs, x)?;
        if let Some([inputs, _]) = masks {
            pooled = pooled.broadcast_mul(inputs)?;
        }
        let mut units = self.units(&pooled)?;
        if let Some([_, mask]) = masks {
            units = units.mul(mask)?;
        }
        let margins = units.matmul(&self.get("svm.weight")?.t()?)?;
        let margins = margins.broadcast_add(&self.get("svm.bias")?)?.squeeze(1)?;
        let (n, channels, height, width) = map.dims4()?;
        let places = map
            .reshape((n, channels, height * width))?
            .transpose(1, 2)?;
        let evidence = places
            .contiguous()?
            .reshape((n * height * width, channels))?
            .matmul(&self.get("local.weight")?.t()?)?
            .broadcast_add(&self.get("local.bias")?)?
            .reshape((n, height, width))?;
        Ok(Output { margins, evidence })
    }
}

/// FC6 (`units × channels · places`) whose unit `u` is the mean of map `u` times its factor.
///
/// # Errors
/// From the tensor library.
pub fn mean_units(
    units: usize,
    (channels, places): (usize, usize),
    factor: impl Fn(usize) -> f32,
    device: &Device,
) -> Result<Tensor> {
    let mut weight = vec![0.0f32; units * channels * places];
    for (u, row) in weight.chunks_exact_mut(channels * places).enumerate() {
        let map = u % channels;
        row[map * places..][..places].fill(factor(map) / places as f32);
    }
    Tensor::from_vec(weight, (units, channels * places), device)
}

/// Trainable parameters: the trunk from `tensors`, FC6 (`units × channels · places`) whose units
/// begin as the mean of a map each, scaled by a sample of pooled maps to deviation one, the plane,
/// and the local head.
///
/// # Errors
/// When a tensor is missing.
pub fn parameters(
    convs: &[Conv],
    tensors: &HashMap<String, Tensor>,
    sample: &Tensor,
    units: usize,
    pace: Pace,
    rng: &mut impl Rng,
) -> Result<Vec<Parameter>> {
    let mut parameters = Vec::new();
    for conv in convs {
        for (kind, decay) in [("weight", pace.trunk_decay), ("bias", 0.0)] {
            let name = format!("{}.{kind}", conv.name);
            let tensor = tensors
                .get(&name)
                .ok_or_else(|| candle_core::Error::Msg(format!("{name} is missing")))?;
            let tensor = tensor.to_device(sample.device())?;
            parameters.push(Parameter::new(&name, &tensor, pace.trunk, decay)?);
        }
    }
    let device = sample.device();
    let (images, channels, height, width) = sample.dims4()?;
    let places = height * width;
    let means = sample.reshape((images, channels, places))?.mean(2)?;
    let centre = means.mean_keepdim(0)?;
    let spread = (means.broadcast_sub(&centre)?.sqr()?.mean(0)?.sqrt()? + 1e-3)?;
    let spread: Vec<f32> = spread.to_vec1()?;
    let weight = mean_units(units, (channels, places), |map| 1.0 / spread[map], device)?;
    let bias = Tensor::zeros(units, DType::F32, device)?;
    let mut normal = |count: usize, deviation: f32| -> Vec<f32> {
        // Sum of three uniforms of deviation one: close enough to a normal draw.
        (0..count)
            .map(|_| (0..3).map(|_| rng.random_range(-1.0..1.0f32)).sum::<f32>() * deviation)
            .collect()
    };
    let plane = Tensor::from_vec(
        normal(units, 0.1 / (units as f32).sqrt()),
        (1, units),
        device,
    )?;
    let local = Tensor::from_vec(normal(channels, 0.01), (1, channels), device)?;
    let offset = |value: f32| Tensor::new(&[value], device);
    let decay = pace.head_decay;
    parameters.push(Parameter::new("fc6.weight", &weight, pace.fc6, decay)?);
    parameters.push(Parameter::new("fc6.bias", &bias, 1.0, 0.0)?);
    parameters.push(Parameter::new("svm.weight", &plane, 1.0, decay)?);
    parameters.push(Parameter::new("svm.bias", &offset(0.0)?, 1.0, 0.0)?);
    parameters.push(Parameter::new("local.weight", &local, 1.0, decay)?);
    parameters.push(Parameter::new("local.bias", &offset(-2.0)?, 1.0, 0.0)?);
    Ok(parameters)
}
