//! Dropout.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rand::Rng;

use super::{values, with_values};

/// Sets a share of the values of `x` (of any shape) to zero, drawn from `rng`, and scales up the
/// others to make up for it; the share is rounded to a 256th. Runs on the CPU.
///
/// # Errors
/// When `x` is not f32.
pub fn dropout(x: &Tensor, share: f32, rng: &mut impl Rng) -> Result<Tensor> {
    if share == 0.0 {
        return Ok(x.clone());
    }
    let mut draws = vec![0u8; x.elem_count()];
    rng.fill_bytes(&mut draws);
    let dropped = (share * 256.0).round() as u8;
    let gain = 256.0 / (256.0 - f32::from(dropped));
    x.contiguous()?.apply_op1(Dropout {
        draws,
        dropped,
        gain,
    })
}

struct Dropout {
    /// One a value; those below `dropped` drop it.
    draws: Vec<u8>,
    dropped: u8,
    gain: f32,
}

impl Dropout {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let kept = x.iter().zip(&self.draws);
        kept.map(|(x, &draw)| {
            if draw < self.dropped {
                0.0
            } else {
                x * self.gain
            }
        })
        .collect()
    }
}

impl CustomOp1 for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let y = self.apply(values(x, layout)?);
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let to_x = with_values(gradient, |gradient| self.apply(gradient))?;
        Ok(Some(Tensor::from_vec(to_x, x.dims(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn drops_the_share_keeps_the_mean_and_passes_gradients_where_values_pass() {
        let x = Var::from_tensor(
            &Tensor::ones((100, 100), candle_core::DType::F32, &Device::Cpu).unwrap(),
        )
        .unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let y = dropout(&x, 0.25, &mut rng).unwrap();
        let flat: Vec<f32> = y.flatten_all().unwrap().to_vec1().unwrap();
        let zeros = flat.iter().filter(|v| **v == 0.0).count();
        assert!((2300..2700).contains(&zeros), "{zeros}");
        assert!((flat.iter().sum::<f32>() / 10_000.0 - 1.0).abs() < 0.05);
        let gradients = y.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&x).unwrap().flatten_all().unwrap();
        assert_eq!(gradient.to_vec1::<f32>().unwrap(), flat);
        let same = dropout(&x, 0.0, &mut rng).unwrap();
        assert_eq!(
            same.sum_all().unwrap().to_scalar::<f32>().unwrap(),
            10_000.0
        );
    }
}
