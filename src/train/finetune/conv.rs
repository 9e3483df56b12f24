//! A convolution over maps that keep their side, forward and backward.

use super::map::Map;
use crate::train::bf16::{Packed, Products, Views, value};

/// Weights and biases of a convolution with an odd kernel and stride 1.
#[derive(Debug, Clone)]
pub struct Conv {
    /// Side of the kernel.
    pub kernel: usize,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Place of the kernel, input, output.
    pub weight: Vec<f32>,
    /// By output.
    pub bias: Vec<f32>,
    forward: Packed,
    backward: Packed,
}

/// What a loss gains by each weight and bias, in their order.
#[derive(Debug, Clone)]
pub struct ConvGradient {
    /// Of the weights.
    pub weight: Vec<f32>,
    /// Of the biases.
    pub bias: Vec<f32>,
}

/// Buffers of a backward pass.
#[derive(Debug)]
pub struct Backward {
    /// The gradient of the sums, packed as a right side: rows by outputs.
    packed: Packed,
}

impl Conv {
    /// From weights in candle's order: output, input, row, column.
    ///
    /// # Panics
    /// When the lengths do not fit.
    pub fn new(kernel: usize, oihw: &[f32], bias: &[f32]) -> Self {
        let (taps, outputs) = (kernel * kernel, bias.len());
        let inputs = oihw.len() / taps / outputs;
        assert_eq!(oihw.len(), taps * inputs * outputs);
        let mut weight = vec![0.0; oihw.len()];
        for (at, w) in oihw.iter().enumerate() {
            let (output, input, tap) = (at / taps / inputs, at / taps % inputs, at % taps);
            weight[(tap * inputs + input) * outputs + output] = *w;
        }
        Self {
            kernel,
            inputs,
            outputs,
            weight,
            bias: bias.to_vec(),
            forward: Packed::new(taps, inputs, outputs),
            backward: Packed::new(taps, outputs, inputs),
        }
    }

    /// The weights in candle's order.
    pub fn oihw(weight: &[f32], kernel: usize, outputs: usize) -> Vec<f32> {
        let taps = kernel * kernel;
        let inputs = weight.len() / taps / outputs;
        let mut oihw = vec![0.0; weight.len()];
        for (at, w) in weight.iter().enumerate() {
            let (tap, input, output) = (at / outputs / inputs, at / outputs % inputs, at % outputs);
            oihw[(output * inputs + input) * taps + tap] = *w;
        }
        oihw
    }

    /// Rounds the weights for the products; to be called when they have changed.
    pub fn pack(&mut self) {
        let (inputs, outputs, weight) = (self.inputs, self.outputs, &self.weight);
        self.forward
            .fill(|t, i, o| weight[(t * inputs + i) * outputs + o]);
        self.backward
            .fill(|t, o, i| weight[(t * inputs + i) * outputs + o]);
    }

    /// A gradient of zeros.
    pub fn gradient(&self) -> ConvGradient {
        ConvGradient {
            weight: vec![0.0; self.weight.len()],
            bias: vec![0.0; self.bias.len()],
        }
    }

    /// Buffers for the backward pass of maps like `input`.
    pub fn backward_buffers(&self, input: &Map) -> Backward {
        let rows = input.rows().len() / input.channels;
        Backward {
            packed: Packed::new(1, rows, self.outputs),
        }
    }

    /// Sums at all rows of `input`, without bias: row, output.
    pub fn forward(&self, products: Products, input: &Map, sums: &mut [f32]) {
        let starts = self.starts(input, false, self.inputs);
        let views = Views {
            values: &input.values,
            stride: self.inputs,
            starts: &starts,
            rows: input.rows().len() / self.inputs,
        };
        products.multiply(views, &self.forward, false, sums);
    }

    /// From the gradient of the sums, on the input's grid and zero between maps: adds those of
    /// weights and biases. `input` must be turned.
    pub fn backward_weights(
        &self,
        products: Products,
        (input, sums): (&Map, &Map),
        buffers: &mut Backward,
        into: &mut ConvGradient,
    ) {
        for row in sums.rows().chunks_exact(self.outputs) {
            let bias = into.bias.iter_mut().zip(row);
            bias.for_each(|(bias, gradient)| *bias += value(*gradient));
        }
        buffers.packed.fill_rows(sums.rows());
        let of_taps = into.weight.chunks_exact_mut(self.inputs * self.outputs);
        for (start, into) in self.starts(input, false, 1).iter().zip(of_taps) {
            let views = Views {
                values: &input.turned,
                stride: input.values.len() / self.inputs,
                starts: std::slice::from_ref(start),
                rows: self.inputs,
            };
            products.multiply(views, &buffers.packed, true, into);
        }
    }

    /// The gradient of the input from that of the sums: row, input.
    pub fn backward_input(&self, products: Products, sums: &Map, into: &mut [f32]) {
        let starts = self.starts(sums, true, self.outputs);
        let views = Views {
            values: &sums.values,
            stride: self.outputs,
            starts: &starts,
            rows: sums.rows().len() / self.outputs,
        };
        products.multiply(views, &self.backward, false, into);
    }

    /// Where each tap's view begins.
    fn starts(&self, map: &Map, back: bool, step: usize) -> Vec<usize> {
        let starts = map.grid.starts(self.kernel, back);
        starts.map(|start| start * step).collect()
    }
}
