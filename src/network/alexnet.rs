//! AlexNet's convolutions and the AlexNet-SVM head (paper, Figures 5 and 6).

use candle_core::{Device, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Linear, Module, VarBuilder};

use crate::architecture::{AlexNetSvm, Conv, Lrn};

/// Mean and standard deviation that ImageNet networks expect, per RGB channel of `grey / 255`.
pub const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// See [`IMAGENET_MEAN`].
pub const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Grey levels (`images × side × side`, row-major) → the network's input `N×3×side×side`: grey
/// copied to three channels, each normalised as ImageNet's were.
pub fn input(grey: &[u8], side: usize, device: &Device) -> Result<Tensor> {
    let images = grey.len() / (side * side);
    let grey: Vec<f32> = grey.iter().map(|&g| f32::from(g) / 255.0).collect();
    let grey = Tensor::from_vec(grey, (images, 1, side, side), device)?;
    let channels: Vec<Tensor> = IMAGENET_MEAN
        .into_iter()
        .zip(IMAGENET_STD)
        .map(|(mean, std)| grey.affine(f64::from(1.0 / std), f64::from(-mean / std)))
        .collect::<Result<_>>()?;
    Tensor::cat(&channels, 1)
}

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

/// conv1 … conv5 with their ReLU, normalisation and pooling.
pub struct Trunk {
    layers: Vec<(Conv, Conv2d)>,
}

impl Trunk {
    /// Takes `conv1.weight` (OIHW), `conv1.bias`, … from `vb`.
    pub fn new(network: &AlexNetSvm, vb: VarBuilder) -> Result<Self> {
        let mut channels = 3;
        let mut layers = Vec::new();
        for conv in &network.convs {
            let config = Conv2dConfig {
                padding: conv.padding,
                stride: conv.stride,
                groups: conv.groups,
                ..Default::default()
            };
            let module = candle_nn::conv2d(
                channels,
                conv.filters,
                conv.kernel,
                config,
                vb.pp(&conv.name),
            )?;
            channels = conv.filters;
            layers.push((conv.clone(), module));
        }
        Ok(Self { layers })
    }

    /// The map after every step, named `conv1`, `relu1`, `lrn1`, `pool1`, …; `x` is `N×3×S×S`.
    pub fn trace(&self, x: &Tensor) -> Result<Vec<(String, Tensor)>> {
        let mut steps: Vec<(String, Tensor)> = Vec::new();
        let mut x = x.clone();
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
}

impl Module for Trunk {
    /// `N×3×S×S` → the last pooled map, `N×256×6×6`.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut steps = self.trace(x)?;
        let (_, last) = steps.pop().expect("a trunk has layers");
        Ok(last)
    }
}

/// The whole network: trunk, FC6 with ReLU, linear SVM.
pub struct AlexNetSvmReference {
    trunk: Trunk,
    fc6: Linear,
    svm: Linear,
}

impl AlexNetSvmReference {
    /// Takes the trunk's tensors, `fc6.weight` (`units × 9216`, its columns in channel, row,
    /// column order), `fc6.bias`, `svm.weight` (`1 × units`) and `svm.bias` from `vb`.
    pub fn new(network: &AlexNetSvm, vb: VarBuilder) -> Result<Self> {
        let (channels, side) = network
            .feature_shape()
            .ok_or_else(|| candle_core::Error::Msg("the layers do not fit".into()))?;
        let inputs = channels * side * side;
        Ok(Self {
            trunk: Trunk::new(network, vb.clone())?,
            fc6: candle_nn::linear(inputs, network.fc6_units, vb.pp("fc6"))?,
            svm: candle_nn::linear(network.fc6_units, 1, vb.pp("svm"))?,
        })
    }

    /// Reads those tensors from a safetensors file.
    ///
    /// # Errors
    /// When the file cannot be read or lacks a tensor.
    pub fn open(network: &AlexNetSvm, path: &std::path::Path) -> Result<Self> {
        let tensors = candle_core::safetensors::load(path, &Device::Cpu)?;
        let vb = VarBuilder::from_tensors(tensors, candle_core::DType::F32, &Device::Cpu);
        Self::new(network, vb)
    }

    /// The FC6 units after ReLU, `N × units`.
    pub fn features(&self, x: &Tensor) -> Result<Tensor> {
        self.fc6
            .forward(&self.trunk.forward(x)?.flatten_from(1)?)?
            .relu()
    }
}

impl Module for AlexNetSvmReference {
    /// `N×3×S×S` → margins, `N`.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.svm.forward(&self.features(x)?)?.squeeze(1)
    }
}
