//! The optimiser's updates, each in one pass over the values.

use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor};
use rayon::prelude::*;

use super::values;

/// Values that a core updates at a time.
const SHARE: usize = 1 << 14;

/// `to ← keep · to + (1 − keep) · of(from)`, where `of` is the square or the value itself; in place
/// on the CPU, by candle's operations elsewhere. `to` must share its storage with no other tensor.
///
/// # Errors
/// When shapes or types do not fit.
pub fn blend(to: &mut Tensor, from: &Tensor, keep: f64, squared: bool) -> Result<()> {
    if to.device().is_cpu() {
        let keep = keep as f32;
        let fresh = 1.0 - keep;
        return if squared {
            let op = InPlace("blend-squares", |to, [v]: [f32; 1]| {
                keep * to + fresh * v * v
            });
            to.inplace_op2(&from.contiguous()?, &op)
        } else {
            let op = InPlace("blend", |to, [v]: [f32; 1]| keep * to + fresh * v);
            to.inplace_op2(&from.contiguous()?, &op)
        };
    }
    let from = if squared { from.sqr()? } else { from.clone() };
    *to = ((&*to * keep)? + (from * (1.0 - keep))?)?.detach();
    Ok(())
}

/// How far a step goes.
#[derive(Debug, Clone, Copy)]
pub struct Descent {
    /// Factor of the values before the step: one less their decay.
    pub shrink: f64,
    /// Factor of the mean gradient.
    pub rate: f64,
    /// Factor of the mean squared gradient.
    pub scale: f64,
    /// Added to the root.
    pub small: f64,
}

impl Descent {
    /// `x ← shrink · x − rate · mean / (√(scale · square) + small)`; in place on the CPU, by
    /// candle's operations elsewhere.
    ///
    /// # Errors
    /// When shapes or types do not fit.
    pub fn step(self, x: &candle_core::Var, mean: &Tensor, square: &Tensor) -> Result<()> {
        if x.device().is_cpu() {
            let [shrink, rate, scale, small] =
                [self.shrink, self.rate, self.scale, self.small].map(|v| v as f32);
            let op = InPlace("descend", |x, [mean, square]: [f32; 2]| {
                shrink * x - rate * mean / ((scale * square).sqrt() + small)
            });
            return x.as_tensor().inplace_op3(mean, square, &op);
        }
        let root = ((square * self.scale)?.sqrt()? + self.small)?;
        let step = ((mean * self.rate)? / root)?;
        x.set(&((x.as_tensor() * self.shrink)? - step)?.detach())
    }
}

/// `x ← f(x, [a, b, …])`, value by value.
struct InPlace<F>(&'static str, F);

impl<F> InPlace<F> {
    fn apply<const N: usize>(
        &self,
        (to, layout): (&mut CpuStorage, &Layout),
        from: [(&CpuStorage, &Layout); N],
    ) -> Result<()>
    where
        F: Fn(f32, [f32; N]) -> f32 + Sync,
    {
        let CpuStorage::F32(to) = to else {
            candle_core::bail!("{} wants f32", self.0);
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("{} wants contiguous tensors", self.0);
        };
        let mut inputs = [&[][..]; N];
        for (input, (storage, layout)) in inputs.iter_mut().zip(from) {
            *input = values(storage, layout)?;
            if input.len() != end - start {
                candle_core::bail!("{} wants tensors of one shape", self.0);
            }
        }
        to[start..end]
            .par_chunks_mut(SHARE)
            .enumerate()
            .for_each(|(chunk, to)| {
                let inputs = inputs.map(|v| &v[chunk * SHARE..][..to.len()]);
                for (i, to) in to.iter_mut().enumerate() {
                    *to = (self.1)(*to, inputs.map(|v| v[i]));
                }
            });
        Ok(())
    }
}

impl<F: Fn(f32, [f32; 1]) -> f32 + Sync> InplaceOp2 for InPlace<F> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        layout: &Layout,
        a: &CpuStorage,
        of_a: &Layout,
    ) -> Result<()> {
        self.apply((to, layout), [(a, of_a)])
    }
}

impl<F: Fn(f32, [f32; 2]) -> f32 + Sync> InplaceOp3 for InPlace<F> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn cpu_fwd(
        &self,
        to: &mut CpuStorage,
        layout: &Layout,
        a: &CpuStorage,
        of_a: &Layout,
        b: &CpuStorage,
        of_b: &Layout,
    ) -> Result<()> {
        self.apply((to, layout), [(a, of_a), (b, of_b)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::super::drawn;
    use super::*;

    fn flat(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn updates_are_what_their_formulas_say_over_many_chunks() {
        let shape = [3, SHARE - 5];
        let from = drawn(&shape, 3);
        for squared in [false, true] {
            let mut to = drawn(&shape, 1);
            let before = flat(&to);
            blend(&mut to, &from, 0.75, squared).unwrap();
            for ((to, before), v) in flat(&to).iter().zip(before).zip(flat(&from)) {
                let v = if squared { v * v } else { v };
                assert!((to - (0.75 * before + 0.25 * v)).abs() < 1e-6);
            }
        }
        let x = Var::from_tensor(&drawn(&shape, 7)).unwrap();
        let (mean, square) = (drawn(&shape, 2), drawn(&shape, 9).sqr().unwrap());
        let before = flat(&x);
        let descent = Descent {
            shrink: 0.9,
            rate: 0.1,
            scale: 2.0,
            small: 0.01,
        };
        descent.step(&x, &mean, &square).unwrap();
        let moved = flat(&x).into_iter().zip(before);
        for ((x, before), (m, s)) in moved.zip(flat(&mean).into_iter().zip(flat(&square))) {
            let expected = 0.9 * before - 0.1 * m / ((2.0 * s).sqrt() + 0.01);
            assert!((x - expected).abs() < 1e-5, "{x} {expected}");
        }
        let short = drawn(&[3, 4], 1);
        assert!(blend(&mut drawn(&shape, 1), &short, 0.5, false).is_err());
    }
}
