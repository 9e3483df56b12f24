//! The stored model's bytes: safetensors, read and written.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sparse::SparseRows;
use super::{FORMAT, Facts, QuantConv, QuantLayer, QuantLinear, StoredModel, corrupt};
use crate::Error;
use crate::svm::LinearSvm;

/// Key of the facts in the safetensors header.
const FACTS_KEY: &str = "haemolens";

/// What the header says: the facts, and a digest of what follows.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    sha256: String,
}

/// What every format's header says.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// What the header says of the tensors.
#[derive(Deserialize)]
struct Sealed {
    /// SHA-256 of all tensors' bytes, in hexadecimal.
    sha256: String,
}

impl StoredModel {
    /// Reads and checks a model file.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// assert!(StoredModel::from_bytes(ALEXNET_SVM).is_ok());
    /// // A single bit of the weights is enough.
    /// let mut bytes = ALEXNET_SVM.to_vec();
    /// bytes[ALEXNET_SVM.len() - 1] ^= 1;
    /// assert_eq!(StoredModel::from_bytes(&bytes).unwrap_err().name(), "CorruptModel");
    /// ```
    ///
    /// # Errors
    /// [`Error::CorruptModel`] when the file is damaged, of another format, its architecture is
    /// nonsense, or its tensors do not fit it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let header = Header::read(bytes)?;
        let model = Self::read(bytes, &header)?;
        let sealed: Sealed = serde_json::from_str(&header.entry).map_err(|e| corrupt(&e))?;
        if digest(header.data) != sealed.sha256 {
            return Err(corrupt(&"its weights are not those that were stored"));
        }
        Ok(model)
    }

    /// As [`StoredModel::from_bytes`], without the digest, which takes longer than all else: for
    /// bytes that came with the program and were checked when it was tested.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// let model = StoredModel::from_program(ALEXNET_SVM)?;
    /// assert_eq!(model, StoredModel::from_bytes(ALEXNET_SVM)?);
    /// # Ok::<(), haemolens::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`StoredModel::from_bytes`].
    pub fn from_program(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(bytes, &Header::read(bytes)?)
    }

    fn read(bytes: &[u8], header: &Header) -> Result<Self, Error> {
        let facts = Facts::parse(&header.entry)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| corrupt(&e))?;
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
        let mut inputs = network.linear_inputs().unwrap_or(0);
        let mut linears = Vec::with_capacity(network.linears.len());
        for (i, linear) in network.linears.iter().enumerate() {
            let scale = || floats(&tensors, &linear.name, "output_scale", linear.units);
            linears.push(QuantLinear {
                layer: linear_layer(&tensors, &linear.name, linear.units, inputs)?,
                output_scale: network.rounds_units(i).then(scale).transpose()?,
            });
            inputs = linear.units;
        }
        let features = network.units();
        let model = Self {
            convs,
            linears,
            haemorrhage: plane(&tensors, "haemorrhage", features)?,
            normal: plane(&tensors, "normal", features)?,
            kinds: facts
                .kinds
                .iter()
                .map(|told| plane(&tensors, told.kind.code(), features))
                .collect::<Result<_, _>>()?,
            facts,
        };
        model.check()?;
        Ok(model)
    }

    /// The file's bytes; the same model always gives the same bytes.
    ///
    /// ```
    /// use haemolens::ALEXNET_SVM;
    /// use haemolens::model::StoredModel;
    ///
    /// let mut model = StoredModel::from_program(ALEXNET_SVM)?;
    /// model.facts.card.version = "2".into();
    /// let bytes = model.to_bytes()?; // for std::fs::write
    /// assert_eq!(StoredModel::from_bytes(&bytes)?.facts.card.version, "2");
    /// # Ok::<(), haemolens::Error>(())
    /// ```
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
            writer.linear(&linear.name, &stored.layer);
            if let Some(scale) = &stored.output_scale {
                writer.floats(&linear.name, "output_scale", scale);
            }
        }
        for (name, plane) in self.planes() {
            writer.floats(name, "weight", &plane.weights);
            writer.floats(name, "bias", &[plane.bias]);
        }
        let internal = |e: &dyn std::fmt::Display| Error::Internal(e.to_string());
        writer.finish(&self.facts).map_err(|e| internal(&e))
    }
}

impl Facts {
    /// Reads and checks the header's JSON.
    fn parse(json: &str) -> Result<Self, Error> {
        let version: Format = serde_json::from_str(json).map_err(|e| corrupt(&e))?;
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

/// A file in two.
struct Header<'a> {
    /// Ours in the safetensors header.
    entry: String,
    /// All tensors' bytes.
    data: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let (length, metadata) = SafeTensors::read_metadata(bytes).map_err(|e| corrupt(&e))?;
        let entry = metadata.metadata().as_ref().and_then(|m| m.get(FACTS_KEY));
        Ok(Self {
            entry: entry
                .ok_or_else(|| corrupt(&"its header holds no haemolens facts"))?
                .clone(),
            data: &bytes[size_of::<u64>() + length..],
        })
    }
}

