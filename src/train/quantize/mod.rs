//! f32 networks → int8.
//!
//! Weights get a scale for each output. Activations get one for each channel, from a sample of
//! inputs; a channel's scale is multiplied into the next layer's weights before these are rounded.
//! Where the next layer's weights lie on an 8-bit grid of their own, as ImageNet's do, all channels
//! share a scale, which keeps them there, and nothing is lost. What rounding the weights adds to an
//! output on the mean input is taken out of its bias. A fully connected layer at every place is rounded
//! as any other, and a unit's scale comes from its highest place in the sample.

mod activations;
mod grey;
mod layer;
mod prune;
mod refit;
mod trunk;

pub use layer::quantize_layer;
pub use prune::prune;
pub use refit::refit;
pub use trunk::TrunkWeights;

use activations::{Activations, Steps};
use candle_core::Tensor;
use grey::fold_grey;
use layer::on_grids;

use super::{Result, TrainError};
use crate::architecture::Network;
use crate::calibration::Calibration;
use crate::model::{FORMAT, Facts, ModelCard, QuantConv, QuantLayer, QuantLinear, StoredModel};
use crate::network::Tensors;
use crate::network::input::Normalisation;
use crate::network::reference::Reference;
use crate::preprocess::Preprocessing;
use crate::svm::LinearSvm;

/// Turns any of the networks into a stored model: its normalisation of grey levels is folded into
/// the first convolution, every layer is rounded, the planes stay f32. `sample` holds inputs
/// (`side × side` grey levels each, as `preprocessing` gives them) that set the activation scales:
/// training slices, a few hundred.
///
/// The model comes uncalibrated: set `facts.calibration` from held-out margins of models that were
/// quantised the same way.
///
/// # Errors
/// [`TrainError`] when the sample is empty or does not fit the network's input.
pub fn quantize(
    reference: &Reference,
    sample: &[&[u8]],
    preprocessing: Preprocessing,
    card: ModelCard,
) -> Result<StoredModel> {
    let network = reference.network();
    let measured = Activations::measure(sample, |grey| reference.outputs(&reference.input(grey)?))?;
    let tensors = reference.tensors();
    let (of_convs, of_linears) = measured.split_at(network.convs.len());
    let normalisation = reference.normalisation();
    let (convs, steps) = quantize_convs(
        network,
        normalisation,
        tensors,
        of_convs,
        mean_level(sample),
    )?;
    let model = StoredModel {
        convs,
        linears: quantize_linears(network, tensors, of_linears, steps)?,
        haemorrhage: plane(tensors, "haemorrhage")?,
        normal: plane(tensors, "normal")?,
        facts: Facts {
            format: FORMAT,
            card,
            architecture: network.clone(),
            preprocessing,
            calibration: Calibration::UNCALIBRATED,
            study: None,
            kinds: Vec::new(),
        },
        kinds: Vec::new(),
    };
    model.check()?;
    Ok(model)
}

/// The convolutions, and the steps of the last map; `mean_grey` is the mean input.
fn quantize_convs(
    network: &Network,
    normalisation: Normalisation,
    tensors: &Tensors,
    measured: &[Activations],
    mean_grey: f32,
) -> Result<(Vec<QuantConv>, Steps)> {
    let mut input = Steps {
        scale: vec![1.0],
        mean: vec![mean_grey],
    };
    let mut convs = Vec::with_capacity(network.convs.len());
    for (i, (conv, measured)) in network.convs.iter().zip(measured).enumerate() {
        let mut weight = values(tensors, &conv.name, "weight")?;
        let mut bias = values(tensors, &conv.name, "bias")?;
        if i == 0 {
            (weight, bias) = fold_grey(&weight, &bias, normalisation);
        }
        let next = network.convs.get(i + 1).map(|next| next.name.as_str());
        let next = next.or(network.linears.first().map(|linear| linear.name.as_str()));
        let steps = measured.steps(next.is_some_and(|name| keeps_grid(tensors, name)));
        convs.push(QuantConv {
            layer: quantize_groups(&weight, &bias, conv.groups, &input),
            output_scale: steps.scale.clone(),
        });
        input = steps;
    }
    Ok((convs, input))
}

