//! The drawn network in candle, from `weights.bin`.

use candle_core::{Device, Error, Module, Result, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Linear};
use wasm_bindgen::prelude::*;

/// Filters, channels of a group, kernel, stride, padding, groups; whether LRN and pooling follow.
const CONVS: [([usize; 6], bool, bool); 5] = [
    ([96, 3, 11, 4, 0, 1], true, true),
    ([256, 48, 5, 1, 2, 2], true, true),
    ([384, 256, 3, 1, 1, 1], false, false),
    ([384, 192, 3, 1, 1, 2], false, false),
    ([256, 192, 3, 1, 1, 2], false, true),
];

#[wasm_bindgen]
pub struct Network {
    convs: Vec<Conv2d>,
    fc6: Linear,
    svm: Linear,
}

/// Takes tensors off the front of the file.
struct Weights<'a>(&'a [u8]);

impl Weights<'_> {
    fn take(&mut self, shape: &[usize]) -> Result<Tensor> {
        let bytes = 4 * shape.iter().product::<usize>();
        let Some((front, rest)) = self.0.split_at_checked(bytes) else {
            return Err(Error::Msg("the weights end early".into()));
        };
        self.0 = rest;
        let floats = front.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        Tensor::from_vec(floats.collect(), shape, &Device::Cpu)
    }
}

fn lrn(x: &Tensor) -> Result<Tensor> {
    let channels = x.dim(1)?;
    let squares = x.sqr()?.pad_with_zeros(1, 2, 2)?;
    let mut sum = squares.narrow(1, 0, channels)?;
    for neighbour in 1..5 {
        sum = (sum + squares.narrow(1, neighbour, channels)?)?;
    }
    let root = sum.affine(1e-4 / 5.0, 1.0)?.sqrt()?;
    x / (&root * root.sqrt()?)?
}

impl Network {
    fn read(bytes: &[u8]) -> Result<Self> {
        let mut weights = Weights(bytes);
        let mut convs = Vec::new();
        for ([filters, depth, kernel, stride, padding, groups], ..) in CONVS {
            let config = Conv2dConfig {
                stride,
                padding,
                groups,
                ..Default::default()
            };
            let weight = weights.take(&[filters, depth, kernel, kernel])?;
            convs.push(Conv2d::new(weight, Some(weights.take(&[filters])?), config));
        }
        let fc6 = weights.take(&[4096, 9216])?;
        let fc6 = Linear::new(fc6, Some(weights.take(&[4096])?));
        let svm = weights.take(&[1, 4096])?;
        let svm = Linear::new(svm, Some(weights.take(&[1])?));
        Ok(Self { convs, fc6, svm })
    }

    fn margin(&self, input: Vec<f32>) -> Result<f32> {
        let mut x = Tensor::from_vec(input, (1, 3, 227, 227), &Device::Cpu)?;
        for (conv, (_, normalised, pooled)) in self.convs.iter().zip(CONVS) {
            x = conv.forward(&x)?.relu()?;
            if normalised {
                x = lrn(&x)?;
            }
            if pooled {
                x = x.max_pool2d_with_stride(3, 2)?;
            }
        }
        let units = self.fc6.forward(&x.flatten_from(1)?)?.relu()?;
        self.svm.forward(&units)?.flatten_all()?.get(0)?.to_scalar()
    }
}

#[wasm_bindgen]
impl Network {
    #[wasm_bindgen(constructor)]
    pub fn new(weights: &[u8]) -> std::result::Result<Network, JsError> {
        Ok(Self::read(weights)?)
    }

    pub fn run(&self, input: Vec<f32>) -> std::result::Result<f32, JsError> {
        Ok(self.margin(input)?)
    }
}
