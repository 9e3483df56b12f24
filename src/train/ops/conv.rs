//! 2-D convolution with bias and optional ReLU: im2col and one matrix product a group and image.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::{values, with_values};

/// Shape of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Step between windows.
    pub stride: usize,
    /// Zeros around the input.
    pub padding: usize,
    /// Groups of channels that are convolved apart.
    pub groups: usize,
    /// Whether negative outputs become zero.
    pub relu: bool,
}

/// `x` (`N×C×H×W`) with kernels `weight` (`F×C/groups×K×K`) and `bias` (`F`) → `N×F×H'×W'`.
///
/// On the CPU im2col and matrix products forward and backward, images in parallel; elsewhere
/// candle's convolution.
///
/// # Errors
/// When shapes or types do not fit.
pub fn conv2d(x: &Tensor, weight: &Tensor, bias: &Tensor, shape: ConvShape) -> Result<Tensor> {
    if x.device().is_cpu() {
        return x
            .contiguous()?
            .apply_op3(&weight.contiguous()?, &bias.contiguous()?, Conv(shape));
    }
    let y = x.conv2d(weight, shape.padding, shape.stride, 1, shape.groups)?;
    let y = y.broadcast_add(&bias.reshape((1, (), 1, 1))?)?;
    if shape.relu { y.relu() } else { Ok(y) }
}

struct Conv(ConvShape);

/// Sizes of one call.
#[derive(Clone, Copy)]
struct Sizes {
    shape: ConvShape,
    images: usize,
    channels: usize,
    input: (usize, usize),
    filters: usize,
    kernel: usize,
    output: (usize, usize),
}

impl Sizes {
    fn of(shape: ConvShape, x: &[usize], weight: &[usize]) -> Result<Self> {
        let (&[images, channels, height, width], &[filters, depth, kernel, across]) = (x, weight)
        else {
            candle_core::bail!("a convolution wants N×C×H×W and F×C×K×K, not {x:?} and {weight:?}");
        };
        let groups = shape.groups;
        if kernel != across || depth * groups != channels || filters % groups != 0 {
            candle_core::bail!("kernels {weight:?} in {groups} groups do not fit the input {x:?}");
        }
        let side = |n: usize| {
            (n + 2 * shape.padding)
                .checked_sub(kernel)
                .map(|rest| rest / shape.stride + 1)
                .ok_or_else(|| {
                    candle_core::Error::Msg("the kernel is larger than its input".into())
                })
        };
        Ok(Self {
            shape,
            images,
            channels,
            input: (height, width),
            filters,
            kernel,
            output: (side(height)?, side(width)?),
        })
    }

    fn image(&self) -> usize {
        self.channels * self.input.0 * self.input.1
    }

    fn places(&self) -> usize {
        self.output.0 * self.output.1
    }

    /// Values under a kernel: one row of weights.
    fn depth(&self) -> usize {
        self.channels / self.shape.groups * self.kernel * self.kernel
    }

    /// Values of the column matrix of a group.
    fn columns(&self) -> usize {
        self.depth() * self.places()
    }

    /// Calls `copy(image range, column range)` for every run of a row of windows that lies inside
    /// the image; both ranges step: the image by the stride, the column matrix by one.
    fn runs(&self, group: usize, mut copy: impl FnMut(usize, usize, usize)) {
        let (height, width) = self.input;
        let (out_height, out_width) = self.output;
        let ConvShape {
            stride, padding, ..
        } = self.shape;
        let depth = self.channels / self.shape.groups;
        let mut row = 0;
        for c in group * depth..(group + 1) * depth {
            for ky in 0..self.kernel {
                for kx in 0..self.kernel {
                    // Columns whose window's pixel kx lies inside: 0 ≤ x·stride + kx − padding < width.
                    let first = padding.saturating_sub(kx).div_ceil(stride);
                    let last = (width + padding)
                        .saturating_sub(kx)
                        .div_ceil(stride)
                        .min(out_width);
                    for y in 0..out_height {
                        let Some(iy) = (y * stride + ky)
                            .checked_sub(padding)
                            .filter(|&iy| iy < height)
                        else {
                            continue;
                        };
                        if first < last {
                            let ix = first * stride + kx - padding;
                            copy(
                                (c * height + iy) * width + ix,
                                row * self.places() + y * out_width + first,
                                last - first,
                            );
                        }
                    }
                    row += 1;
                }
            }
        }
    }

