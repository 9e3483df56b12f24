//! Max pooling of 3×3 windows at a step of 2, over rectified sums.

use super::map::{Grid, Map};
use crate::train::bf16::{round, value};

const WINDOW: usize = 3;
const STEP: usize = 2;

/// Which of a window's nine places was the highest, for each output: row of the output's grid,
/// channel.
pub type Highest = Vec<u8>;

/// How sums lie that are pooled: where each row of them begins.
#[derive(Debug, Clone, Copy)]
pub struct Sums<'a> {
    /// The sums: row, channel.
    pub values: &'a [f32],
    /// From one line of places to the next, in rows.
    pub line: usize,
    /// From one image to the next, in rows.
    pub image: usize,
}

/// Pools `max(sum + bias, 0)` of `images` images into `output`, and notes where maxima were.
pub fn forward(sums: Sums, bias: &[f32], images: usize, output: &mut Map, highest: &mut Highest) {
    let (grid, channels) = (output.grid, bias.len());
    let mut best = vec![0.0f32; channels];
    let mut places = vec![0u8; channels];
    for image in 0..images {
        for y in 0..grid.side {
            for x in 0..grid.side {
                let corner = image * sums.image + STEP * y * sums.line + STEP * x;
                for place in 0..WINDOW * WINDOW {
                    let row = corner + place / WINDOW * sums.line + place % WINDOW;
                    let values = &sums.values[row * channels..][..channels];
                    if place == 0 {
                        best.copy_from_slice(values);
                        places.fill(0);
                        continue;
                    }
                    let best = best.iter_mut().zip(&mut places);
                    for ((best, at), &value) in best.zip(values) {
                        let higher = value > *best;
                        *at = if higher { place as u8 } else { *at };
                        *best = if higher { value } else { *best };
                    }
                }
                let row = grid.row(image, y, x);
                let to = output.at_mut(row).iter_mut();
                for ((to, best), bias) in to.zip(&best).zip(bias) {
                    *to = round((best + bias).max(0.0));
                }
                highest[row * channels..][..channels].copy_from_slice(&places);
            }
        }
    }
}

/// The gradient of the sums, on their grid, from that of the pooled map; nothing goes through an
/// output of zero. `sums` is set anew.
pub fn backward(
    pooled: &Map,
    gradient: &[f32],
    highest: &Highest,
    images: usize,
    (sums, buffer): (&mut Map, &mut Vec<f32>),
) {
    let (grid, wide, channels) = (pooled.grid, sums.grid, pooled.channels);
    buffer.clear();
    buffer.resize(wide.rows(images) * channels, 0.0);
    for image in 0..images {
        for y in 0..grid.side {
            for x in 0..grid.side {
                let row = grid.row(image, y, x);
                let corner = wide.row(image, STEP * y, STEP * x);
                let of_row = row * channels..(row + 1) * channels;
                let activations = pooled.at(row);
                let (gradient, highest) = (&gradient[of_row.clone()], &highest[of_row]);
                for (c, ((&gradient, &place), &on)) in
                    gradient.iter().zip(highest).zip(activations).enumerate()
                {
                    if on != 0 {
                        let place = usize::from(place);
                        let row = corner + place / WINDOW * wide.stride() + place % WINDOW;
                        buffer[row * channels + c] += gradient;
                    }
                }
            }
        }
    }
    round_places(buffer, wide, images, sums);
}

/// Rounds the rows of `values` into the places of a map.
fn round_places(values: &[f32], grid: Grid, images: usize, into: &mut Map) {
    let channels = into.channels;
    for row in grid.all_rows(images) {
        let values = &values[row * channels..][..channels];
        let to = into.at_mut(row).iter_mut().zip(values);
        to.for_each(|(to, value)| *to = round(*value));
    }
}

/// The gradient of sums below a ReLU from that of its output; nothing goes through an output of
/// zero.
pub fn through_relu(output: &Map, gradient: &[f32], images: usize, sums: &mut Map) {
    let channels = output.channels;
    for row in output.grid.all_rows(images) {
        let gradient = &gradient[row * channels..][..channels];
        let to = sums.at_mut(row).iter_mut().zip(gradient);
        for ((to, gradient), on) in to.zip(output.at(row)) {
            *to = if value(*on) > 0.0 {
                round(*gradient)
            } else {
                0
            };
        }
    }
}
