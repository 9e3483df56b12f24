//! Batch normalisation with the ReLU that follows it, in training.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{sums, values, with_values};

/// Added to the variance (Ioffe and Szegedy 2015), as in candle's batch norm.
const EPSILON: f32 = 1e-5;

/// A batch's own statistics, one a channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchStatistics {
    /// Mean.
    pub mean: Vec<f32>,
    /// Variance, unbiased.
    pub variance: Vec<f32>,
}

impl BatchStatistics {
    /// Adds `share` of another batch's; no channels count as zeros.
    pub fn add(&mut self, other: &Self, share: f32) {
        for (to, from) in [
            (&mut self.mean, &other.mean),
            (&mut self.variance, &other.variance),
        ] {
            to.resize(from.len(), 0.0);
            to.iter_mut().zip(from).for_each(|(t, f)| *t += share * f);
        }
    }
}

/// `max(0, gamma · (x − mean) / √(variance + ε) + beta)` with the mean and variance of each channel
/// over the batch; `x` is `N×C×…`, `gamma` and `beta` are `C`. Also gives the statistics. Runs on
/// the CPU.
///
/// # Errors
/// When shapes or types do not fit.
pub fn batch_norm_relu(
    x: &Tensor,
    gamma: &Tensor,
    beta: &Tensor,
) -> Result<(Tensor, BatchStatistics)> {
    let x = x.contiguous()?;
    let shape = Sizes::of(x.dims())?;
    let (mean, square) = with_values(&x, |x| shape.mean_and_variance(x))?;
    let count = (shape.images * shape.places) as f32;
    let statistics = BatchStatistics {
        variance: square
            .iter()
            .map(|v| v * count / (count - 1.0).max(1.0))
            .collect(),
        mean: mean.clone(),
    };
    let norm = NormRelu {
        mean,
        gain: square.iter().map(|v| 1.0 / (v + EPSILON).sqrt()).collect(),
    };
    let y = x.apply_op3(&gamma.contiguous()?, &beta.contiguous()?, norm)?;
    Ok((y, statistics))
}

/// Sizes of one call: `images × channels × places`.
#[derive(Clone, Copy)]
struct Sizes {
    images: usize,
    channels: usize,
    places: usize,
}

impl Sizes {
    fn of(dims: &[usize]) -> Result<Self> {
        match dims {
            [images, channels, rest @ ..] => Ok(Self {
                images: *images,
                channels: *channels,
                places: rest.iter().product(),
            }),
            _ => candle_core::bail!("batch norm wants N×C×…, not {dims:?}"),
        }
    }

    /// Sums over a channel's places in all images of what `of` makes of a map (its range in the
    /// values); channels in parallel, each sum in the same order on every run.
    fn sums<const N: usize>(
        &self,
        of: impl Fn(usize, std::ops::Range<usize>) -> [f32; N] + Sync,
    ) -> Vec<[f64; N]> {
        (0..self.channels)
            .into_par_iter()
            .map(|channel| {
                let mut total = [0.0f64; N];
                for image in 0..self.images {
                    let from = (image * self.channels + channel) * self.places;
                    let part = of(channel, from..from + self.places);
                    for (total, part) in total.iter_mut().zip(part) {
                        *total += f64::from(part);
                    }
                }
                total
            })
            .collect()
    }

    fn mean_and_variance(&self, x: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let count = (self.images * self.places) as f64;
        let totals = self.sums(|_, map| sums([&x[map]], |x| x));
        let mean: Vec<f32> = totals.iter().map(|[s]| (s / count) as f32).collect();
        let squares = self.sums(|channel, map| {
            let mean = mean[channel];
            sums([&x[map]], |[v]| [(v - mean) * (v - mean)])
        });
        let variance = squares.iter().map(|[s]| (s / count) as f32).collect();
        (mean, variance)
    }
}

struct NormRelu {
    mean: Vec<f32>,
    /// `1 / √(variance + ε)`.
    gain: Vec<f32>,
}

impl CustomOp3 for NormRelu {
    fn name(&self) -> &'static str {
        "batch-norm-relu"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gamma: &CpuStorage,
        gamma_layout: &Layout,
        beta: &CpuStorage,
        beta_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let s = Sizes::of(x_layout.dims())?;
        let x = values(x, x_layout)?;
        let gamma = values(gamma, gamma_layout)?;
        let beta = values(beta, beta_layout)?;
        let mut y = vec![0.0f32; x.len()];
        y.par_chunks_exact_mut(s.channels * s.places)
            .zip(x.par_chunks_exact(s.channels * s.places))
            .for_each(|(y, x)| {
                let maps = y.chunks_exact_mut(s.places).zip(x.chunks_exact(s.places));
                for (c, (y, x)) in maps.enumerate() {
                    let slope = gamma[c] * self.gain[c];
                    let offset = beta[c] - slope * self.mean[c];
                    for (y, x) in y.iter_mut().zip(x) {
                        *y = (slope * x + offset).max(0.0);
                    }
                }
            });
        Ok((CpuStorage::F32(y), Shape::from(x_layout.dims())))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gamma: &Tensor,
        _beta: &Tensor,
        y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let s = Sizes::of(x.dims())?;
        let (to_x, to_gamma, to_beta) = with_values(x, |x| {
            with_values(gamma, |gamma| {
                with_values(y, |y| {
                    with_values(gradient, |gradient| self.backward(s, x, gamma, y, gradient))
                })
            })
        })????;
        let device = x.device();
        Ok((
            Some(Tensor::from_vec(to_x, x.dims(), device)?),
            Some(Tensor::from_vec(to_gamma, s.channels, device)?),
            Some(Tensor::from_vec(to_beta, s.channels, device)?),
        ))
    }
}

