//! Feature maps (the paper's Figures 10 and 11), of phantoms.

use super::sheet;
use crate::train::Result;

/// Width of a sheet, pixels.
const WIDTH: usize = 900;
/// Grey levels of a tile: as many as the eye tells apart, so that the picture stays small.
const LEVELS: u8 = 32;

/// What the engine computes by a convolution, after ReLU and normalisation and before pooling (see
/// [`Trunk::convolved_maps`](crate::engine::Trunk::convolved_maps)): one tile a filter, the largest
/// activation of each tile white.
///
/// # Errors
/// [`crate::train::TrainError::Data`] when the picture cannot be written.
pub fn draw(title: &str, side: usize, steps: &[u8]) -> Result<String> {
    let tiles: Vec<Vec<u8>> = steps.chunks_exact(side * side).map(tile).collect();
    sheet(title, &tiles, side, WIDTH)
}

fn tile(steps: &[u8]) -> Vec<u8> {
    let largest = steps.iter().copied().max().unwrap_or(0).max(1);
    let top = f32::from(LEVELS - 1);
    steps
        .iter()
        .map(|&s| {
            let level = (f32::from(s) / f32::from(largest) * top).round();
            (level / top * 255.0).round() as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn the_largest_activation_is_white_and_none_is_black() {
        assert_eq!(tile(&[0, 31, 62, 16]), [0, 132, 255, 66]);
        assert_eq!(tile(&[0; 3]), [0; 3]);
    }
}
