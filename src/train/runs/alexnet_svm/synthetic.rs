//! Synthetic haemorrhage in training slices without any, with the places where it lies.

use rayon::prelude::*;

use super::Session;
use crate::train::protocol::Image;
use crate::train::synthesis::{Intracranial, Series, Slices, Synthetic};

/// A slice with synthetic blood.
pub(super) struct SyntheticSlice {
    /// Grey levels of the network's input.
    pub grey: Vec<u8>,
    /// Squares that are mostly blood: left, top, right, bottom in fractions of the side.
    pub boxes: Vec<[f32; 4]>,
}

/// Pixels of the side of a square that is looked at for blood.
const SQUARE: usize = 8;
/// What part of a square is blood where it counts.
const MOSTLY: f32 = 0.4;

impl Session<'_> {
    /// Draws into those of the images that are unaltered and show no haemorrhage.
    pub(super) fn synthetic(&self, images: &[Image]) -> Vec<SyntheticSlice> {
        let (count, side) = (self.settings.synthetic, self.network.input_side);
        if count == 0 {
            return Vec::new();
        }
        let labels = self.dataset.labels();
        let plain = images.iter().filter(|i| i.variant == 0 && !labels[i.slice]);
        let normal: Vec<usize> = plain.map(|image| image.slice).collect();
        let mut spaces = vec![None; self.inputs.len()];
        let found: Vec<_> = normal
            .par_iter()
            .map(|&i| Intracranial::find(&self.inputs[i], side))
            .collect();
        for (&i, space) in normal.iter().zip(found) {
            spaces[i] = space;
        }
        let slices = Slices {
            inputs: &self.inputs,
            side,
            spaces: &spaces,
            labels: &labels,
        };
        let (series, seed) = (Series::new(slices, normal), self.settings.finetune.seed);
        let numbers = (0..series.length(count)).into_par_iter();
        let draw = |number| {
            let Synthetic { grey, blood, .. } = series.get(seed, number);
            let boxes = boxes(&blood, side);
            SyntheticSlice { grey, boxes }
        };
        numbers.map(draw).collect()
    }
}

/// The squares of a picture of blood that are mostly blood.
fn boxes(blood: &[f32], side: usize) -> Vec<[f32; 4]> {
    let corners = || (0..side / SQUARE).map(|i| i * SQUARE);
    let squares = corners().flat_map(|y| corners().map(move |x| (x, y)));
    let mostly = |&(x, y): &(usize, usize)| {
        let rows = (y..y + SQUARE).map(|row| &blood[row * side + x..][..SQUARE]);
        rows.flatten().sum::<f32>() > MOSTLY * (SQUARE * SQUARE) as f32
    };
    let fraction = |pixel: usize| pixel as f32 / side as f32;
    squares
        .filter(mostly)
        .map(|(x, y)| [x, y, x + SQUARE, y + SQUARE].map(fraction))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_that_are_mostly_blood_are_boxes() {
        // Blood in the columns 16 to 20 of 32: the third square of a row, by a bit more than half.
        let blood = |i: usize| f32::from(u8::from((16..21).contains(&(i % 32)) && i / 32 < 8));
        let blood: Vec<f32> = (0..32 * 32).map(blood).collect();
        assert_eq!(boxes(&blood, 32), [[0.5, 0.0, 0.75, 0.25]]);
        assert!(boxes(&vec![0.0; 32 * 32], 32).is_empty());
    }
}
