//! Max pooling whose windows may overlap.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{values, with_values};

/// The maximum of every `size × size` window, `stride` apart; `N×C×H×W` in, `N×C×H'×W'` out.
///
/// On the CPU with a backward pass to the first maximum of each window; elsewhere by
/// `of_selections`.
///
/// # Errors
/// When a window is larger than the map.
pub fn max_pool2d(x: &Tensor, size: usize, stride: usize) -> Result<Tensor> {
    if x.device().is_cpu() {
        return x.contiguous()?.apply_op1(MaxPool { size, stride });
    }
    of_selections(x, size, stride)
}

/// The same as the maximum of one selection of rows and columns for each place in the window:
/// candle's own pooling has no backward pass for overlapping windows.
fn of_selections(x: &Tensor, size: usize, stride: usize) -> Result<Tensor> {
    let (_, _, height, width) = x.dims4()?;
    let pool = MaxPool { size, stride };
    let select = |x: &Tensor, dim: usize, first: usize, count: usize| {
        let at: Vec<u32> = (0..count).map(|i| (first + i * stride) as u32).collect();
        x.index_select(&Tensor::new(at, x.device())?, dim)
    };
    let (rows, columns) = (pool.output(height)?, pool.output(width)?);
    let mut largest: Option<Tensor> = None;
    for dy in 0..size {
        let of_row = select(x, 2, dy, rows)?;
        for dx in 0..size {
            let selected = select(&of_row, 3, dx, columns)?;
            largest = Some(match largest {
                Some(largest) => largest.maximum(&selected)?,
                None => selected,
            });
        }
    }
    largest.ok_or_else(|| candle_core::Error::Msg("a pooling window is empty".into()))
}

struct MaxPool {
    size: usize,
    stride: usize,
}

impl MaxPool {
    fn output(&self, n: usize) -> Result<usize> {
        match n.checked_sub(self.size) {
            Some(rest) => Ok(rest / self.stride + 1),
            None => candle_core::bail!("a pooling window is larger than the map"),
        }
    }

    /// The maxima of one row of windows, whose topmost row of the map is `top`.
    fn maxima(&self, map: &[f32], width: usize, top: usize, row: &mut [f32]) {
        row.fill(f32::NEG_INFINITY);
        for dy in 0..self.size {
            let from = &map[(top + dy) * width..][..width];
            for dx in 0..self.size {
                let values = from[dx..].iter().step_by(self.stride);
                row.iter_mut()
                    .zip(values)
                    .for_each(|(m, v)| *m = if *v > *m { *v } else { *m });
            }
        }
    }

    /// Offset in the map of the first value of the window at `corner` that is its maximum.
    fn first(&self, map: &[f32], width: usize, corner: usize, maximum: f32) -> usize {
        let rows = (0..self.size).map(|dy| corner + dy * width);
        rows.flat_map(|from| from..from + self.size)
            .find(|&at| map[at] == maximum)
            .unwrap_or(corner)
    }
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool2d-overlapping"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, channels, height, width) = layout.shape().dims4()?;
        let (out_height, out_width) = (self.output(height)?, self.output(width)?);
        let x = values(x, layout)?;
        let mut y = vec![0.0f32; n * channels * out_height * out_width];
        y.par_chunks_exact_mut(out_height * out_width)
            .zip(x.par_chunks_exact(height * width))
            .for_each(|(y, map)| {
                for (i, row) in y.chunks_exact_mut(out_width).enumerate() {
                    self.maxima(map, width, i * self.stride, row);
                }
            });
        let shape = Shape::from((n, channels, out_height, out_width));
        Ok((CpuStorage::F32(y), shape))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, _, height, width) = x.dims4()?;
        let (_, _, out_height, out_width) = y.dims4()?;
        let mut gx = vec![0.0f32; x.elem_count()];
        let pooled = out_height * out_width;
        with_values(x, |x| {
            with_values(y, |y| {
                with_values(gradient, |gradient| {
                    gx.par_chunks_exact_mut(height * width)
                        .zip(x.par_chunks_exact(height * width))
                        .zip(y.par_chunks_exact(pooled))
                        .zip(gradient.par_chunks_exact(pooled))
                        .for_each(|(((gx, map), y), gradient)| {
                            for (i, (maximum, g)) in y.iter().zip(gradient).enumerate() {
                                let corner = (i / out_width * width + i % out_width) * self.stride;
                                gx[self.first(map, width, corner, *maximum)] += g;
                            }
                        });
                })
            })
        })???;
        Ok(Some(Tensor::from_vec(gx, x.dims(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn overlapping_windows_send_their_gradients_to_their_maxima() {
        // 5×5, windows of 3 two apart; the largest value, in the middle, is in all four.
        let values: Vec<f32> = (0..25)
            .map(|i| if i == 12 { 99.0 } else { i as f32 })
            .collect();
        let x = Var::from_vec(values, (1, 1, 5, 5), &Device::Cpu).unwrap();
        let y = max_pool2d(&x, 3, 2).unwrap();
        assert_eq!(
            y.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
            [99.0; 4]
        );
        let pull = Tensor::new(&[[[[1.0f32, 2.0], [4.0, 8.0]]]], &Device::Cpu).unwrap();
        let gradients = (y * pull).unwrap().sum_all().unwrap().backward().unwrap();
        let gx: Vec<f32> = gradients
            .get(&x)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();
        assert_eq!(gx[12], 15.0);
        assert_eq!(gx.iter().sum::<f32>(), 15.0);
    }

    #[test]
    fn selections_give_the_same_values_and_gradients() {
        let values: Vec<f32> = (0..2 * 3 * 7 * 9)
            .map(|i| (i * 7919 % 997) as f32)
            .collect();
        let x = Var::from_vec(values, (2, 3, 7, 9), &Device::Cpu).unwrap();
        let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let both = [
            max_pool2d(&x, 3, 2).unwrap(),
            of_selections(&x, 3, 2).unwrap(),
        ];
        assert_eq!(flat(&both[0]), flat(&both[1]));
        let pull = (both[0].sqrt().unwrap() * 0.1).unwrap().detach();
        let [a, b] = both.map(|y| {
            let loss = (y * &pull).unwrap().sum_all().unwrap();
            flat(loss.backward().unwrap().get(&x).unwrap())
        });
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }

    #[test]
    fn values_agree_with_candles() {
        let values: Vec<f32> = (0..2 * 3 * 13 * 13)
            .map(|i| (i * 7919 % 997) as f32)
            .collect();
        let x = Tensor::from_vec(values, (2, 3, 13, 13), &Device::Cpu).unwrap();
        let ours = max_pool2d(&x, 3, 2).unwrap();
        let theirs = x.max_pool2d_with_stride(3, 2).unwrap();
        let flat = |t: Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(flat(ours), flat(theirs));
    }
}
