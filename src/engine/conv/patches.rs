//! Convolutions as a matrix product over gathered patches: any kernel, any stride.

use super::super::kernels::{self, Kernels, PANEL, ROWS};
use super::super::map::Map;
use crate::architecture::Conv;

/// A convolution ready to run.
#[derive(Debug)]
pub struct Patches {
    shape: Conv,
    /// Group by group, in panels; a row is kernel row, kernel column, channel.
    weights: Vec<i16>,
    /// Channels of a group.
    depth: usize,
    /// The patches of a row of outputs, as long as the weights' rows.
    patches: Vec<i16>,
    /// One panel of a row of outputs.
    sums: Vec<[i32; PANEL]>,
    side: usize,
}

impl Patches {
    /// Packs kernels (OIHW) for an output of `side` pixels.
    pub fn new(shape: &Conv, weight: &[i8], channels: usize, side: usize) -> Self {
        let (k, depth) = (shape.kernel, channels / shape.groups);
        let row = depth * k * k;
        let ordered = |filter: &[i8]| -> Vec<i16> {
            let places = 0..k * k;
            let of_place = |place| (0..depth).map(move |c| i16::from(filter[c * k * k + place]));
            places.flat_map(of_place).collect()
        };
        let mut weights = Vec::new();
        for group in weight.chunks_exact(shape.filters / shape.groups * row) {
            for panel in group.chunks(PANEL * row) {
                let rows: Vec<Vec<i16>> = panel.chunks_exact(row).map(ordered).collect();
                kernels::pack(&rows, &mut weights);
            }
        }
        let pixels = side.next_multiple_of(ROWS);
        Self {
            shape: shape.clone(),
            weights,
            depth,
            patches: vec![0; pixels * kernels::padded(row)],
            sums: vec![[0; PANEL]; pixels],
            side,
        }
    }

    /// The sums of all filters of output row `y`: column, filter.
    pub fn accumulate(&mut self, kernels: Kernels, input: &Map, y: usize, sums: &mut [i32]) {
        let Conv {
            stride,
            groups,
            filters,
            kernel,
            ..
        } = self.shape;
        let row = kernels::padded(self.depth * kernel * kernel);
        let share = filters / groups;
        let panels = share.div_ceil(PANEL);
        for group in 0..groups {
            let patches = self.patches.chunks_exact_mut(row);
            for (x, patch) in (0..self.side).zip(patches) {
                let corner = (y * stride, x * stride);
                gather(input, kernel, self.depth, group, corner, patch);
            }
            let size = row * PANEL;
            let weights = &self.weights[group * panels * size..][..panels * size];
            for (panel, weights) in weights.chunks_exact(size).enumerate() {
                (kernels.panel)(weights, &self.patches, row, &mut self.sums);
                let kept = PANEL.min(share - panel * PANEL);
                let first = group * share + panel * PANEL;
                for (out, sums) in sums.chunks_exact_mut(filters).zip(&self.sums) {
                    out[first..first + kept].copy_from_slice(&sums[..kept]);
                }
            }
        }
    }
}

/// Copies one group's channels under the kernel at `(y, x)` (border counted): kernel row, kernel
/// column, channel.
#[inline(never)]
fn gather(
    input: &Map,
    kernel: usize,
    depth: usize,
    group: usize,
    (y, x): (usize, usize),
    patch: &mut [i16],
) {
    for (ky, part) in patch
        .chunks_exact_mut(kernel * depth)
        .take(kernel)
        .enumerate()
    {
        let row = input.row_from(y + ky, x);
        if depth == input.channels {
            // A loop: a call to copy a dozen values would cost more than they do.
            part.iter_mut().zip(row).for_each(|(to, from)| *to = *from);
            continue;
        }
        let pixels = row.chunks_exact(input.channels);
        for (part, pixel) in part.chunks_exact_mut(depth).zip(pixels) {
            part.copy_from_slice(&pixel[group * depth..][..depth]);
        }
    }
}
