//! A stored int8 model as a candle network: the same weights, in f32.

use candle_core::{Device, Result, Tensor};

use super::Tensors;
use super::reference::Reference;
use crate::model::{QuantLayer, StoredModel};

/// Dequantises every layer of any of the networks, for `grey / 255`. What is left between the
/// engine and this network is the rounding of activations alone.
///
/// # Errors
/// When the tensors do not fit the architecture.
pub fn reference(model: &StoredModel) -> Result<Reference> {
    let network = &model.facts.architecture;
    let mut tensors = Tensors::new();
    let mut insert = |name: String, values: Vec<f32>, shape: &[usize]| {
        Tensor::from_vec(values, shape, &Device::Cpu).map(|t| tensors.insert(name, t))
    };
    // Real value of one step of the layer's input, one a channel: at first of a grey level.
    let mut input_scale = vec![1.0f32 / 255.0];
    for (conv, stored) in network.convs.iter().zip(&model.convs) {
        let (k, share) = (conv.kernel, conv.filters / conv.groups);
        let depth = input_scale.len() / conv.groups;
        let weight = dequantise(&stored.layer, |f, column| {
            input_scale[f / share * depth + column / (k * k)]
        });
        let shape = [conv.filters, depth, k, k];
        insert(format!("{}.weight", conv.name), weight, &shape)?;
        let bias = stored.layer.bias.clone();
        insert(format!("{}.bias", conv.name), bias, &[conv.filters])?;
        input_scale.clone_from(&stored.output_scale);
    }
    for (linear, stored) in network.linears.iter().zip(&model.linears) {
        let inputs = stored.layer.weight.len() / linear.units;
        let places = inputs / input_scale.len();
        let weight = dequantise(&stored.layer, |_, column| input_scale[column / places]);
        insert(
            format!("{}.weight", linear.name),
            weight,
            &[linear.units, inputs],
        )?;
        let bias = stored.layer.bias.clone();
        insert(format!("{}.bias", linear.name), bias, &[linear.units])?;
        input_scale = stored.output_scale.clone().unwrap_or_default();
    }
    for (name, plane) in [
        ("haemorrhage", &model.haemorrhage),
        ("normal", &model.normal),
    ] {
        let weights = plane.weights.clone();
        insert(format!("{name}.weight"), weights, &[1, plane.weights.len()])?;
        insert(format!("{name}.bias"), vec![plane.bias], &[1])?;
    }
    Reference::new(network, tensors)
}

/// Real weights; `input_scale(row, column)` is the real value of one step of that input.
fn dequantise(layer: &QuantLayer, input_scale: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let row = layer.weight.len() / layer.bias.len();
    let weights = layer.weight.iter().enumerate();
    weights
        .map(|(i, &w)| f32::from(w) * layer.weight_scale[i / row] / input_scale(i / row, i % row))
        .collect()
}