fn digest(data: &[u8]) -> String {
    // Bit by bit, for a browser makes code faster between two calls of it.
    const STEP: usize = 1 << 16;
    let mut hasher = Sha256::new();
    data.chunks(STEP).for_each(|step| hasher.update(step));
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Collects tensors for a file.
#[derive(Default)]
struct Writer(Vec<(String, Dtype, Vec<usize>, Vec<u8>)>);

impl Writer {
    fn add(&mut self, layer: &str, name: &str, dtype: Dtype, shape: Vec<usize>, bytes: Vec<u8>) {
        self.0
            .push((format!("{layer}.{name}"), dtype, shape, bytes));
    }

    fn floats(&mut self, layer: &str, name: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(layer, name, Dtype::F32, vec![values.len()], bytes);
    }

    fn integers(&mut self, layer: &str, name: &str, values: &[u32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.add(layer, name, Dtype::U32, vec![values.len()], bytes);
    }

    fn layer(&mut self, name: &str, layer: &QuantLayer, shape: Vec<usize>) {
        self.weights(name, &layer.weight, shape);
        self.floats(name, "weight_scale", &layer.weight_scale);
        self.floats(name, "bias", &layer.bias);
    }

    fn weights(&mut self, name: &str, weights: &[i8], shape: Vec<usize>) {
        let bytes = weights.iter().map(|&w| w as u8).collect();
        self.add(name, "weight", Dtype::I8, shape, bytes);
    }

    /// A fully connected layer, in the form that suits it.
    fn linear(&mut self, name: &str, layer: &QuantLayer) {
        let units = layer.bias.len();
        let Some(sparse) = SparseRows::of(&layer.weight, units) else {
            return self.layer(name, layer, vec![units, layer.weight.len() / units]);
        };
        self.weights(name, &sparse.weights, vec![sparse.weights.len()]);
        self.integers(name, "column", &sparse.columns);
        self.integers(name, "start", &sparse.starts);
        self.floats(name, "weight_scale", &layer.weight_scale);
        self.floats(name, "bias", &layer.bias);
    }

    fn finish(self, facts: &Facts) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let views: Vec<_> = self
            .0
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                let view = TensorView::new(*dtype, shape.clone(), bytes);
                view.map(|v| (name.as_str(), v))
            })
            .collect::<Result<_, _>>()?;
        // The tensors' bytes do not depend on the header, whose length stands in the first eight.
        let plain = safetensors::serialize(views.clone(), None)?;
        let (length, _) = SafeTensors::read_metadata(&plain)?;
        let sha256 = digest(&plain[size_of::<u64>() + length..]);
        let entry = serde_json::to_string(&Entry { facts, sha256 })?;
        let header = HashMap::from([(FACTS_KEY.to_owned(), entry)]);
        Ok(safetensors::serialize(views, Some(header))?)
    }
}

/// A fully connected layer in either form.
fn linear_layer(
    tensors: &SafeTensors,
    name: &str,
    units: usize,
    inputs: usize,
) -> Result<QuantLayer, Error> {
    if tensors.tensor(&format!("{name}.column")).is_err() {
        return quant_layer(tensors, name, units, inputs);
    }
    let starts = integers(tensors, name, "start", units + 1)?;
    let weights = starts.last().map_or(0, |&end| end as usize);
    let sparse = SparseRows {
        columns: integers(tensors, name, "column", weights)?,
        weights: signed(tensors, name, weights)?,
        starts,
    };
    let dense = sparse.dense(inputs);
    let weight = dense.ok_or_else(|| corrupt(&format!("{name}'s columns are out of order")))?;
    layer_of(tensors, name, weight, units)
}

fn quant_layer(
    tensors: &SafeTensors,
    name: &str,
    outputs: usize,
    row: usize,
) -> Result<QuantLayer, Error> {
    let weight = signed(tensors, name, outputs * row)?;
    layer_of(tensors, name, weight, outputs)
}

fn layer_of(
    tensors: &SafeTensors,
    name: &str,
    weight: Vec<i8>,
    outputs: usize,
) -> Result<QuantLayer, Error> {
    Ok(QuantLayer {
        weight,
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

fn signed(tensors: &SafeTensors, layer: &str, len: usize) -> Result<Vec<i8>, Error> {
    let bytes = tensor(tensors, layer, "weight", Dtype::I8, len)?;
    Ok(bytes.iter().map(|&b| b as i8).collect())
}

fn integers(tensors: &SafeTensors, layer: &str, name: &str, len: usize) -> Result<Vec<u32>, Error> {
    Ok(tensor(tensors, layer, name, Dtype::U32, len)?
        .chunks_exact(4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect())
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
