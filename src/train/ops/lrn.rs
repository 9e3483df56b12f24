//! Local response normalisation with a fast backward pass.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{values, with_values};
use crate::architecture::Lrn;
use crate::network::trunk;

/// `x / (k + alpha / size * Σ x²)^beta` over neighbouring channels; `N×C×H×W` in and out.
///
/// On the CPU for a beta of 0.75 one pass forward and one backward; else candle's operations.
///
/// # Errors
/// When `x` has not four dimensions.
pub fn local_response_norm(x: &Tensor, lrn: Lrn) -> Result<Tensor> {
    if x.device().is_cpu() && lrn.beta == 0.75 {
        return x.contiguous()?.apply_op1(Normalise(lrn));
    }
    trunk::lrn(x, lrn)
}

struct Normalise(Lrn);

impl Normalise {
    /// `out[c] = Σ values[c']` over the channels `c'` of each channel's window; `channels × places`.
    fn windows(&self, values: &[f32], places: usize, out: &mut [f32]) {
        let (channels, reach) = (values.len() / places, self.0.size / 2);
        for (c, out) in out.chunks_exact_mut(places).enumerate() {
            out.fill(0.0);
            for near in c.saturating_sub(reach)..(c + reach + 1).min(channels) {
                let near = &values[near * places..][..places];
                out.iter_mut().zip(near).for_each(|(o, v)| *o += v);
            }
        }
    }

    /// The divisors' bases `k + alpha / size * Σ x²`.
    fn bases(&self, x: &[f32], places: usize) -> Vec<f32> {
        let squares: Vec<f32> = x.iter().map(|x| x * x).collect();
        let mut bases = vec![0.0; x.len()];
        self.windows(&squares, places, &mut bases);
        let strength = self.0.alpha / self.0.size as f32;
        bases.iter_mut().for_each(|b| *b = self.0.k + strength * *b);
        bases
    }
}

/// `x^0.75`.
fn to_three_quarters(x: f32) -> f32 {
    let root = x.sqrt();
    root * root.sqrt()
}

impl CustomOp1 for Normalise {
    fn name(&self) -> &'static str {
        "local-response-norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, channels, height, width) = layout.shape().dims4()?;
        let places = height * width;
        let x = values(x, layout)?;
        let mut y = vec![0.0f32; x.len()];
        y.par_chunks_exact_mut(channels * places)
            .zip(x.par_chunks_exact(channels * places))
            .for_each(|(y, x)| {
                let bases = self.bases(x, places);
                for ((y, x), base) in y.iter_mut().zip(x).zip(bases) {
                    *y = x / to_three_quarters(base);
                }
            });
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    /// With `b` the bases: `gxᵢ = gᵢ bᵢ^−β − 2 β alpha / size · xᵢ Σ_{j near i} gⱼ xⱼ bⱼ^(−β−1)`.
    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, channels, height, width) = x.dims4()?;
        let places = height * width;
        let factor = 2.0 * self.0.beta * self.0.alpha / self.0.size as f32;
        let mut gx = vec![0.0f32; x.elem_count()];
        with_values(x, |x| {
            with_values(gradient, |gradient| {
                gx.par_chunks_exact_mut(channels * places)
                    .zip(x.par_chunks_exact(channels * places))
                    .zip(gradient.par_chunks_exact(channels * places))
                    .for_each(|((gx, x), g)| {
                        let bases = self.bases(x, places);
                        let direct: Vec<f32> = g
                            .iter()
                            .zip(&bases)
                            .map(|(g, b)| g / to_three_quarters(*b))
                            .collect();
                        let shared: Vec<f32> = direct
                            .iter()
                            .zip(x)
                            .zip(&bases)
                            .map(|((d, x), b)| d * x / b)
                            .collect();
                        self.windows(&shared, places, gx);
                        for ((gx, direct), x) in gx.iter_mut().zip(&direct).zip(x) {
                            *gx = direct - factor * x * *gx;
                        }
                    });
            })
        })??;
        Ok(Some(Tensor::from_vec(gx, x.dims(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::architecture::lrn;

    #[test]
    fn values_and_gradients_agree_with_candles() {
        let values: Vec<f32> = (0..2 * 7 * 9)
            .map(|i| ((i * 7919 % 997) as f32) / 100.0)
            .collect();
        let x = Var::from_vec(values, (2, 7, 3, 3), &Device::Cpu).unwrap();
        let settings = lrn(0.3);
        let ours = local_response_norm(&x, settings).unwrap();
        let theirs = trunk::lrn(&x, settings).unwrap();
        let pull = ours.cos().unwrap().detach();
        let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (a, b) in flat(&ours).iter().zip(flat(&theirs)) {
            assert!((a - b).abs() < 1e-5);
        }
        let gradient = |y: Tensor| {
            let loss = (y * &pull).unwrap().sum_all().unwrap();
            flat(loss.backward().unwrap().get(&x).unwrap())
        };
        for (a, b) in gradient(ours).iter().zip(gradient(theirs)) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}
