//! A stored int8 model as a candle network: the same weights, in f32.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::alexnet::{AlexNetSvmReference, IMAGENET_MEAN, IMAGENET_STD};
use crate::model::{QuantLayer, StoredModel};

/// Dequantises every layer. What is left between the engine and this network is the rounding of
/// activations alone.
///
/// # Errors
/// When the tensors do not fit the architecture.
pub fn reference(model: &StoredModel) -> Result<AlexNetSvmReference> {
    let network = &model.facts.architecture;
    let mut tensors = HashMap::new();
    let mut insert = |name: String, values: Vec<f32>, shape: &[usize]| {
        Tensor::from_vec(values, shape, &Device::Cpu).map(|t| tensors.insert(name, t))
    };
    let mut input_scale = vec![1.0f32];
    for (conv, stored) in network.convs.iter().zip(&model.convs) {
        let (k, share) = (conv.kernel, conv.filters / conv.groups);
        let depth = input_scale.len() / conv.groups;
        let first_channel = |f: usize| f / share * depth;
        let mut weight = dequantise(&stored.layer, |f, column| {
            input_scale[first_channel(f) + column / (k * k)]
        });
        let mut bias = stored.layer.bias.clone();
        let mut channels = depth;
        if input_scale.len() == 1 {
            (weight, bias) = unfold_grey(&weight, &bias);
            channels = 3;
        }
        insert(
            format!("{}.weight", conv.name),
            weight,
            &[conv.filters, channels, k, k],
        )?;
        insert(format!("{}.bias", conv.name), bias, &[conv.filters])?;
        input_scale.clone_from(&stored.output_scale);
    }
    let units = network.fc6_units;
    let inputs = model.fc6.weight.len() / units;
    let places = inputs / input_scale.len();
    let fc6 = dequantise(&model.fc6, |_, column| input_scale[column / places]);
    insert("fc6.weight".into(), fc6, &[units, inputs])?;
    insert("fc6.bias".into(), model.fc6.bias.clone(), &[units])?;
    insert(
        "svm.weight".into(),
        model.haemorrhage.weights.clone(),
        &[1, units],
    )?;
    insert("svm.bias".into(), vec![model.haemorrhage.bias], &[1])?;
    AlexNetSvmReference::new(
        network,
        VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu),
    )
}

/// Real weights; `input_scale(row, column)` is the real value of one step of that input.
fn dequantise(layer: &QuantLayer, input_scale: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let row = layer.weight.len() / layer.bias.len();
    let weights = layer.weight.iter().enumerate();
    weights
        .map(|(i, &w)| f32::from(w) * layer.weight_scale[i / row] / input_scale(i / row, i % row))
        .collect()
}

/// The inverse of folding three equal channels into one: the first normalised channel alone
/// carries the kernel that read grey levels 0–255.
fn unfold_grey(weight: &[f32], bias: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let kernel = weight.len() / bias.len();
    let mut unfolded = Vec::with_capacity(3 * weight.len());
    let mut shifted = Vec::with_capacity(bias.len());
    for (row, bias) in weight.chunks_exact(kernel).zip(bias) {
        unfolded.extend(row.iter().map(|w| w * 255.0 * IMAGENET_STD[0]));
        unfolded.extend(std::iter::repeat_n(0.0, 2 * kernel));
        shifted.push(bias + row.iter().sum::<f32>() * 255.0 * IMAGENET_MEAN[0]);
    }
    (unfolded, shifted)
}
