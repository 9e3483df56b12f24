//! 2-D convolution with bias and optional ReLU: im2col and one matrix product a group and image.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::{sums, values, with_values};

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

    /// Values of one image's output.
    fn map(&self) -> usize {
        self.filters * self.places()
    }

    /// Values under a kernel: one row of weights.
    fn depth(&self) -> usize {
        self.channels / self.shape.groups * self.kernel * self.kernel
    }

    /// Images whose columns stand side by side in one matrix product: enough to keep it wide.
    fn block(&self) -> usize {
        (WIDTH / self.places().max(1)).clamp(1, self.images.max(1))
    }

    /// Values of the column matrix of a group and a block of images.
    fn columns(&self) -> usize {
        self.depth() * self.places() * self.block()
    }

    /// Calls `copy(place in the image, place in the column matrix, count)` for every run of a row
    /// of windows that lies inside the image. Places step by the stride in the image and by one in
    /// the column matrix, whose rows are `width` long and hold this image from `offset` on.
    fn runs(
        &self,
        group: usize,
        (offset, row_length): (usize, usize),
        mut copy: impl FnMut(usize, usize, usize),
    ) {
        let (height, width) = self.input;
        let (out_height, out_width) = self.output;
        let ConvShape {
            stride, padding, ..
        } = self.shape;
        let depth = self.channels / self.shape.groups;
        let mut row = offset;
        for c in group * depth..(group + 1) * depth {
            for ky in 0..self.kernel {
                for kx in 0..self.kernel {
                    // Windows whose pixel kx lies inside: 0 ≤ x·stride + kx − padding < width.
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
                                row + y * out_width + first,
                                last - first,
                            );
                        }
                    }
                    row += row_length;
                }
            }
        }
    }

    /// Column matrix (`depth × images · places`) of a group; what lies outside the images stays as
    /// it is, so `columns` must have been zero there.
    fn gather(&self, group: usize, images: &[f32], columns: &mut [f32]) {
        let (stride, places) = (self.shape.stride, self.places());
        let row_length = images.len() / self.image() * places;
        for (i, image) in images.chunks_exact(self.image()).enumerate() {
            self.runs(group, (i * places, row_length), |from, to, n| {
                let to = &mut columns[to..to + n];
                if stride == 1 {
                    to.copy_from_slice(&image[from..from + n]);
                } else {
                    let from = image[from..].iter().step_by(stride);
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
            });
        }
    }

    /// The transpose of [`Sizes::gather`]: adds columns back onto the images.
    fn scatter(&self, group: usize, columns: &[f32], images: &mut [f32]) {
        let (stride, places) = (self.shape.stride, self.places());
        let row_length = images.len() / self.image() * places;
        for (i, image) in images.chunks_exact_mut(self.image()).enumerate() {
            self.runs(group, (i * places, row_length), |to, from, n| {
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
}

/// Least columns of a matrix product, where the batch allows.
const WIDTH: usize = 700;

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
        let mut y = vec![0.0f32; s.images * s.map()];
        y.par_chunks_mut(s.block() * s.map())
            .zip(x.par_chunks(s.block() * s.image()))
            .for_each_init(
                || Scratch::new(&s, false),
                |scratch, (y, x)| scratch.forward(&s, x, weight, bias, y),
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

/// Gradients of input (empty if not wanted), weights and biases.
fn backward(
    s: &Sizes,
    x: &[f32],
    weight: &[f32],
    y: &[f32],
    gradient: &[f32],
    to_input: bool,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let mut gx = vec![0.0f32; if to_input { x.len() } else { 0 }];
    // A fixed number of parts, summed in order: the same sums on every machine.
    let part = s.images.div_ceil(PARTS).max(1);
    let mut gx_parts: Vec<&mut [f32]> = if to_input {
        gx.chunks_mut(part * s.image()).collect()
    } else {
        (0..s.images.div_ceil(part)).map(|_| &mut [][..]).collect()
    };
    let shares: Vec<Share> = gx_parts
        .par_iter_mut()
        .zip(x.par_chunks(part * s.image()))
        .zip(
            y.par_chunks(part * s.map())
                .zip(gradient.par_chunks(part * s.map())),
        )
        .map(|((gx, x), (y, gradient))| {
            let mut share = Share::new(s);
            let mut scratch = Scratch::new(s, to_input);
            let block = s.block();
            let maps = y
                .chunks(block * s.map())
                .zip(gradient.chunks(block * s.map()));
            for (i, (x, (y, gradient))) in x.chunks(block * s.image()).zip(maps).enumerate() {
                scratch.take_gradient(s, y, gradient);
                share.add(s, x, &mut scratch);
                if to_input {
                    let gx = &mut gx[i * block * s.image()..][..x.len()];
                    scratch.add_to_input(s, weight, gx);
                }
            }
            share
        })
        .collect();
    let mut sum = Share::new(s);
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

/// Parts that a batch is cut into for the backward pass; each sums its weights' gradients apart.
const PARTS: usize = 4;

/// Matrices of one block of images.
struct Scratch {
    /// Outputs or their gradients: `filters × images · places`.
    map: Vec<f32>,
    /// Column matrix of one group.
    columns: Vec<f32>,
    /// Its gradient; empty where none is wanted.
    column_gradient: Vec<f32>,
    /// Columns of the current block.
    width: usize,
}

impl Scratch {
    fn new(s: &Sizes, column_gradient: bool) -> Self {
        Self {
            map: vec![0.0; s.block() * s.map()],
            columns: vec![0.0; s.columns()],
            column_gradient: vec![0.0; if column_gradient { s.columns() } else { 0 }],
            width: 0,
        }
    }

    /// Makes room for `images` of a block; the last block may hold fewer.
    fn fit(&mut self, s: &Sizes, images: usize) {
        let width = images * s.places();
        if self.width != width {
            self.width = width;
            // Other rows: zeros lie elsewhere.
            self.columns.fill(0.0);
        }
    }

    fn forward(&mut self, s: &Sizes, x: &[f32], weight: &[f32], bias: &[f32], y: &mut [f32]) {
        self.fit(s, x.len() / s.image());
        let (share, width) = (s.filters / s.shape.groups, self.width);
        for group in 0..s.shape.groups {
            s.gather(group, x, &mut self.columns);
            let columns = matrix(&self.columns[..s.depth() * width], s.depth());
            let weight = &weight[group * share * s.depth()..][..share * s.depth()];
            let map = &mut self.map[group * share * width..][..share * width];
            general_mat_mul(
                1.0,
                &matrix(weight, share),
                &columns,
                0.0,
                &mut matrix_mut(map, share),
            );
        }
        let floor = if s.shape.relu { 0.0 } else { f32::NEG_INFINITY };
        for (i, y) in y.chunks_exact_mut(s.map()).enumerate() {
            for (f, (y, bias)) in y.chunks_exact_mut(s.places()).zip(bias).enumerate() {
                let from = &self.map[f * width + i * s.places()..][..s.places()];
                y.iter_mut()
                    .zip(from)
                    .for_each(|(y, v)| *y = (v + bias).max(floor));
            }
        }
    }

    /// The gradient before the ReLU.
    fn take_gradient(&mut self, s: &Sizes, y: &[f32], gradient: &[f32]) {
        self.fit(s, y.len() / s.map());
        let width = self.width;
        let images = y.chunks_exact(s.map()).zip(gradient.chunks_exact(s.map()));
        for (i, (y, gradient)) in images.enumerate() {
            let filters = y
                .chunks_exact(s.places())
                .zip(gradient.chunks_exact(s.places()));
            for (f, (y, gradient)) in filters.enumerate() {
                let to = &mut self.map[f * width + i * s.places()..][..s.places()];
                for ((to, y), g) in to.iter_mut().zip(y).zip(gradient) {
                    *to = if *y > 0.0 || !s.shape.relu { *g } else { 0.0 };
                }
            }
        }
    }

    fn add_to_input(&mut self, s: &Sizes, weight: &[f32], gx: &mut [f32]) {
        let (share, width) = (s.filters / s.shape.groups, self.width);
        for group in 0..s.shape.groups {
            let weight = &weight[group * share * s.depth()..][..share * s.depth()];
            let gradient = &self.map[group * share * width..][..share * width];
            let columns = &mut self.column_gradient[..s.depth() * width];
            general_mat_mul(
                1.0,
                &matrix(weight, share).t(),
                &matrix(gradient, share),
                0.0,
                &mut matrix_mut(columns, s.depth()),
            );
            s.scatter(group, columns, gx);
        }
    }
}

/// Gradients of the weights and the biases, summed over the images of one part.
struct Share {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Share {
    fn new(s: &Sizes) -> Self {
        Self {
            weight: vec![0.0; s.filters * s.depth()],
            bias: vec![0.0; s.filters],
        }
    }

    fn add(&mut self, s: &Sizes, x: &[f32], scratch: &mut Scratch) {
        let (share, width) = (s.filters / s.shape.groups, scratch.width);
        for (sum, g) in self.bias.iter_mut().zip(scratch.map.chunks_exact(width)) {
            let [total] = sums([g], |g| g);
            *sum += total;
        }
        let of_groups = self.weight.chunks_exact_mut(share * s.depth());
        for (group, sum) in of_groups.enumerate() {
            s.gather(group, x, &mut scratch.columns);
            let columns = matrix(&scratch.columns[..s.depth() * width], s.depth());
            let gradient = &scratch.map[group * share * width..][..share * width];
            general_mat_mul(
                1.0,
                &matrix(gradient, share),
                &columns.t(),
                1.0,
                &mut matrix_mut(sum, share),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::super::drawn;
    use super::*;

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
            (37, 2, 8, 4, 3, 1, 1, 2),
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
