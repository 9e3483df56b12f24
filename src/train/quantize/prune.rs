//! Whole hidden units taken out of an f32 network.

use candle_core::{Device, Tensor};

use super::super::{Result, TrainError};
use super::activations::BATCH;
use super::values;
use crate::network::Tensors;
use crate::network::reference::Reference;

/// Keeps the `keep` units of the fully connected layer `name` that matter most to what reads
/// them: spread over the `sample` times the norm of the weights that leave them. The mean of a unit
/// that goes is added to the biases that read it, so that the network stays the same on average.
/// For a network of several hidden layers prune one after the other, the first first.
///
/// # Errors
/// [`TrainError`] when there is no such layer, it is applied at every place, `keep` is 0, or the sample
/// is empty or does not fit.
pub fn prune(
    reference: &Reference,
    name: &str,
    keep: usize,
    sample: &[&[u8]],
) -> Result<Reference> {
    let mut network = reference.network().clone();
    let at = network
        .linears
        .iter()
        .position(|linear| linear.name == name);
    let Some(at) = at.filter(|_| keep > 0 && network.readout.is_flatten()) else {
        return Err(TrainError::Data(format!(
            "{name} cannot be pruned to {keep} units: no such layer, nothing left, or it is applied at \
             every place"
        )));
    };
    let readers = match network.linears.get(at + 1) {
        Some(next) => vec![next.name.clone()],
        None => vec!["haemorrhage".into(), "normal".into()],
    };
    let mut tensors = reference.tensors().clone();
    let units = network.linears[at].units;
    let layer = network.convs.len() + at;
    let (mean, spread) = mean_and_spread(reference, layer, sample)?;
    let mut outgoing = vec![0.0f64; units];
    for reader in &readers {
        for row in values(&tensors, reader, "weight")?.chunks_exact(units) {
            for (sum, w) in outgoing.iter_mut().zip(row) {
                *sum += f64::from(*w).powi(2);
            }
        }
    }
    let importance: Vec<f64> = outgoing
        .iter()
        .zip(&spread)
        .map(|(o, s)| o.sqrt() * s)
        .collect();
    let kept = largest(&importance, keep);
    for reader in &readers {
        let [weight, bias] = drop_columns(&tensors, reader, &kept, &mean)?;
        tensors.insert(format!("{reader}.weight"), weight);
        tensors.insert(format!("{reader}.bias"), bias);
    }
    let rows: Vec<u32> = kept.iter().map(|&unit| unit as u32).collect();
    let rows = Tensor::new(rows, &Device::Cpu)?;
    for part in ["weight", "bias"] {
        let whole = format!("{name}.{part}");
        let left = tensors[&whole].index_select(&rows, 0)?;
        tensors.insert(whole, left);
    }
    network.linears[at].units = kept.len();
    Ok(Reference::new(&network, tensors)?)
}

/// Mean and standard deviation over the sample of each value that layer `layer` hands on.
fn mean_and_spread(
    reference: &Reference,
    layer: usize,
    sample: &[&[u8]],
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut sum, mut square): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for batch in sample.chunks(BATCH) {
        let outputs = reference.outputs(&reference.input(&batch.concat())?)?;
        for row in outputs[layer].to_vec2::<f32>()? {
            sum.resize(row.len(), 0.0);
            square.resize(row.len(), 0.0);
            for ((sum, square), value) in sum.iter_mut().zip(&mut square).zip(row) {
                *sum += f64::from(value);
                *square += f64::from(value).powi(2);
            }
        }
    }
    if sum.is_empty() {
        return Err(TrainError::Data(
            "pruning needs some inputs to see which units matter".into(),
        ));
    }
    let n = sample.len() as f64;
    let mean: Vec<f64> = sum.iter().map(|s| s / n).collect();
    let spread = square
        .iter()
        .zip(&mean)
        .map(|(s, m)| (s / n - m * m).max(0.0).sqrt())
        .collect();
    Ok((mean, spread))
}

/// Where the `count` largest stand, in ascending order; of equals the first.
fn largest(importance: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..importance.len()).collect();
    order.sort_by(|&a, &b| importance[b].total_cmp(&importance[a]).then(a.cmp(&b)));
    order.truncate(count);
    order.sort_unstable();
    order
}

/// Weight and bias of a layer that loses all input columns but those `kept`, whose inputs have the
/// given `mean`.
fn drop_columns(
    tensors: &Tensors,
    name: &str,
    kept: &[usize],
    mean: &[f64],
) -> Result<[Tensor; 2]> {
    let weight = values(tensors, name, "weight")?;
    let mut bias = values(tensors, name, "bias")?;
    let mut left = Vec::with_capacity(bias.len() * kept.len());
    for (row, bias) in weight.chunks_exact(mean.len()).zip(&mut bias) {
        left.extend(kept.iter().map(|&unit| row[unit]));
        let dropped = (0..mean.len()).filter(|unit| kept.binary_search(unit).is_err());
        let constant: f64 = dropped.map(|unit| f64::from(row[unit]) * mean[unit]).sum();
        *bias += constant as f32;
    }
    let outputs = bias.len();
    Ok([
        Tensor::from_vec(left, (outputs, kept.len()), &Device::Cpu)?,
        Tensor::from_vec(bias, outputs, &Device::Cpu)?,
    ])
}