/// The fully connected layers, the first of which reads `input`.
fn quantize_linears(
    network: &Network,
    tensors: &Tensors,
    measured: &[Activations],
    mut input: Steps,
) -> Result<Vec<QuantLinear>> {
    let linears = &network.linears;
    let mut quantised = Vec::with_capacity(linears.len());
    for (i, (linear, measured)) in linears.iter().zip(measured).enumerate() {
        let weight = values(tensors, &linear.name, "weight")?;
        let bias = values(tensors, &linear.name, "bias")?;
        let next = linears.get(i + 1);
        let steps = measured.steps(next.is_some_and(|next| keeps_grid(tensors, &next.name)));
        quantised.push(QuantLinear {
            layer: quantize_groups(&weight, &bias, 1, &input),
            output_scale: network.rounds_units(i).then(|| steps.scale.clone()),
        });
        input = steps;
    }
    Ok(quantised)
}

/// A layer whose outputs and input channels are split into `groups`; `input` has a value for each
/// channel, which stands for as many neighbouring columns as there are weights for it.
fn quantize_groups(weight: &[f32], bias: &[f32], groups: usize, input: &Steps) -> QuantLayer {
    let row = weight.len() / bias.len();
    let depth = input.scale.len() / groups;
    let places = row / depth;
    let outputs = bias.len() / groups;
    let mut whole = QuantLayer {
        weight: Vec::with_capacity(weight.len()),
        weight_scale: Vec::with_capacity(bias.len()),
        bias: Vec::with_capacity(bias.len()),
    };
    for (group, bias) in bias.chunks_exact(outputs).enumerate() {
        let columns = |of_channel: &[f32]| -> Vec<f32> {
            of_channel[group * depth..][..depth]
                .iter()
                .flat_map(|&value| std::iter::repeat_n(value, places))
                .collect()
        };
        let scale = columns(&input.scale);
        let scaled: Vec<f32> = weight[group * outputs * row..][..outputs * row]
            .iter()
            .zip(scale.iter().cycle())
            .map(|(w, s)| w * s)
            .collect();
        let part = quantize_layer(&scaled, bias.to_vec(), &columns(&input.mean));
        whole.weight.extend(part.weight);
        whole.weight_scale.extend(part.weight_scale);
        whole.bias.extend(part.bias);
    }
    whole
}

/// Whether a layer's weights are there and lie on a grid of their own.
fn keeps_grid(tensors: &Tensors, name: &str) -> bool {
    values(tensors, name, "weight").is_ok_and(|weight| {
        let rows = tensors[&format!("{name}.weight")].dims()[0];
        on_grids(&weight, weight.len() / rows)
    })
}

fn plane(tensors: &Tensors, name: &str) -> Result<LinearSvm> {
    Ok(LinearSvm {
        weights: values(tensors, name, "weight")?,
        bias: values(tensors, name, "bias")?.iter().sum(),
    })
}

fn values(tensors: &Tensors, layer: &str, name: &str) -> Result<Vec<f32>> {
    let name = format!("{layer}.{name}");
    let tensor: &Tensor = tensors
        .get(&name)
        .ok_or_else(|| TrainError::Data(format!("the f32 weights lack {name}")))?;
    Ok(tensor.flatten_all()?.to_vec1()?)
}

/// Mean grey level of all inputs.
fn mean_level(inputs: &[&[u8]]) -> f32 {
    let (mut sum, mut count) = (0.0f64, 0.0f64);
    for input in inputs {
        sum += input.iter().map(|&g| f64::from(g)).sum::<f64>();
        count += input.len() as f64;
    }
    (sum / count.max(1.0)) as f32
}