    /// Column matrix (`depth × places`) of a group; what lies outside the image stays as it is, so
    /// `columns` must have been zero there.
    fn gather(&self, group: usize, image: &[f32], columns: &mut [f32]) {
        let stride = self.shape.stride;
        self.runs(group, |from, to, n| {
            let to = &mut columns[to..to + n];
            if stride == 1 {
                to.copy_from_slice(&image[from..from + n]);
            } else {
                let from = image[from..].iter().step_by(stride);
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        });
    }

    /// The transpose of [`Sizes::gather`]: adds columns back onto the image.
    fn scatter(&self, group: usize, columns: &[f32], image: &mut [f32]) {
        let stride = self.shape.stride;
        self.runs(group, |to, from, n| {
            let from = &columns[from..from + n];
            if stride == 1 {
                let to = &mut image[to..to + n];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
            } else {
                let to = image[to..].iter_mut().step_by(stride);
                to.zip(from).for_each(|(to, from)| *to += *from);
            }
        });
    }
}

fn matrix(values: &[f32], rows: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((rows, values.len() / rows), values).expect("the rows are of one length")
}

fn matrix_mut(values: &mut [f32], rows: usize) -> ArrayViewMut2<'_, f32> {
    let columns = values.len() / rows;
    ArrayViewMut2::from_shape((rows, columns), values).expect("the rows are of one length")
}