impl NormRelu {
    /// Gradients of input, gamma and beta.
    fn backward(
        &self,
        s: Sizes,
        x: &[f32],
        gamma: &[f32],
        y: &[f32],
        gradient: &[f32],
    ) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
        let passed = |y: f32, g: f32| if y > 0.0 { g } else { 0.0 };
        let totals = s.sums(|channel, map| {
            let mean = self.mean[channel];
            let inputs = [&x[map.clone()], &y[map.clone()], &gradient[map]];
            let [sum, along] = sums(inputs, |[x, y, g]| {
                let g = passed(y, g);
                [g, g * (x - mean)]
            });
            [sum, along * self.gain[channel]]
        });
        let count = (s.images * s.places) as f64;
        let mut to_x = vec![0.0f32; x.len()];
        let image = s.channels * s.places;
        to_x.par_chunks_exact_mut(image)
            .enumerate()
            .for_each(|(i, to_x)| {
                for (c, to_x) in to_x.chunks_exact_mut(s.places).enumerate() {
                    let map = i * image + c * s.places..i * image + (c + 1) * s.places;
                    let [sum, along] = totals[c].map(|s| (s / count) as f32);
                    let slope = gamma[c] * self.gain[c];
                    let along = along * self.gain[c];
                    let values = x[map.clone()].iter().zip(&y[map.clone()]);
                    for (to, ((x, y), g)) in to_x.iter_mut().zip(values.zip(&gradient[map])) {
                        *to = slope * (passed(*y, *g) - sum - (x - self.mean[c]) * along);
                    }
                }
            });
        let to_gamma = totals.iter().map(|[_, along]| *along as f32).collect();
        let to_beta = totals.iter().map(|[sum, _]| *sum as f32).collect();
        (to_x, to_gamma, to_beta)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{D, Var};

    use super::super::drawn;
    use super::*;

    /// The same in candle's own operations.
    fn plain(x: &Tensor, gamma: &Tensor, beta: &Tensor) -> Result<Tensor> {
        let dims = x.dims().to_vec();
        let rows = x.reshape((dims[0], dims[1], ()))?.transpose(0, 1)?;
        let rows = rows.flatten_from(1)?;
        let centred = rows.broadcast_sub(&rows.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let y = centred.broadcast_div(&(variance + f64::from(EPSILON))?.sqrt()?)?;
        let y = y.broadcast_mul(&gamma.reshape(((), 1))?)?;
        let y = y.broadcast_add(&beta.reshape(((), 1))?)?.relu()?;
        y.reshape((dims[1], dims[0], ()))?
            .transpose(0, 1)?
            .reshape(dims)
    }

    #[test]
    fn values_statistics_and_gradients_agree_with_candles_own_operations() {
        for shape in [&[5, 3, 4, 2][..], &[7, 6][..]] {
            let x = Var::from_tensor(&(drawn(shape, 1) * 3.0).unwrap()).unwrap();
            let gamma = Var::from_tensor(&drawn(&shape[1..2], 5)).unwrap();
            let beta = Var::from_tensor(&drawn(&shape[1..2], 9)).unwrap();
            let (ours, statistics) = batch_norm_relu(&x, &gamma, &beta).unwrap();
            let theirs = plain(&x, &gamma, &beta).unwrap();
            let pull = drawn(shape, 4);
            let pulled = |y: &Tensor| y.mul(&pull).unwrap().sum_all().unwrap();
            let of_ours = pulled(&ours).backward().unwrap();
            let of_theirs = pulled(&theirs).backward().unwrap();
            let close = |a: &Tensor, b: &Tensor| {
                let off = (a - b).unwrap().abs().unwrap().max_all().unwrap();
                assert!(off.to_scalar::<f32>().unwrap() < 1e-4);
            };
            close(&ours, &theirs);
            for var in [&x, &gamma, &beta] {
                close(of_ours.get(var).unwrap(), of_theirs.get(var).unwrap());
            }
            let rows = x.reshape((shape[0], shape[1], ())).unwrap();
            let rows = rows.transpose(0, 1).unwrap().flatten_from(1).unwrap();
            let variance = rows.var(D::Minus1).unwrap().to_vec1::<f32>().unwrap();
            for (found, expected) in statistics.variance.iter().zip(variance) {
                assert!((found - expected).abs() < 1e-4 * expected);
            }
        }
    }
}
