//! The stored model's bytes: safetensors, read and written.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Deserialize;

use super::{FORMAT, Facts, QuantConv, QuantLayer, QuantLinear, StoredModel, corrupt};
use crate::Error;
use crate::svm::LinearSvm;

/// Key of the facts in the safetensors header.
const FACTS_KEY: &str = "haemolens";

impl StoredModel {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the file is damaged, of another format, its architecture is
    /// nonsense, or its tensors do not fit it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| corrupt(&e))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| corrupt(&e))?;
        let facts = metadata
            .metadata()
            .as_ref()
            .and_then(|m| m.get(FACTS_KEY))
            .ok_or_else(|| corrupt(&"its header holds no haemolens facts"))?;
        let facts = Facts::parse(facts)?;
        let network = &facts.architecture;
        let mut channels = 1;
        let mut convs = Vec::with_capacity(network.convs.len());
        for conv in &network.convs {
            convs.push(QuantConv {
                layer: quant_layer(&tensors, &conv.name, conv.filters, conv.row(channels))?,
                output_scale: floats(&tensors, &conv.name, "output_scale", conv.filters)?,
            });
            channels = conv.filters;
        }
        let mut inputs = network.features().unwrap_or(0);
        let mut linears = Vec::with_capacity(network.linears.len());
        for (i, linear) in network.linears.iter().enumerate() {
            let last = i + 1 == network.linears.len();
            let scale = || floats(&tensors, &linear.name, "output_scale", linear.units);
            linears.push(QuantLinear {
                layer: quant_layer(&tensors, &linear.name, linear.units, inputs)?,
                output_scale: if last { None } else { Some(scale()?) },
            });
            inputs = linear.units;
        }
        let model = Self {
            convs,
            linears,
            haemorrhage: plane(&tensors, "haemorrhage", inputs)?,
            normal: plane(&tensors, "normal", inputs)?,
            facts,
        };
        model.check()?;
        Ok(model)
    }

    /// The file's bytes; the same model always gives the same bytes.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when a part does not fit the architecture.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let network = &self.facts.architecture;
        let mut writer = Writer::default();
        let mut channels = 1;
        for (conv, stored) in network.convs.iter().zip(&self.convs) {
            let k = conv.kernel;
            let shape = vec![conv.filters, channels / conv.groups, k, k];
            writer.layer(&conv.name, &stored.layer, shape);
            writer.floats(&conv.name, "output_scale", &stored.output_scale);
            channels = conv.filters;
        }
        for (linear, stored) in network.linears.iter().zip(&self.linears) {
            let inputs = stored.layer.weight.len() / linear.units;
            writer.layer(&linear.name, &stored.layer, vec![linear.units, inputs]);
            if let Some(scale) = &stored.output_scale {
                writer.floats(&linear.name, "output_scale", scale);
            }
        }
        for (name, plane) in [("haemorrhage", &self.haemorrhage), ("normal", &self.normal)] {
            writer.floats(name, "weight", &plane.weights);
            writer.floats(name, "bias", &[plane.bias]);
        }
        let internal = |e: &dyn std::fmt::Display| Error::Internal(e.to_string());
        let facts = serde_json::to_string(&self.facts).map_err(|e| internal(&e))?;
        writer.finish(facts).map_err(|e| internal(&e))
    }
}

impl Facts {
    /// Reads and checks the header's JSON.
    fn parse(json: &str) -> Result<Self, Error> {
        /// What every format has.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_str(json).map_err(|e| corrupt(&e))?;
        if version.format != FORMAT {
            return Err(corrupt(&format!(
                "it is of format {}, this version reads format {FORMAT}",
                version.format
            )));
        }
        let facts: Self = serde_json::from_str(json).map_err(|e| corrupt(&e))?;
        facts.check()?;
        Ok(facts)
    }
}

/// Collects tensors for a file.
#[derive(Default)]
struct Writer(Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

impl Writer {
    fn floats(&mut self, layer: &str, name: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let name = format!("{layer}.{name}");
        self.0.push((name, Dtype::F32, vec![values.len()], bytes));
    }

    fn layer(&mut self, name: &str, layer: &QuantLayer, shape: Vec<usize>) {
        let bytes = layer.weight.iter().map(|&w| w as u8).collect();
        self.0
            .push((format!("{name}.weight"), Dtype::I8, shape, bytes));
        self.floats(name, "weight_scale", &layer.weight_scale);
        self.floats(name, "bias", &layer.bias);
    }

    fn finish(self, facts: String) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let views = self
            .0
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                let view = TensorView::new(*dtype, shape.clone(), bytes);
                view.map(|v| (name.as_str(), v))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let header = HashMap::from([(FACTS_KEY.to_owned(), facts)]);
        safetensors::serialize(views, Some(header))
    }
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
    Ok(tensor(tensors, layer, name, Dtype::F32, len)?
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect())
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
