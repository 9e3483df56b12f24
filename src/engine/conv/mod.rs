//! Convolution with everything up to the next layer's activations.

mod finish;
mod patches;
mod points;
mod winograd;

use self::finish::Finish;
use self::patches::Patches;
use self::winograd::Winograd;
use super::kernels::Kernels;
use super::map::Map;
use crate::architecture::Conv;
use crate::model::QuantConv;

/// A convolution ready to run.
#[derive(Debug)]
pub struct ConvStep {
    method: Method,
    finish: Finish,
    filters: usize,
    /// Accumulators of the rows that are computed together: row, column, filter.
    sums: Vec<i32>,
}

#[derive(Debug)]
enum Method {
    Patches(Patches),
    Winograd(Winograd),
}

impl ConvStep {
    /// Packs a stored convolution that reads `channels` channels and gives `side × side` pixels.
    pub fn new(shape: &Conv, stored: &QuantConv, channels: usize, side: usize) -> Self {
        let weight = &stored.layer.weight;
        let method = if Winograd::suits(shape, weight, channels) {
            Method::Winograd(Winograd::new(shape, weight, channels, side))
        } else {
            Method::Patches(Patches::new(shape, weight, channels, side))
        };
        let (rows, length) = method.rows(side);
        Self {
            finish: Finish::new(shape, stored),
            filters: shape.filters,
            sums: vec![0; rows * length * shape.filters],
            method,
        }
    }

    /// Whether its map is normalised.
    pub fn normalises(&self) -> bool {
        self.finish.lrn.is_some()
    }

    /// Activation steps per real value, one a filter.
    pub fn steps(&self) -> &[f32] {
        &self.finish.steps
    }

    /// Convolves `input` (whose border is this step's padding) into `output`, which is not pooled.
    pub fn run(&mut self, kernels: Kernels, input: &Map, output: &mut Map) {
        self.each_pixel(kernels, input, output.side, |finish, sums, y, x| {
            finish.pixel(sums, output.pixel_mut(y, x));
        });
    }

    /// The map of `side × side` pixels that [`ConvStep::run`] would normalise and round: real values
    /// after ReLU, in channel, row, column order.
    pub fn rectified(&mut self, kernels: Kernels, input: &Map, side: usize) -> Vec<f32> {
        let mut values = vec![0.0; self.filters * side * side];
        self.each_pixel(kernels, input, side, |finish, sums, y, x| {
            let planes = values.chunks_exact_mut(side * side);
            for (plane, &real) in planes.zip(finish.rectified(sums)) {
                plane[y * side + x] = real;
            }
        });
        values
    }

    /// Convolves `input`, and hands over the accumulators of each of `side × side` pixels with its row
    /// and column.
    #[inline(always)]
    fn each_pixel(
        &mut self,
        kernels: Kernels,
        input: &Map,
        side: usize,
        mut take: impl FnMut(&mut Finish, &[i32], usize, usize),
    ) {
        let (rows, length) = self.method.rows(side);
        for first in (0..side).step_by(rows) {
            match &mut self.method {
                Method::Patches(patches) => {
                    patches.accumulate(kernels, input, first, &mut self.sums);
                }
                Method::Winograd(winograd) => {
                    winograd.accumulate(kernels, input, first, &mut self.sums);
                }
            }
            let sums = self.sums.chunks_exact(length * self.filters);
            for (y, sums) in (first..side).zip(sums) {
                for (x, sums) in (0..side).zip(sums.chunks_exact(self.filters)) {
                    take(&mut self.finish, sums, y, x);
                }
            }
        }
    }
}

impl Method {
    /// How many rows of the output are computed together, and how many pixels a row of sums has.
    fn rows(&self, side: usize) -> (usize, usize) {
        match self {
            Self::Patches(_) => (1, side),
            Self::Winograd(winograd) => (winograd.rows_at_once(), winograd.row_length()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::architecture::Network;
    use crate::engine::kernels;
    use crate::model::QuantLayer;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Both ways of running convolutions of awkward shapes against the definition, to the bit.
    #[test]
    fn convolutions_are_what_the_definition_says_whatever_their_shape() {
        let template = Network::cnn().convs[0].clone();
        for (kernel, stride, padding, groups, channels, filters, side) in [
            (3, 1, 1, 1, 1, 10, 9),
            (3, 1, 1, 2, 6, 14, 13),
            (5, 1, 2, 2, 8, 6, 27),
            (5, 1, 0, 1, 3, 9, 8),
            (2, 1, 1, 1, 5, 8, 7),
            (4, 1, 2, 1, 4, 3, 6),
            (7, 1, 3, 1, 2, 8, 10),
            (11, 4, 0, 1, 1, 17, 31),
            (3, 2, 1, 2, 4, 4, 9),
            (1, 1, 0, 1, 7, 5, 4),
        ] {
            let shape = Conv {
                filters,
                kernel,
                stride,
                padding,
                groups,
                lrn: None,
                pool: None,
                ..template.clone()
            };
            let depth = channels / groups;
            let count = filters * depth * kernel * kernel;
            // Extremes among them: what could overflow would.
            let weight = |i: usize| [-128, 127, (i * 31 % 255) as i16 as i8, -77][i * i % 4];
            let stored = QuantConv {
                layer: QuantLayer {
                    weight: (0..count).map(weight).collect(),
                    weight_scale: vec![1e-4; filters],
                    bias: (0..filters).map(|f| f as f32 / 10.0).collect(),
                },
                output_scale: vec![0.01; filters],
            };
            let mut input = Map::new(side, channels, padding);
            for y in 0..side {
                for x in 0..side {
                    for (c, v) in input.pixel_mut(y, x).iter_mut().enumerate() {
                        let i = (y * side + x) * channels + c;
                        *v = [255, 0, (i * 17 % 256) as i16, 255][i * 7 % 4];
                    }
                }
            }
            let side = shape.conv_side(side).unwrap();
            let mut output = Map::new(side, filters, 0);
            let mut step = ConvStep::new(&shape, &stored, channels, side);
            let mut portable = output.clone();
            step.run(kernels::PORTABLE, &input, &mut portable);
            step.run(kernels::fastest(), &input, &mut output);
            for y in 0..side {
                assert_eq!(portable.row(y), output.row(y), "{shape:?}");
                for x in 0..side {
                    for (f, &found) in output.pixel(y, x).iter().enumerate() {
                        let group = f / (filters / groups);
                        let mut sum = 0i32;
                        for c in 0..depth {
                            for (ky, kx) in
                                (0..kernel).flat_map(|ky| (0..kernel).map(move |kx| (ky, kx)))
                            {
                                let row = input.row_from(y * stride + ky, x * stride + kx);
                                let at = ((f * depth + c) * kernel + ky) * kernel + kx;
                                sum += i32::from(row[group * depth + c])
                                    * i32::from(stored.layer.weight[at]);
                            }
                        }
                        let real = (sum as f32 * 1e-4 + f as f32 / 10.0).max(0.0);
                        let expected = (real * (1.0 / 0.01) + 0.5).min(255.0) as i16;
                        assert_eq!(found, expected, "{shape:?} at {y}, {x}, filter {f}");
                    }
                }
            }
        }
    }
}
