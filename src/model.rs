//! The stored model: a safetensors file of int8 weights with its facts as JSON in the header.
//!
//! | tensor | type, shape | meaning |
//! |---|---|---|
//! | `conv1.weight` … `conv5.weight` | i8, OIHW | quantised kernels; conv1 has one input channel, the three equal grey ones folded, and reads grey levels 0–255 |
//! | `convN.weight_scale` | f32, O | accumulator → real value |
//! | `convN.bias` | f32, O | real value |
//! | `convN.output_scale` | f32, O | real value of one step of the 8-bit activation, per channel |
//! | `fc6.weight` | i8, units × inputs | columns in channel, row, column order |
//! | `fc6.weight_scale`, `fc6.bias` | f32, units | as above |
//! | `haemorrhage.weight`, `normal.weight` | f32, units | the two one-vs-rest planes |
//! | `haemorrhage.bias`, `normal.bias` | f32, 1 | their offsets |

use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::architecture::{AlexNetSvm, Conv};
use crate::calibration::Calibration;
use crate::preprocess::Preprocessing;
use crate::svm::LinearSvm;

/// Version of this layout; a file of another is refused.
pub const FORMAT: u32 = 1;
/// Key of the facts in the safetensors header.
const FACTS_KEY: &str = "haemolens";
/// Largest activation: eight bits.
pub const ACTIVATION_MAX: u8 = 255;

/// A measured figure with its 95 % interval and the protocol it was measured under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Lower end of the 95 % patient-bootstrap interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What it was measured on and how.
    pub protocol: String,
}

/// What the page and the command line say about a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelCard {
    /// Name, such as `alexnet-svm`.
    pub name: String,
    /// Version of the weights.
    pub version: String,
    /// Licence of the weights.
    pub licence: String,
    /// What it was trained on.
    pub data: String,
    /// How it was trained and split.
    pub protocol: String,
    /// Measured figures by name.
    pub figures: BTreeMap<String, Figure>,
}

/// Everything in the header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Layout version, [`FORMAT`].
    pub format: u32,
    /// Name, data, protocol, figures.
    pub card: ModelCard,
    /// Shape of the network.
    pub architecture: AlexNetSvm,
    /// What its input must look like.
    pub preprocessing: Preprocessing,
    /// Margin → answer.
    pub calibration: Calibration,
}

/// A layer in int8.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantLayer {
    /// Row-major weights, one row an output.
    pub weight: Vec<i8>,
    /// Accumulator → real value, one an output.
    pub weight_scale: Vec<f32>,
    /// Real value, one an output.
    pub bias: Vec<f32>,
}

/// A convolution in int8 with the scale of its activations.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantConv {
    /// Kernels, OIHW.
    pub layer: QuantLayer,
    /// Real value of one activation step after normalisation, one a channel.
    pub output_scale: Vec<f32>,
}

/// The stored model.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredModel {
    /// The header.
    pub facts: Facts,
    /// conv1 … conv5.
    pub convs: Vec<QuantConv>,
    /// FC6.
    pub fc6: QuantLayer,
    /// Haemorrhage against the rest: the margin of the answer.
    pub haemorrhage: LinearSvm,
    /// Normal against the rest: the paper's second score.
    pub normal: LinearSvm,
}