impl CustomOp3 for Conv {
    fn name(&self) -> &'static str {
        "conv2d-im2col"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let s = Sizes::of(self.0, x_layout.dims(), weight_layout.dims())?;
        let x = values(x, x_layout)?;
        let weight = values(weight, weight_layout)?;
        let bias = values(bias, bias_layout)?;
        let mut y = vec![0.0f32; s.images * s.filters * s.places()];
        y.par_chunks_exact_mut(s.filters * s.places())
            .zip(x.par_chunks_exact(s.image()))
            .for_each_init(
                || vec![0.0f32; s.columns()],
                |columns, (y, x)| forward(&s, x, weight, bias, columns, y),
            );
        let shape = Shape::from((s.images, s.filters, s.output.0, s.output.1));
        Ok((CpuStorage::F32(y), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _bias: &Tensor,
        y: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let s = Sizes::of(self.0, x.dims(), weight.dims())?;
        // The network's input needs no gradient, and its convolution is the dearest to go back
        // through.
        let to_input = x.track_op();
        let (gx, gw, gb) = with_values(x, |x| {
            with_values(weight, |weight| {
                with_values(y, |y| {
                    with_values(gradient, |gradient| {
                        backward(&s, x, weight, y, gradient, to_input)
                    })
                })
            })
        })????;
        let device = x.device();
        let gx = to_input
            .then(|| Tensor::from_vec(gx, x.dims(), device))
            .transpose()?;
        let gw = Tensor::from_vec(gw, weight.dims(), device)?;
        let gb = Tensor::from_vec(gb, s.filters, device)?;
        Ok((gx, Some(gw), Some(gb)))
    }
}

/// One image through the convolution.
fn forward(s: &Sizes, x: &[f32], weight: &[f32], bias: &[f32], columns: &mut [f32], y: &mut [f32]) {
    let (groups, places) = (s.shape.groups, s.places());
    for (y, bias) in y.chunks_exact_mut(places).zip(bias) {
        y.fill(*bias);
    }
    let share = s.filters / groups;
    let of_groups = y
        .chunks_exact_mut(share * places)
        .zip(weight.chunks_exact(share * s.depth()));
    for (group, (y, weight)) in of_groups.enumerate() {
        s.gather(group, x, columns);
        let (weight, columns) = (matrix(weight, share), matrix(columns, s.depth()));
        general_mat_mul(1.0, &weight, &columns, 1.0, &mut matrix_mut(y, share));
    }
    if s.shape.relu {
        y.iter_mut().for_each(|y| *y = y.max(0.0));
    }
}

/// Gradients of the weights and the biases, summed over the images of one thread.
struct Share {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// Gradients of input (empty if not wanted), weights and biases.
fn backward(
    s: &Sizes,
    x: &[f32],
    weight: &[f32],
    y: &[f32],
    gradient: &[f32],
    to_input: bool,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let map = s.filters * s.places();
    let mut gx = vec![0.0f32; if to_input { x.len() } else { 0 }];
    // One fixed part of the batch a thread, summed in order: the same sums on every run.
    let threads = rayon::current_num_threads().clamp(1, s.images.max(1));
    let part = s.images.div_ceil(threads).max(1);
    let mut gx_parts: Vec<&mut [f32]> = if to_input {
        gx.chunks_mut(part * s.image()).collect()
    } else {
        (0..s.images.div_ceil(part)).map(|_| &mut [][..]).collect()
    };
    let shares: Vec<Share> = gx_parts
        .par_iter_mut()
        .zip(x.par_chunks(part * s.image()))
        .zip(
            y.par_chunks(part * map)
                .zip(gradient.par_chunks(part * map)),
        )
        .map(|((gx, x), (y, gradient))| {
            let mut share = Share {
                weight: vec![0.0; weight.len()],
                bias: vec![0.0; s.filters],
            };
            let mut scratch = Scratch {
                gradient: vec![0.0; map],
                columns: vec![0.0; s.columns()],
                column_gradient: vec![0.0; if to_input { s.columns() } else { 0 }],
            };
            for (i, x) in x.chunks_exact(s.image()).enumerate() {
                scratch.mask(s, &y[i * map..][..map], &gradient[i * map..][..map]);
                share.add(s, x, &mut scratch);
                if to_input {
                    let gx = &mut gx[i * s.image()..][..s.image()];
                    scratch.to_input(s, weight, gx);
                }
            }
            share
        })
        .collect();
    let mut shares = shares.into_iter();
    let mut sum = shares.next().unwrap_or(Share {
        weight: vec![0.0; weight.len()],
        bias: vec![0.0; s.filters],
    });
    for share in shares {
        sum.weight
            .iter_mut()
            .zip(share.weight)
            .for_each(|(a, b)| *a += b);
        sum.bias
            .iter_mut()
            .zip(share.bias)
            .for_each(|(a, b)| *a += b);
    }
    (gx, sum.weight, sum.bias)
}

struct Scratch {
    gradient: Vec<f32>,
    columns: Vec<f32>,
    column_gradient: Vec<f32>,
}

impl Scratch {
    /// The gradient before the ReLU.
    fn mask(&mut self, s: &Sizes, y: &[f32], gradient: &[f32]) {
        if !s.shape.relu {
            self.gradient.copy_from_slice(gradient);
            return;
        }
        for ((to, y), g) in self.gradient.iter_mut().zip(y).zip(gradient) {
            *to = if *y > 0.0 { *g } else { 0.0 };
        }
    }

