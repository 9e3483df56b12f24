//! candle operations with a fast CPU backward pass: convolution as im2col and matrix product,
//! overlapping max pooling, batch norm, dropout.
//!
//! candle's own convolution lays its kernels out anew on every call and has no backward pass for
//! overlapping pools. On another device than the CPU the same functions fall back on candle's own
//! operations (see each), so that one network runs on both.

mod conv;
mod dropout;
mod norm;
mod pool;

pub use conv::{ConvShape, conv2d};
pub use dropout::dropout;
pub use norm::{BatchStatistics, batch_norm_relu};
pub use pool::max_pool2d;

use candle_core::{CpuStorage, Layout, Result, Tensor};

/// The values behind a contiguous f32 layout.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (from, to) = layout
        .contiguous_offsets()
        .ok_or_else(|| candle_core::Error::Msg("the operation wants contiguous tensors".into()))?;
    Ok(&storage.as_slice::<f32>()?[from..to])
}

/// Runs `f` on the values of a CPU tensor, made contiguous first where it is not.
fn with_values<T>(tensor: &Tensor, f: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        candle_core::Storage::Cpu(storage) => Ok(f(values(storage, layout)?)),
        _ => candle_core::bail!("the operation runs on the CPU"),
    }
}

/// Partial sums that are kept side by side, so that they add up in vectors.
const LANES: usize = 8;

/// `Σ of(inputs[0][i], inputs[1][i], …)`, always in the same order; the inputs are of one length.
fn sums<const N: usize, const M: usize>(
    inputs: [&[f32]; N],
    of: impl Fn([f32; N]) -> [f32; M],
) -> [f32; M] {
    let mut lanes = [[0.0f32; LANES]; M];
    let inputs = inputs.map(<[f32]>::as_chunks::<LANES>);
    for i in 0..inputs[0].0.len() {
        let chunks = inputs.map(|(chunks, _)| &chunks[i]);
        for lane in 0..LANES {
            let terms = of(chunks.map(|chunk| chunk[lane]));
            lanes.iter_mut().zip(terms).for_each(|(l, t)| l[lane] += t);
        }
    }
    let mut total = lanes.map(|lanes| lanes.iter().sum());
    for i in 0..inputs[0].1.len() {
        let terms = of(inputs.map(|(_, rest)| rest[i]));
        total.iter_mut().zip(terms).for_each(|(sum, t)| *sum += t);
    }
    total
}

/// Values between −1 and 1, the same for the same seed.
#[cfg(test)]
fn drawn(shape: &[usize], seed: usize) -> candle_core::Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|i| (((i + seed) * 7919 % 997) as f32) / 498.0 - 1.0)
        .collect();
    candle_core::Tensor::from_vec(values, shape, &candle_core::Device::Cpu).unwrap()
}