impl StoredModel {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the file is damaged, of another format, or its tensors do not
    /// fit its architecture.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| corrupt(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| corrupt(&e))?;
        let facts = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(FACTS_KEY))
            .ok_or_else(|| corrupt(&"its header holds no haemolens facts"))?;
        let facts: Facts = serde_json::from_str(facts).map_err(|e| corrupt(&e))?;
        if facts.format != FORMAT {
            return Err(corrupt(&format!(
                "it is of format {}, this version reads format {FORMAT}",
                facts.format
            )));
        }
        check(&facts)?;
        let network = &facts.architecture;
        let mut channels = 1;
        let mut convs = Vec::with_capacity(network.convs.len());
        for conv in &network.convs {
            let row = channels / conv.groups * conv.kernel * conv.kernel;
            convs.push(QuantConv {
                layer: quant_layer(&tensors, &conv.name, conv.filters, row)?,
                output_scale: floats(&tensors, &conv.name, "output_scale", conv.filters)?,
            });
            channels = conv.filters;
        }
        let units = network.fc6_units;
        let inputs = network
            .feature_shape()
            .map_or(0, |(c, side)| c * side * side);
        Ok(Self {
            convs,
            fc6: quant_layer(&tensors, "fc6", units, inputs)?,
            haemorrhage: plane(&tensors, "haemorrhage", units)?,
            normal: plane(&tensors, "normal", units)?,
            facts,
        })
    }

    /// The file's bytes; the same model always gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Internal`] when the tensors do not fit the architecture.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let internal = |e: &dyn std::fmt::Display| Error::Internal(e.to_string());
        let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
        let mut floats = |name: String, values: &[f32]| {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            tensors.push((name, Dtype::F32, vec![values.len()], bytes));
        };
        for (name, plane) in [("haemorrhage", &self.haemorrhage), ("normal", &self.normal)] {
            floats(format!("{name}.weight"), &plane.weights);
            floats(format!("{name}.bias"), &[plane.bias]);
        }
        let convs = &self.facts.architecture.convs;
        for (conv, quant) in convs.iter().zip(&self.convs) {
            floats(format!("{}.output_scale", conv.name), &quant.output_scale);
        }
        let layers: Vec<(&str, &QuantLayer, Option<&Conv>)> = convs
            .iter()
            .zip(&self.convs)
            .map(|(conv, quant)| (conv.name.as_str(), &quant.layer, Some(conv)))
            .chain([("fc6", &self.fc6, None)])
            .collect();
        for (name, layer, _) in &layers {
            floats(format!("{name}.weight_scale"), &layer.weight_scale);
            floats(format!("{name}.bias"), &layer.bias);
        }
        for (name, layer, conv) in layers {
            let outputs = layer.bias.len();
            let row = layer.weight.len() / outputs;
            let shape = match conv {
                Some(Conv { kernel: k, .. }) => vec![outputs, row / (k * k), *k, *k],
                None => vec![outputs, row],
            };
            let bytes = layer.weight.iter().map(|&w| w as u8).collect();
            tensors.push((format!("{name}.weight"), Dtype::I8, shape, bytes));
        }
        let views = tensors
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                let view = TensorView::new(*dtype, shape.clone(), bytes);
                view.map(|v| (name.as_str(), v))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| internal(&e))?;
        let facts = serde_json::to_string(&self.facts).map_err(|e| internal(&e))?;
        let header = HashMap::from([(FACTS_KEY.to_owned(), facts)]);
        safetensors::serialize(views, Some(header)).map_err(|e| internal(&e))
    }
}

/// Refuses facts that the engine could not run.
fn check(facts: &Facts) -> Result<(), Error> {
    let network = &facts.architecture;
    if network.feature_shape().is_none() || network.fc6_units == 0 {
        return Err(corrupt(&"its layers do not fit each other"));
    }
    if facts.preprocessing.side != network.input_side {
        return Err(corrupt(&"preprocessing and network differ in input size"));
    }
    let mut channels = 1;
    for conv in &network.convs {
        let divides = |n: usize| conv.groups > 0 && n.is_multiple_of(conv.groups);
        if !divides(channels) || !divides(conv.filters) || conv.filters == 0 {
            return Err(corrupt(&format!("{} has impossible groups", conv.name)));
        }
        if conv.lrn.is_some_and(|lrn| lrn.beta != 0.75) {
            return Err(corrupt(&"only LRN with beta 0.75 is computed"));
        }
        channels = conv.filters;
    }
    Ok(())
}

fn corrupt(cause: &dyn std::fmt::Display) -> Error {
    Error::CorruptModel(format!(
        "The model file cannot be used: {cause}. Load it again, or get a fresh copy."
    ))
}

fn quant_layer(
    tensors: &SafeTensors,
    name: &str,
    outputs: usize,
    row: usize,
) -> Result<QuantLayer, Error> {
    let weight = tensor(tensors, name, "weight", Dtype::I8, outputs * row)?;
    Ok(QuantLayer {
        weight: weight.iter().map(|&b| b as i8).collect(),
        weight_scale: floats(tensors, name, "weight_scale", outputs)?,
        bias: floats(tensors, name, "bias", outputs)?,
    })
}

fn plane(tensors: &SafeTensors, name: &str, units: usize) -> Result<LinearSvm, Error> {
    Ok(LinearSvm {
        weights: floats(tensors, name, "weight", units)?,
        bias: floats(tensors, name, "bias", 1)?[0],
    })
}

fn floats(tensors: &SafeTensors, layer: &str, name: &str, len: usize) -> Result<Vec<f32>, Error> {
    let values: Vec<f32> = tensor(tensors, layer, name, Dtype::F32, len)?
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    if values.iter().any(|v| !v.is_finite()) {
        return Err(corrupt(&format!("{layer}.{name} holds no plain numbers")));
    }
    Ok(values)
}

/// The bytes of `layer.name`, checked for type and length.
fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    layer: &str,
    name: &str,
    dtype: Dtype,
    len: usize,
) -> Result<&'a [u8], Error> {
    let name = format!("{layer}.{name}");
    let view = tensors.tensor(&name).map_err(|e| corrupt(&e))?;
    let found: usize = view.shape().iter().product();
    if view.dtype() != dtype || found != len {
        return Err(corrupt(&format!(
            "{name} is {:?} × {found} where {dtype:?} × {len} is needed",
            view.dtype()
        )));
    }
    Ok(view.data())
}