    fn to_input(&mut self, s: &Sizes, weight: &[f32], gx: &mut [f32]) {
        let share = s.filters / s.shape.groups;
        let of_groups = self
            .gradient
            .chunks_exact(share * s.places())
            .zip(weight.chunks_exact(share * s.depth()));
        for (group, (gradient, weight)) in of_groups.enumerate() {
            let (weight, gradient) = (matrix(weight, share), matrix(gradient, share));
            let mut columns = matrix_mut(&mut self.column_gradient, s.depth());
            general_mat_mul(1.0, &weight.t(), &gradient, 0.0, &mut columns);
            s.scatter(group, &self.column_gradient, gx);
        }
    }
}

impl Share {
    fn add(&mut self, s: &Sizes, x: &[f32], scratch: &mut Scratch) {
        for (sum, g) in self
            .bias
            .iter_mut()
            .zip(scratch.gradient.chunks_exact(s.places()))
        {
            *sum += g.iter().sum::<f32>();
        }
        let share = s.filters / s.shape.groups;
        let of_groups = self
            .weight
            .chunks_exact_mut(share * s.depth())
            .zip(scratch.gradient.chunks_exact(share * s.places()));
        for (group, (sum, gradient)) in of_groups.enumerate() {
            s.gather(group, x, &mut scratch.columns);
            let columns = matrix(&scratch.columns, s.depth());
            let mut sum = matrix_mut(sum, share);
            general_mat_mul(1.0, &matrix(gradient, share), &columns.t(), 1.0, &mut sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;

    fn drawn(shape: &[usize], seed: usize) -> Tensor {
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|i| (((i + seed) * 7919 % 997) as f32) / 498.0 - 1.0)
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    fn close(a: &Tensor, b: &Tensor) {
        let difference = (a - b).unwrap().abs().unwrap().flatten_all().unwrap();
        let largest: f32 = difference.max(0).unwrap().to_scalar().unwrap();
        assert!(largest < 2e-3, "differ by {largest}");
    }

    #[test]
    fn values_and_gradients_agree_with_candles_over_awkward_shapes() {
        for (images, channels, side, filters, kernel, stride, padding, groups) in [
            (3, 4, 9, 6, 3, 1, 1, 2),
            (1, 1, 23, 5, 11, 4, 2, 1),
            (2, 3, 12, 4, 5, 2, 0, 1),
            (5, 6, 7, 9, 1, 3, 0, 3),
            (4, 2, 6, 8, 3, 2, 3, 1),
        ] {
            let shape = ConvShape {
                stride,
                padding,
                groups,
                relu: true,
            };
            let x = Var::from_tensor(&drawn(&[images, channels, side, side], 1)).unwrap();
            let weights = [filters, channels / groups, kernel, kernel];
            let weight = Var::from_tensor(&drawn(&weights, 2)).unwrap();
            let bias = Var::from_tensor(&drawn(&[filters], 3)).unwrap();
            let ours = conv2d(&x, &weight, &bias, shape).unwrap();
            let theirs = x
                .conv2d(&weight, padding, stride, 1, groups)
                .unwrap()
                .broadcast_add(&bias.reshape((1, (), 1, 1)).unwrap())
                .unwrap()
                .relu()
                .unwrap();
            close(&ours, &theirs);
            let pull = drawn(ours.dims(), 4);
            let ours = (ours * &pull)
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
                .unwrap();
            let theirs = (theirs * &pull)
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
                .unwrap();
            for var in [&x, &weight, &bias] {
                close(ours.get(var).unwrap(), theirs.get(var).unwrap());
            }
        }
    }

    #[test]
    fn an_input_without_history_gets_no_gradient() {
        let x = drawn(&[1, 1, 5, 5], 1);
        let weight = Var::from_tensor(&drawn(&[2, 1, 3, 3], 2)).unwrap();
        let bias = Var::zeros(2, DType::F32, &Device::Cpu).unwrap();
        let shape = ConvShape {
            stride: 1,
            padding: 0,
            groups: 1,
            relu: false,
        };
        let y = conv2d(&x, &weight, &bias, shape).unwrap();
        let gradients = y.sum_all().unwrap().backward().unwrap();
        assert!(gradients.get(&x).is_none());
        let of_bias: Vec<f32> = gradients.get(&bias).unwrap().to_vec1().unwrap();
        assert_eq!(of_bias, [9.0, 9.0]);
    }

    #[test]
    fn kernels_that_do_not_fit_are_refused() {
        let shape = ConvShape {
            stride: 1,
            padding: 0,
            groups: 1,
            relu: false,
        };
        let bias = drawn(&[2], 3);
        for weight in [[2, 1, 9, 9], [2, 3, 3, 3]] {
            let weight = drawn(&weight, 2);
            assert!(conv2d(&drawn(&[1, 1, 5, 5], 1), &weight, &bias, shape).is_err());
        }
    }
}
