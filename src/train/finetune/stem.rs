//! The first convolution, which stays as ImageNet left it, with its pooling.

use super::map::{Grid, Map};
use super::pool::{self, Highest, Sums};
use crate::train::bf16::{DEPTH, Packed, Products, Views, round};

/// Side of the network's input.
pub const SIDE: usize = 227;
const KERNEL: usize = 11;
const STEP: usize = 4;
const PADDING: usize = 2;
/// Side of the map before pooling.
const WIDE: usize = (SIDE + 2 * PADDING - KERNEL) / STEP + 1;
/// How the pooled map lies.
pub const GRID: Grid = Grid { side: 27, pad: 2 };

/// conv1 of the single tower for grey levels from 0 to 1 (Krizhevsky 2014).
#[derive(Debug, Clone)]
pub struct Stem {
    bias: Vec<f32>,
    weight: Packed,
    depth: usize,
}

/// Buffers of a pass.
#[derive(Debug)]
pub struct Buffers {
    columns: Vec<u16>,
    sums: Vec<f32>,
    highest: Highest,
}

impl Stem {
    /// From weights that read one grey channel: filter, row, column.
    ///
    /// # Panics
    /// When the lengths do not fit.
    pub fn new(weight: &[f32], bias: &[f32]) -> Self {
        let taps = KERNEL * KERNEL;
        assert_eq!(weight.len(), taps * bias.len());
        let depth = taps.next_multiple_of(DEPTH);
        let mut packed = Packed::new(1, depth, bias.len());
        packed.fill(|_, tap, filter| match tap {
            _ if tap < taps => weight[filter * taps + tap],
            _ => 0.0,
        });
        Self {
            bias: bias.to_vec(),
            weight: packed,
            depth,
        }
    }

    /// Filters.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Buffers for `images` images.
    pub fn buffers(&self, images: usize) -> Buffers {
        let rows = images * WIDE * WIDE;
        Buffers {
            columns: vec![0; rows * self.depth],
            sums: vec![0.0; rows * self.channels()],
            highest: vec![0; GRID.rows(images) * self.channels()],
        }
    }

    /// Convolves and pools images of [`SIDE`]² grey levels from 0 to 1.
    pub fn forward(
        &self,
        products: Products,
        images: &[Vec<f32>],
        buffers: &mut Buffers,
        output: &mut Map,
    ) {
        let image_columns = WIDE * WIDE * self.depth;
        for (grey, columns) in images
            .iter()
            .zip(buffers.columns.chunks_exact_mut(image_columns))
        {
            self.unfold(grey, columns);
        }
        let views = Views {
            values: &buffers.columns,
            stride: self.depth,
            starts: &[0],
            rows: images.len() * WIDE * WIDE,
        };
        products.multiply(views, &self.weight, false, &mut buffers.sums);
        let sums = Sums {
            values: &buffers.sums,
            line: WIDE,
            image: WIDE * WIDE,
        };
        pool::forward(sums, &self.bias, images.len(), output, &mut buffers.highest);
    }

    /// The windows of an image, a row each. Padding is black.
    fn unfold(&self, grey: &[f32], columns: &mut [u16]) {
        const PADDED: usize = SIDE + 2 * PADDING;
        let mut padded = vec![0; PADDED * PADDED];
        for (to, from) in padded
            .chunks_exact_mut(PADDED)
            .skip(PADDING)
            .zip(grey.chunks_exact(SIDE))
        {
            let to = to[PADDING..].iter_mut().zip(from);
            to.for_each(|(to, from)| *to = round(*from));
        }
        for (place, window) in columns.chunks_exact_mut(self.depth).enumerate() {
            let corner = place / WIDE * STEP * PADDED + place % WIDE * STEP;
            for (row, to) in window.chunks_exact_mut(KERNEL).take(KERNEL).enumerate() {
                to.copy_from_slice(&padded[corner + row * PADDED..][..KERNEL]);
            }
        }
    }
}
